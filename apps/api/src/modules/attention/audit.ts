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

  /** Writes the entry in the transaction of what it tells of. */
  async write(tx: Tx, entry: AuditEntry): Promise<void> {
    const { actor, correlationId } = currentScope();
    await tx.sql`
      INSERT INTO audit_log (id, store_id, actor, entity, entity_id, action, meta, correlation_id, created_at)
      VALUES (${newId()}, ${entry.storeId}, ${actor}, ${entry.entity}, ${entry.entityId}, ${entry.action},
              ${JSON.stringify(entry.meta)}::jsonb, ${correlationId}, ${this.clock.now()})`;
  }
}
