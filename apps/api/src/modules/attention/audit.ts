import { currentScope, type Tx } from '@forma3d/database';
import { newId, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';

export interface AuditEntry {
  storeId: string;
  /** What kind of thing was acted on: `order`, `print_job`, `product_mapping` … */
  entity: string;
  entityId: string;
  /** `status-changed`, `forced` … */
  action: string;
  /** Old and new values, the reason; no personal data, no secrets. */
  meta: Record<string, unknown>;
}

/** Who did what. Actor and correlation id are those of the present scope. */
@Injectable()
export class Audit {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** Writes entries in the transaction of what they tell of, in one statement. */
  async write(tx: Tx, ...entries: AuditEntry[]): Promise<void> {
    const { actor, correlationId } = currentScope();
    const rows = entries.map((entry) => ({ id: newId(), store_id: entry.storeId, entity: entry.entity, entity_id: entry.entityId, action: entry.action, meta: entry.meta }));
    await tx.sql`
      INSERT INTO audit_log (id, store_id, actor, entity, entity_id, action, meta, correlation_id, created_at)
      SELECT id, store_id, ${actor}, entity, entity_id, action, meta, ${correlationId}, ${this.clock.now()}::timestamptz
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS entry (id uuid, store_id uuid, entity text, entity_id text, action text, meta jsonb)`;
  }
}
