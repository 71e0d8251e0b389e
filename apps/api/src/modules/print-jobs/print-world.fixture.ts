import { storePolicies, TASKS, type TaskPayload, type TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import type { SimplyPrintClient } from '@forma3d/simplyprint';
import { EventLog, type Outcome, type Task } from '@forma3d/tasks';
import type { FulfillmentWork, ShopifyOrder } from '@forma3d/shopify';
import { anOrder, FakeClock } from '@forma3d/testing';
import { z } from 'zod';
import { Attention, Audit } from '../attention';
import { Inbox } from '../inbox';
import { Mirror } from '../mirror';
import { Orders, RecordShopifyOrder, UnmappedLines } from '../orders';
import { AddQueueItem } from './add-queue-item';
import { CancelProduction } from './cancel-production';
import { FarmReadings } from './farm-readings';
import { MarkerField } from './marker-field';
import { OperatorActions } from './operator-actions';
import { PrintJobsRepository } from './print-jobs.repository';
import { PlanProduction } from './plan-production';
import { PrintMoves } from './print-moves';
import { PrintReports } from './print-reports';
import { PrintReview } from './print-review';
import { QueueItemsRepository } from './queue-items.repository';
import { ReleaseMapped } from './release-mapped';
import { SimplyPrintWebhook } from './simplyprint-webhook';
import { StopPrint } from './stop-print';
import { StopRequests } from './stop-requests';
import { SweepPrints } from './sweep-prints';
import { TrimQueueItem } from './trim-queue-item';
import { Withdrawals } from './withdrawals';

const POT = { name: 'pot', file_id: 'c'.repeat(32), file_name: null, copies_per_unit: 1, pieces_per_print: 1, material: null, printer_group: null, tags: [] };

const unexpected = (): Promise<never> => Promise.reject(new Error('this call was not expected'));

/** A SimplyPrint whose calls do what a test says, and of which no other may be made. */
export function aFarm(does: Partial<SimplyPrintClient>): SimplyPrintClient {
  return {
    test: unexpected,
    listGroups: unexpected,
    ensureMarkerField: () => Promise.resolve(true),
    addItem: unexpected,
    listQueue: unexpected,
    deleteItem: unexpected,
    updateItem: unexpected,
    reviveItem: unexpected,
    listPrinters: unexpected,
    listJobs: unexpected,
    getJob: unexpected,
    cancelPrinterJob: unexpected,
    findFiles: unexpected,
    ensureWebhook: unexpected,
    ...does,
  };
}

/** What the smaller reading tells of an order: its fulfillment orders, and what is left of the lines in them. */
function workOf(order: ShopifyOrder): FulfillmentWork {
  const fulfillmentOrders = order.fulfillmentOrders ?? [];
  const routed = new Set(fulfillmentOrders.flatMap((each) => each.lines.map((line) => line.lineItemId)));
  const currentQuantities = new Map(order.lineItems.filter(({ id }) => routed.has(id)).map((line) => [line.id, line.currentQuantity]));
  return { ...order, fulfillments: order.fulfillments ?? [], fulfillmentOrders, currentQuantities };
}

/** Recipes by which every line is one pot a unit, or none is mapped. */
const potsWhere = (isMapped: () => boolean | Promise<boolean>): ConstructorParameters<typeof PlanProduction>[3] => ({
  of: async (_tx, _storeId, lines) =>
    new Map((await isMapped()) ? lines.map((line) => [line.id, { mappingId: newId(), kind: 'parts' as const, parts: [POT] }]) : []),
});

/** The use cases around prints over a real database, built by hand, for tests. */
export function printWorld(url: string) {
  const db = new Database({ url, max: 10 });
  const clock = new FakeClock();
  const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
  const attention = new Attention(db, events, clock);
  const orders = new Orders(db, events, new Audit(clock), clock);
  const record = new RecordShopifyOrder(db, events, new Mirror(clock), orders, clock);
  const prints = new PrintJobsRepository(db);
  const items = new QueueItemsRepository(db);
  const review = new PrintReview(events, attention, clock);
  const stops = new StopRequests(events);
  const moves = new PrintMoves(prints, items, orders, events, attention, review, clock);
  const reports = new PrintReports(db, prints, items, moves, review, stops, orders);
  const withdrawals = new Withdrawals(events, attention, review, stops, clock);
  const cancelProduction = new CancelProduction(prints, moves, withdrawals, attention, stops);

  async function store(): Promise<string> {
    const id = newId();
    await db.sql`
      INSERT INTO store (id, handle, name, shopify_domain, time_zone, currency, policies, produce_orders_from, updated_at)
      VALUES (${id}, ${id}, 'Test shop', ${`${id}.myshopify.com`}, 'Europe/Brussels', 'EUR', '{}', '2026-11-01T00:00:00Z', now())`;
    return id;
  }

  return {
    db,
    clock,
    orders,
    record,
    prints,
    items,
    store,
    /** A runner of PRODUCTION_PLAN for a Shopify that answers so; every line is one pot a unit, unless `isMapped` says that it is unmapped. */
    planner(getOrder: () => Promise<ShopifyOrder | null>, isMapped: () => boolean | Promise<boolean> = () => true): PlanProduction {
      const about = { handle: 'test', name: 'Test shop', shopifyDomain: null, timeZone: 'Europe/Brussels', currency: 'EUR' };
      const stores = {
        get: (id: string) => Promise.resolve({ ...about, id, policies: storePolicies.parse({}), produceOrdersFrom: new Date(0), uninstalledAt: null, reinstalledAt: null }),
      };
      const recipes = potsWhere(isMapped);
      const getFulfillmentWork = async () => {
        const order = await getOrder();
        return order === null ? null : workOf(order);
      };
      const connections = { shopify: () => Promise.resolve({ getOrder, getFulfillmentWork }) };
      return new PlanProduction(db, orders, record, recipes, prints, items, moves, withdrawals, cancelProduction, stores, connections, attention, events, clock);
    },
    /** A runner of MAPPING_RELEASE. */
    releaser(isMapped: () => boolean): ReleaseMapped {
      return new ReleaseMapped(db, potsWhere(isMapped), new UnmappedLines(db), events);
    },
    /** A runner of PRINT_JOB_CREATION that talks to this farm. */
    adder(farm: SimplyPrintClient, config = { outsideTimeoutMs: 1_000, outsideTurnMs: 8_000, settleMs: 2_000 }): AddQueueItem {
      const connections = { simplyprint: () => Promise.resolve(farm) };
      return new AddQueueItem(db, items, prints, moves, new MarkerField(clock), new FarmReadings(clock), orders, connections, events, attention, withdrawals, clock, config);
    },
    /** Works off a delivered webhook about this job. */
    async told(storeId: string, event: string, jobId: string): Promise<Outcome> {
      const body = Buffer.from(JSON.stringify({ webhook_id: 1, event, timestamp: 1_795_000_000, data: { job: { id: Number(jobId), uid: `u-${jobId}` } } }));
      const inbox = new Inbox(db, events, clock);
      const facts = { eventId: null, apiVersion: null, triggeredAt: null, correlationId: 'sp-test' };
      await inbox.store({ storeId, source: 'simplyprint', topic: event, dedupeKey: `${event} ${jobId}`, body, ...facts });
      const row = await db.sql.one(z.object({ id: z.string() }))`SELECT id FROM webhook_delivery WHERE store_id = ${storeId} ORDER BY id DESC LIMIT 1`;
      return new SimplyPrintWebhook(db, inbox, reports, prints, events, clock).handle(this.task('SIMPLYPRINT_WEBHOOK', storeId, { delivery_id: row.id }));
    },
    /** How many sweeps of a store are asked for. */
    async sweepsAsked(storeId: string): Promise<number> {
      const rows = await db.sql.rows(z.unknown())`SELECT 1 FROM retry_queue WHERE store_id = ${storeId} AND type = 'PRINT_JOB_SWEEP'`;
      return rows.length;
    },
    sweeper(farm: SimplyPrintClient): SweepPrints {
      return new SweepPrints(db, prints, items, reports, moves, orders, { simplyprint: () => Promise.resolve(farm) }, clock);
    },
    trimmer(farm: SimplyPrintClient): TrimQueueItem {
      return new TrimQueueItem(db, items, prints, moves, orders, this.sweeper(farm), { simplyprint: () => Promise.resolve(farm) });
    },
    stopper(farm: SimplyPrintClient): StopPrint {
      return new StopPrint(db, prints, reports, this.sweeper(farm), { simplyprint: () => Promise.resolve(farm) });
    },
    operator: new OperatorActions(db, prints, moves, withdrawals, orders, new Audit(clock), review, stops, clock),
    cancelProduction,
    review,
    /** Asks prints of an item back: the first so many, or all. */
    askBack(queueItemId: string, amount?: number): Promise<void> {
      return db.transaction('test.ask-back', async (tx) => {
        await withdrawals.askBack(tx, (await prints.ofQueueItem(tx, queueItemId)).slice(0, amount).map((print) => print.id));
      });
    },
    task<T extends TaskType>(type: T, storeId: string, payload: TaskPayload<T>): Task<T> {
      const { maxAttempts } = TASKS[type];
      return { id: newId(), type, storeId, payload, orderId: null, eventId: null, attempt: 1, failures: 0, replays: 0, maxAttempts, correlationId: null };
    },
    /** An order whose first line wants `amount` prints, none of them sent yet. */
    async queueItem(amount = 1): Promise<{ storeId: string; orderId: string; id: string }> {
      const storeId = await store();
      const { orderId } = await record.record(storeId, anOrder());
      if (orderId === null) throw new Error('the order was not recorded');
      const [line] = await orders.lines(db, orderId);
      if (!line) throw new Error('the order has no line');
      const id = await db.transaction('test.plan', async (tx) => {
        const about = { storeId, orderId, lineItemId: line.id };
        const queueItemId = await items.insert(tx, { ...about, part: POT, amount }, clock.now());
        const rows = Array.from({ length: amount }, () => ({ ...about, id: newId(), queueItemId }));
        await prints.insert(tx, rows, clock.now());
        return queueItemId;
      });
      return { storeId, orderId, id };
    },
  };
}
