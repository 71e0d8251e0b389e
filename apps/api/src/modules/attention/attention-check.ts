import { Database, type Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, Logger, slotOf, type Config } from '@forma3d/platform';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { PerStore } from '../access';
import { Attention, type NewAttention } from './attention';
import { closeOthers, closeOvertaken, heldSince, stalledSince, type LateOrder } from './attention-check.repository';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
/** Nobody needs to know of a wait of days to the minute. */
const EVERY_MS = 5 * MINUTE_MS;

/**
 * What needs a person only for the time that it has lasted, looked for every few minutes, once among all processes: orders that are on
 * hold, and paid ones that make no progress. What has lost its cause meanwhile is closed.
 */
@Injectable()
@Handles('ATTENTION_CHECK')
export class AttentionCheck implements TaskHandler<'ATTENTION_CHECK'>, OnApplicationBootstrap {
  constructor(
    private readonly db: Database,
    private readonly attention: Attention,
    @Inject(PerStore) private readonly perStore: Pick<PerStore, 'enqueue'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'attentionAfterMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly logger: Pick<Logger, 'log' | 'error'>,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.check();
  }

  @Interval(MINUTE_MS)
  async tick(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.logger.error({ err: error }, 'what needs a person could not be looked for; the next minute tries again');
    }
  }

  /** Enqueues a look at each store, unless that was done for these minutes. */
  async check(): Promise<void> {
    await this.perStore.enqueue('attention-check', slotOf(this.clock.now(), EVERY_MS), (store) => ({
      type: 'ATTENTION_CHECK',
      storeId: store.id,
      payload: {},
      dedupeKey: store.id,
    }));
  }

  async handle(task: Task<'ATTENTION_CHECK'>): Promise<Outcome> {
    const { storeId } = task;
    const now = this.clock.now();
    const { onHold, noProgress } = this.config.attentionAfterMs;
    const { opened, closed } = await this.db.transaction('attention.check', async (tx) => {
      const overtaken = await closeOvertaken(tx, storeId, now);
      const held = await heldSince(tx, storeId, ago(now, onHold));
      const onHoldNow = await this.be(tx, storeId, 'order-on-hold', held, (name) => `Order ${name} has been on hold or scheduled in Shopify for ${hours(onHold)}. Release it there, or cancel it.`);
      const stalled = await stalledSince(tx, storeId, ago(now, noProgress));
      const stalledNow = await this.be(tx, storeId, 'order-stalled', stalled, (name, state) => `Order ${name} is paid and has made no progress for ${hours(noProgress)}: ${state}`);
      return { opened: onHoldNow.opened + stalledNow.opened, closed: overtaken + onHoldNow.closed + stalledNow.closed };
    });
    if (opened + closed > 0) this.logger.log({ store_id: storeId, opened, closed }, 'looked for what needs a person');
    return done;
  }

  /** Has items of a kind be open about these orders, and no others. */
  private async be(
    tx: Tx,
    storeId: string,
    kind: 'order-on-hold' | 'order-stalled',
    orders: readonly LateOrder[],
    words: (name: string, state: string) => string,
  ): Promise<{ opened: number; closed: number }> {
    const closed = await closeOthers(tx, storeId, kind, orders.map((order) => order.order_id), this.clock.now());
    const items = orders.map((order): NewAttention => ({
      storeId,
      kind,
      subjectId: order.order_id,
      orderId: order.order_id,
      message: words(order.name, stateOf(order)),
      details: { since: order.since.toISOString(), production_status: order.production_status },
    }));
    return { closed, opened: await this.attention.openMany(tx, items) };
  }
}

const ago = (now: Date, ms: number): Date => new Date(now.getTime() - ms);

function hours(ms: number): string {
  const n = ms / HOUR_MS;
  return n === 1 ? 'an hour' : `${String(n)} hours`;
}

function stateOf({ production_status: status }: LateOrder): string {
  if (status === 'COMPLETED') return 'everything is made, and nothing is fulfilled.';
  return status === 'PENDING' ? 'nothing has been sent to the printers.' : 'its prints do not end.';
}
