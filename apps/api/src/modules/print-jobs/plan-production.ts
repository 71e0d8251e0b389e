import { Database, type Tx } from '@forma3d/database';
import { DomainError, newId, type Clock } from '@forma3d/kernel';
import { CLOCK, Handles } from '@forma3d/platform';
import type { FulfillmentWork, ShopifyClient, ShopifyOrder } from '@forma3d/shopify';
import { done, EventLog, giveUp, snooze, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Stores, type Store } from '../access';
import { Attention } from '../attention';
import { Connections } from '../connections';
import { isPartlyUnrouted, Orders, RecordShopifyOrder, wantedUnits, type LineRow, type OrderRow, type WantedUnits } from '../orders';
import { Recipes, type Recipe } from '../product-mappings';
import { CancelProduction } from './cancel-production';
import { PrintJobsRepository } from './print-jobs.repository';
import { PrintMoves } from './print-moves';
import { productionDiff, type PlannedLine } from './production-diff';
import { QueueItemsRepository } from './queue-items.repository';
import { reasonUnmapped, whatIsUnmapped } from './what-is-unmapped';
import { Withdrawals } from './withdrawals';

/** How often an order whose routing, hold or schedule is awaited is looked at when no webhook wakes it. */
const ROUTING_SOON_MS = 2_000;
const ROUTING_LATER_MS = 60_000;
const HOLD_MS = 600_000;
const ROUTING_IS_SLOW_MS = 60_000;

/** One row each, in one transaction: beyond lies a mistake in a quantity or a mapping, which would end the process. */
const MOST_PRINTS = 20_000;

/**
 * What came of a plan. `unrouted` is also what was planned as far as Shopify has routed it. Of these nothing was planned:
 * - `overtaken`: what was read is older than what is known by now.
 * - `incomplete`: what was read tells of a change of the order that is not known here; the whole order must be read.
 */
type Planned = 'unrouted' | 'held' | 'planned' | 'overtaken' | 'incomplete';

/** What a plan goes by of what Shopify says. */
type Seen = Pick<FulfillmentWork, 'updatedAt' | 'cancelledAt' | 'fulfillmentOrders' | 'currentQuantities'>;

/**
 * Decides which prints an order wants now: reads its fulfillment orders from Shopify, and makes, keeps or withdraws prints by
 * comparing what is there with what should be. Runs on every change of the order; a run that finds nothing to change changes
 * nothing.
 */
@Injectable()
@Handles('PRODUCTION_PLAN')
export class PlanProduction implements TaskHandler<'PRODUCTION_PLAN'> {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly recordOrder: RecordShopifyOrder,
    @Inject(Recipes) private readonly recipes: Pick<Recipes, 'of'>,
    private readonly prints: PrintJobsRepository,
    private readonly items: QueueItemsRepository,
    private readonly moves: PrintMoves,
    private readonly withdrawals: Withdrawals,
    private readonly cancelProduction: CancelProduction,
    @Inject(Stores) private readonly stores: Pick<Stores, 'get'>,
    @Inject(Connections) private readonly connections: { shopify(storeId: string): Promise<Pick<ShopifyClient, 'getFulfillmentWork' | 'getOrder'>> },
    private readonly attention: Attention,
    private readonly events: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async handle(task: Task<'PRODUCTION_PLAN'>, signal: AbortSignal): Promise<Outcome> {
    try {
      return await this.planOf(task, signal);
    } catch (error) {
      // A person has to look at it: it will not become less by trying again.
      if (error instanceof DomainError && error.code === 'too-many-prints') return giveUp(error.message);
      throw error;
    }
  }

  private async planOf(task: Task<'PRODUCTION_PLAN'>, signal: AbortSignal): Promise<Outcome> {
    const store = await this.stores.get(task.storeId);
    const order = await this.orders.find(task.storeId, task.payload.order_id);
    if (!order || order.shopifyId === null) return done;
    if (order.cancelledAt !== null) {
      await this.db.transaction('print-jobs.withdraw-all', async (tx) => {
        const locked = await this.orders.lock(tx, order.id);
        if (locked) await this.cancelProduction.of(tx, locked);
      });
      return done;
    }
    if (store.policies.produce_on === 'paid' && order.paidAt === null) return done;
    const shopify = await this.connections.shopify(task.storeId);
    const seen = await shopify.getFulfillmentWork(order.shopifyId, signal);
    if (!seen) return giveUp(`Shopify has no order ${order.name} any more`);
    const plan = await this.db.transaction('print-jobs.plan', (tx) => this.plan(tx, store, order, seen));
    if (plan !== 'incomplete') return this.waitFor(plan, order, seen);

    // Every reading is paid for from a budget that all orders share, so that the whole order is read only now.
    const whole = await shopify.getOrder(order.shopifyId, signal);
    if (!whole) return giveUp(`Shopify has no order ${order.name} any more`);
    const again = await this.db.transaction('print-jobs.plan-whole', async (tx) => {
      await this.recordOrder.recordIn(tx, store.id, whole);
      return this.plan(tx, store, order, seenIn(whole));
    });
    return this.waitFor(again, order, seenIn(whole));
  }

