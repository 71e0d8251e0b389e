import { Database } from '@forma3d/database';
import { Handles } from '@forma3d/platform';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Injectable } from '@nestjs/common';
import { UnmappedLines } from '../orders';
import { Recipes } from '../product-mappings';

/** A saved mapping releases every order that waited for it: each is planned again. */
@Injectable()
@Handles('MAPPING_RELEASE')
export class ReleaseMapped implements TaskHandler<'MAPPING_RELEASE'> {
  constructor(
    private readonly db: Database,
    private readonly recipes: Recipes,
    private readonly unmappedLines: UnmappedLines,
    private readonly events: EventLog,
  ) {}

  async handle(task: Task<'MAPPING_RELEASE'>): Promise<Outcome> {
    await this.db.transaction('print-jobs.release-mapped', async (tx) => {
      const key = await this.recipes.key(tx, task.payload.product_mapping_id);
      if (!key) return; // deleted meanwhile
      const orderIds = await this.unmappedLines.unmappedOrders(tx, task.storeId, key);
      await this.events.enqueue(
        tx,
        ...orderIds.map((orderId) => ({
          type: 'PRODUCTION_PLAN' as const,
          storeId: task.storeId,
          orderId,
          payload: { order_id: orderId },
          dedupeKey: orderId,
        })),
      );
    });
    return done;
  }
}
