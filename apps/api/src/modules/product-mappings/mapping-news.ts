import type { NewProductMapping } from '@forma3d/contracts';
import type { Tx } from '@forma3d/database';
import { EventLog } from '@forma3d/tasks';
import { Injectable } from '@nestjs/common';
import { Audit } from '../attention';

/** Tells of saved mappings, in their transaction: the orders that waited for them go on (`product-mapping.saved` → MAPPING_RELEASE). */
@Injectable()
export class MappingNews {
  constructor(
    private readonly events: EventLog,
    private readonly audit: Audit,
  ) {}

  /** @param more what else the audit should know of how they were saved */
  async tell(tx: Tx, storeId: string, action: 'created' | 'changed', saved: readonly (NewProductMapping & { id: string })[], more: Record<string, unknown> = {}): Promise<void> {
    if (saved.length === 0) return;
    await this.audit.write(
      tx,
      ...saved.map((mapping) => ({
        storeId,
        entity: 'product_mapping',
        entityId: mapping.id,
        action,
        meta: { sku: mapping.sku, variant_id: mapping.variant_id, kind: mapping.kind, parts: mapping.parts.length, ...more },
      })),
    );
    // Last: whoever asks for the same release waits from here to the commit.
    await this.events.publish(
      tx,
      ...saved.map((mapping) => ({
        type: 'product-mapping.saved' as const,
        storeId,
        aggregateId: mapping.id,
        payload: { product_mapping_id: mapping.id, sku: mapping.sku, variant_id: mapping.variant_id },
      })),
    );
  }
}