  private waitFor(plan: Planned, order: OrderRow, seen: Seen): Outcome {
    if (plan === 'planned') return done;
    if (plan === 'overtaken') return snooze('something newer came while the order was read', 0);
    if (plan === 'incomplete') return snooze('Shopify does not tell the same of the order twice', ROUTING_SOON_MS);
    const at = this.clock.now().getTime();
    if (plan === 'unrouted') {
      const slow = at - order.placedAt.getTime() > ROUTING_IS_SLOW_MS;
      return snooze('Shopify has not routed the order to a location yet', slow ? ROUTING_LATER_MS : ROUTING_SOON_MS);
    }
    const starts = seen.fulfillmentOrders.flatMap((each) => (each.fulfillAt === null ? [] : [each.fulfillAt.getTime()]));
    const untilStart = Math.min(...starts.filter((start) => start > at).map((start) => start - at));
    return snooze('lines of the order are on hold or scheduled', Math.min(untilStart, HOLD_MS));
  }

  /** @param before the order as it was before it was read from Shopify */
  private async plan(tx: Tx, store: Store, before: OrderRow, seen: Seen): Promise<Planned> {
    const orderId = before.id;
    const known = await this.orders.lock(tx, orderId);
    if (!known || known.cancelledAt !== null) return 'planned'; // the cancellation has a plan of its own
    const older = known.shopifyUpdatedAt !== null && seen.updatedAt < known.shopifyUpdatedAt;
    // Prints made from what was true a moment ago are on a printer before the next plan takes them back.
    if (older && known.shopifyUpdatedAt?.getTime() !== before.shopifyUpdatedAt?.getTime()) return 'overtaken';
    const lines = await this.orders.lines(tx, orderId);
    if (!older && tellsMore(seen, lines)) return 'incomplete';
    const order = await this.recordOrder.recordRouting(tx, known, seen);
    const units = this.unitsOf(store, { ...seen, test: order.test }, lines);
    if (!units) return 'unrouted';
    const recipes = await this.recipesOf(tx, order, lines, units);
    const fulfilled = fulfilledLines(seen, lines);
    const unmapped = lines.filter(
      (line) => (units.get(line.id)?.wanted ?? 0) > 0 && !recipes.has(line.id) && !fulfilled.has(line.id),
    );
    await this.orders.planLines(
      tx,
      orderId,
      lines.map((line) => ({
        lineItemId: line.id,
        ...(units.get(line.id) ?? { wanted: 0, held: 0, fulfilledBefore: 0, exclusion: 'no_units' }),
        unmappedReason: unmapped.includes(line) ? reasonUnmapped(line) : null,
      })),
    );
    const planned = lines.flatMap((line): PlannedLine[] => {
      const recipe = recipes.get(line.id);
      const { wanted, held } = units.get(line.id) ?? { wanted: 0, held: 0 };
      return recipe ? [{ lineItemId: line.id, wanted, held, fulfilled: fulfilled.has(line.id), recipe }] : [];
    });
    const diff = productionDiff(planned, await this.prints.slots(tx, orderId));
    const added = diff.add.reduce((sum, { amount }) => sum + amount, 0);
    if (added > MOST_PRINTS) {
      throw new DomainError('too-many-prints', `Order ${order.name} wants ${added} prints at once; more than ${MOST_PRINTS} are taken for a mistake in a quantity or a mapping`);
    }
    // An order with an unmapped line waits whole; what it has already stays.
    if (unmapped.length === 0) await this.add(tx, order, recipes, diff.add);
    await this.withdrawals.withdraw(tx, order, diff.withdraw, 'the order wants fewer of it than before');
    await this.tellUnmapped(tx, order, unmapped);
    await this.moves.recount(tx, { id: orderId, printsWanted: diff.printsWanted, linesUnmapped: unmapped.length });
    // Such an order is never ready, which would bring the rest.
    if (leftByOthers(units)) await this.orders.takeOverFulfilled(tx, order);
    if (this.awaitsRouting(seen, lines, units)) return 'unrouted';
    return planned.some((line) => line.held > 0) ? 'held' : 'planned';
  }

  /** Whether an edit of just now added units that Shopify is about to route; what stays without a fulfillment order for longer is not awaited. */
  private awaitsRouting(seen: Seen, lines: readonly LineRow[], units: ReadonlyMap<string, WantedUnits>): boolean {
    if (this.clock.now().getTime() - seen.updatedAt.getTime() > ROUTING_IS_SLOW_MS) return false;
    return lines.some((line) => {
      const wanted = units.get(line.id);
      return line.shopifyId !== null && wanted !== undefined && isPartlyUnrouted(seen, { ...line, id: line.shopifyId }, wanted);
    });
  }

