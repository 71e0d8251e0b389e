import type { NewProductMapping, ProductMapping, ProductMappingChange } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { ProductMappingsRepository } from './product-mappings.repository';

/** Saving a mapping tells of it, and the orders that waited for it go on (`product-mapping.saved` → MAPPING_RELEASE). */
@Injectable()
export class SaveMapping {
  constructor(
    private readonly db: Database,
    private readonly repository: ProductMappingsRepository,
    private readonly events: EventLog,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  create(storeId: string, mapping: NewProductMapping): Promise<ProductMapping> {
    return this.db.transaction('product-mappings.create', async (tx) => {
      const saved = await this.repository.create(tx, storeId, mapping, this.clock.now());
      await this.tell(tx, storeId, saved, 'created');
      return saved;
    });
  }

  change(storeId: string, id: string, change: ProductMappingChange): Promise<ProductMapping> {
    return this.db.transaction('product-mappings.change', async (tx) => {
      const before = await this.repository.lock(tx, storeId, id);
      const after: ProductMapping = {
        ...before,
        title: change.title === undefined ? before.title : change.title,
        kind: change.kind ?? before.kind,
        // A mapping that becomes `none` gives up its parts; any other change of kind must bring them.
        parts: change.kind === 'none' ? [] : (change.parts ?? before.parts),
      };
      const partsGivenForNone = after.kind === 'none' && (change.parts ?? []).length > 0;
      if (partsGivenForNone || (after.kind === 'none') !== (after.parts.length === 0)) {
        throw new DomainError('invalid', 'The input is not valid.', {
          errors: [{ path: 'parts', message: 'a mapping of kind parts has at least one part, one of kind none has none' }],
        });
      }
      const saved = await this.repository.replace(tx, after, this.clock.now());
      await this.tell(tx, storeId, saved, 'changed');
      return saved;
    });
  }

  delete(storeId: string, id: string): Promise<void> {
    return this.db.transaction('product-mappings.delete', async (tx) => {
      if (!(await this.repository.delete(tx, storeId, id))) {
        throw new DomainError('product-mapping-not-found', 'There is no such product mapping.');
      }
      await this.audit.write(tx, { storeId, entity: 'product_mapping', entityId: id, action: 'deleted', meta: {} });
    });
  }

  private async tell(tx: Tx, storeId: string, mapping: ProductMapping, action: string): Promise<void> {
    await this.events.publish(tx, {
      type: 'product-mapping.saved',
      storeId,
      aggregateId: mapping.id,
      payload: { product_mapping_id: mapping.id, sku: mapping.sku, variant_id: mapping.variant_id },
    });
    await this.audit.write(tx, {
      storeId,
      entity: 'product_mapping',
      entityId: mapping.id,
      action,
      meta: { sku: mapping.sku, variant_id: mapping.variant_id, kind: mapping.kind, parts: mapping.parts.length },
    });
  }
}
