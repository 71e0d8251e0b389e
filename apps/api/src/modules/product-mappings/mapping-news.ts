import type { NewProductMapping } from '@forma3d/contracts';
import type { Tx } from '@forma3d/database';
import { EventLog } from '@forma3d/tasks';
import { Injectable } from '@nestjs/common';
import { Audit, type AuditEntry } from '../attention';

type Mapping = NewProductMapping & { id: string };

/** What became of a mapping: `before` is null of one that is new, `after` of one that is deleted. */
type MappingChange = { before: Mapping | null; after: Mapping } | { before: Mapping; after: null };
type SavedMapping = Extract<MappingChange, { after: Mapping }>;

/** Tells of changed mappings, in their transaction: the orders that waited for them go on (`product-mapping.saved` → MAPPING_RELEASE). */
@Injectable()
export class MappingNews {
  constructor(
    private readonly events: EventLog,
    private readonly audit: Audit,
  ) {}

  /** @param more what else the audit should know of how they were saved */
  async saved(tx: Tx, storeId: string, changes: readonly SavedMapping[], more: Record<string, unknown> = {}): Promise<void> {
    if (changes.length === 0) return;
    await this.audit.write(tx, ...changes.map((change) => entryOf(storeId, change, more)));
    // Last: whoever asks for the same release waits from here to the commit.
    await this.events.publish(
      tx,
      ...changes.map(({ after }) => ({
        type: 'product-mapping.saved' as const,
        storeId,
        aggregateId: after.id,
        payload: { product_mapping_id: after.id, sku: after.sku, variant_id: after.variant_id },
      })),
    );
  }

  /** Nobody waits for a mapping to go: it is in the audit alone. */
  async deleted(tx: Tx, storeId: string, before: Mapping): Promise<void> {
    await this.audit.write(tx, entryOf(storeId, { before, after: null }));
  }
}

/** With all that was said before and is now, so that a file that was swapped, or a mapping that is gone, can still be told. */
function entryOf(storeId: string, change: MappingChange, more: Record<string, unknown> = {}): AuditEntry {
  const { id, sku, variant_id } = change.after ?? change.before;
  return {
    storeId,
    entity: 'product_mapping',
    entityId: id,
    action: change.after === null ? 'deleted' : change.before === null ? 'created' : 'changed',
    meta: { sku, variant_id, old: contentOf(change.before), new: contentOf(change.after), ...more },
  };
}

const contentOf = (mapping: Mapping | null): Pick<Mapping, 'title' | 'kind' | 'parts'> | null =>
  mapping === null ? null : { title: mapping.title, kind: mapping.kind, parts: mapping.parts };