  /** The units to make of each line; undefined while Shopify has not routed the order. */
  private unitsOf(
    store: Store,
    now: Pick<ShopifyOrder, 'test' | 'fulfillmentOrders'>,
    lines: readonly LineRow[],
  ): Map<string, WantedUnits> | undefined {
    const units = new Map<string, WantedUnits>();
    for (const line of lines) {
      if (line.shopifyId === null) continue;
      const wanted = wantedUnits(now, { ...line, id: line.shopifyId }, {
        fulfilledBefore: line.fulfilledBefore,
        printOnHold: store.policies.print_on_hold,
        produceTestOrders: store.policies.produce_test_orders,
      });
      if (!wanted) {
        // Nothing left of a line that was never routed needs no routing.
        if (line.currentQuantity > 0) return undefined;
        continue;
      }
      units.set(line.id, wanted);
    }
    return units;
  }

  /** How each wanted line is made: as frozen when it was first planned, else by the mappings of now. */
  private async recipesOf(
    tx: Tx,
    order: OrderRow,
    lines: readonly LineRow[],
    units: ReadonlyMap<string, WantedUnits>,
  ): Promise<Map<string, Recipe>> {
    const frozen = await this.prints.recipes(tx, order.id);
    const open = lines.filter((line) => !frozen.has(line.id) && (units.get(line.id)?.wanted ?? 0) > 0);
    return new Map([...frozen, ...(await this.recipes.of(tx, order.storeId, open))]);
  }

  private async add(
    tx: Tx,
    order: OrderRow,
    recipes: ReadonlyMap<string, Recipe>,
    additions: readonly { lineItemId: string; part: Recipe['parts'][number]; amount: number }[],
  ): Promise<void> {
    const now = this.clock.now();
    await this.prints.freezeRecipes(tx, order, recipes, now);
    for (const { lineItemId, part, amount } of additions) {
      const about = { storeId: order.storeId, orderId: order.id, lineItemId };
      const queueItemId = await this.items.insert(tx, { ...about, part, amount }, now);
      await this.prints.insert(
        tx,
        Array.from({ length: amount }, () => ({ ...about, id: newId(), queueItemId })),
        now,
      );
      await this.events.enqueue(tx, {
        type: 'PRINT_JOB_CREATION',
        storeId: order.storeId,
        orderId: order.id,
        payload: { queue_item_id: queueItemId },
        dedupeKey: queueItemId,
      });
    }
  }

  private async tellUnmapped(tx: Tx, order: OrderRow, unmapped: readonly LineRow[]): Promise<void> {
    const subject = { storeId: order.storeId, kind: 'unmapped-lines', subjectId: order.id } as const;
    if (unmapped.length === 0) {
      await this.attention.close(tx, subject);
      return;
    }
    await this.attention.open(tx, { ...subject, orderId: order.id, ...whatIsUnmapped(order.name, unmapped) });
    // A mapping that was saved since the recipes were read has released what it saw: not this order, whose lines only now are known to wait.
    await this.events.enqueue(tx, { type: 'MAPPING_RELEASE', storeId: order.storeId, payload: {}, dedupeKey: order.storeId });
  }
}

/** What a plan goes by, in an order that was read whole and recorded. */
function seenIn(whole: ShopifyOrder): Seen {
  const currentQuantities = new Map(whole.lineItems.map((line) => [line.id, line.currentQuantity]));
  return { ...whole, fulfillmentOrders: whole.fulfillmentOrders ?? [], currentQuantities };
}

/** Whether it tells of a cancellation, a line or a quantity that is not known here: a webhook got lost or is late. */
function tellsMore(seen: Seen, lines: readonly LineRow[]): boolean {
  const known = new Map(lines.map((line) => [line.shopifyId, line.currentQuantity]));
  return seen.cancelledAt !== null || [...seen.currentQuantities].some(([id, quantity]) => known.get(id) !== quantity);
}

/** Somebody was faster than our first look: what would have been ours is fulfilled, and nothing is left to make. */
function leftByOthers(units: ReadonlyMap<string, WantedUnits>): boolean {
  const all = [...units.values()];
  return all.every((line) => line.wanted === 0) && all.some((line) => line.exclusion === 'already_fulfilled');
}

/** Lines of which nothing is left to fulfill: somebody was faster than the printers, or forced it. */
function fulfilledLines(seen: Seen, lines: readonly LineRow[]): Set<string> {
  const open = new Set(
    seen.fulfillmentOrders.flatMap((each) => each.lines.filter((line) => line.remainingQuantity > 0).map((line) => line.lineItemId)),
  );
  return new Set(lines.filter((line) => line.shopifyId !== null && !open.has(line.shopifyId)).map((line) => line.id));
}
