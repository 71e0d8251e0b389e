import { Database, type Tx } from '@forma3d/database';
import { Handles } from '@forma3d/platform';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { UnmappedLines } from '../orders';
import { Recipes } from '../product-mappings';

/** Lines that are looked at in one transaction. */
const PAGE = 500;

/**
 * Saved mappings release every order that waited for them: each is planned again. Looks at all unmapped lines of the store, so that a
 * file of thousands of mappings asks for it once.
 */
@Injectable()
@Handles('MAPPING_RELEASE')
export class ReleaseMapped implements TaskHandler<'MAPPING_RELEASE'> {
  constructor(
    private readonly db: Database,
    @Inject(Recipes) private readonly recipes: Pick<Recipes, 'of'>,
    private readonly unmappedLines: UnmappedLines,
    private readonly events: EventLog,
  ) {}

  async handle({ storeId }: Task<'MAPPING_RELEASE'>, signal: AbortSignal): Promise<Outcome> {
    let last: string | undefined;
    do {
      signal.throwIfAborted();
      last = await this.db.transaction('print-jobs.release-mapped', (tx) => this.releasePage(tx, storeId, last));
    } while (last !== undefined);
    return done;
  }

  /** @returns where the next page begins */
  private async releasePage(tx: Tx, storeId: string, after: string | undefined): Promise<string | undefined> {
    const lines = await this.unmappedLines.waiting(tx, storeId, PAGE, after);
    const recipes = await this.recipes.of(tx, storeId, lines);
    const orderIds = new Set(lines.filter((line) => recipes.has(line.id)).map((line) => line.orderId));
    await this.events.enqueue(
      tx,
      ...[...orderIds].map((orderId) => ({ type: 'PRODUCTION_PLAN' as const, storeId, orderId, payload: { order_id: orderId }, dedupeKey: orderId })),
    );
    return lines.length < PAGE ? undefined : lines.at(-1)?.id;
  }
}
