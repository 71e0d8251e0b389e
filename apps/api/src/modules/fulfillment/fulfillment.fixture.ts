import { storePolicies, type StorePolicies } from '@forma3d/contracts';
import { anyRow, Database } from '@forma3d/database';
import { newId, newPublicId } from '@forma3d/kernel';
import { EventBus } from '@forma3d/platform';
import { EventLog, type Outcome, type Task } from '@forma3d/tasks';
import { FakeClock } from '@forma3d/testing';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { z } from 'zod';
import { Attention, Audit } from '../attention';
import { Orders } from '../orders';
import { CarryOut } from './carry-out';
import { CreateFulfillment } from './create-fulfillment';
import { FulfillmentNews } from './fulfillment-news';
import { FulfillmentOutcomes } from './fulfillment-outcomes';
import { rowsOfOrder } from './fulfillment.repository';
import { FulfillmentTrouble } from './fulfillment-trouble';
import { InMemoryShop } from './in-memory-shop.fixture';
import { PreparePickup } from './prepare-pickup';
import { PushTracking } from './push-tracking';
import { RequestFulfillment } from './request-fulfillment';
import { SendFulfillment } from './send-fulfillment';
import { SettleFulfillments } from './settle-fulfillments';

export const CALL_MS = 20_000;
export const TIMEOUT_MS = 10_000;
export const SETTLE_MS = 15_000;

interface OrderGiven {
  lines: { shopifyId: string; wanted: number | null; exclusion?: string }[];
  fulfilmentType?: 'shipping' | 'pickup';
  status?: string;
  /** Everything is made, and the order was declared ready. Default true. */
  ready?: boolean;
}

/** The module as it is put together in the product, on the database of the test and a shop in memory. */
export function setUp(url: string) {
  const db = new Database({ url, max: 8, applicationName: 'fulfillment-test' });
  const clock = new FakeClock();
  const shop = new InMemoryShop();
  const bus = new EventBus(new EventEmitter2());
  const events = new EventLog({
    clock,
    wake: () => undefined,
    deliver: (event) => {
      bus.deliver(event);
    },
  });
  const audit = new Audit(clock);
  const orders = new Orders(db, events, audit, clock);
  const outcomes = new FulfillmentOutcomes(orders, events, new Attention(db, events, clock), clock);
  const settings = { callMs: CALL_MS, timeoutMs: TIMEOUT_MS, settleMs: SETTLE_MS, answerMs: 2_000 };
  const policies = { value: storePolicies.parse({}) };
  const stores = { get: (id: string) => Promise.resolve(storeOf(id, policies.value)) };
  const carrying = new CarryOut(
    db,
    orders,
    outcomes,
    new SendFulfillment(db, orders, outcomes, clock, settings),
    new PreparePickup(db, orders, outcomes, clock),
    new PushTracking(db, orders, events, clock),
    clock,
  );
  /** Orders whose remaining prints were to be taken back. */
  const takenBack: string[] = [];
  const handler = new CreateFulfillment(
    db,
    orders,
    stores,
    { shopify: () => Promise.resolve(shop.client()) },
    new SettleFulfillments(db, orders, outcomes, clock, settings),
    carrying,
    new FulfillmentTrouble(db, orders, outcomes, clock),
    {
      remaining: (_tx, order) => {
        takenBack.push(order.id);
        return Promise.resolve();
      },
    },
    clock,
    settings,
  );
  const warnings: unknown[] = [];
  const news = new FulfillmentNews(bus);
  const requests = new RequestFulfillment(db, orders, events, audit, news, { warn: (facts: unknown) => void warnings.push(facts) }, clock, settings);
  const storeId = newId();

  async function addStore(): Promise<void> {
    await db.sql`
      INSERT INTO store (id, handle, name, time_zone, currency, produce_orders_from, updated_at)
      VALUES (${storeId}, ${storeId}, 'Shop', 'Europe/Brussels', 'EUR', ${clock.now()}, ${clock.now()})`;
  }

  async function addOrder({ lines, fulfilmentType = 'shipping', status = 'packing', ready = true }: OrderGiven): Promise<string> {
    const id = newId();
    const now = clock.now();
    const wanted = lines.reduce((sum, line) => sum + (line.wanted ?? 0), 0);
    await db.sql`
      INSERT INTO orders (id, store_id, source, shopify_id, public_id, name, placed_at, test, currency, total_cents, subtotal_cents,
        tax_cents, discount_cents, shipping_cents, status, fulfilment_type, production_status, planned_at, generation,
        ready_generation, units_wanted, prints_wanted, prints_sent, prints_completed, paid_at, created_at, updated_at)
      VALUES (${id}, ${storeId}, 'shopify', ${id}, ${newPublicId()}, '#1001', ${now}, false, 'EUR', 1000, 1000, 0, 0, 0, ${status},
        ${fulfilmentType}, ${ready ? 'COMPLETED' : 'PROCESSING'}, ${now}, 1, ${ready ? 1 : 0}, ${wanted}, ${wanted}, ${wanted},
        ${ready ? wanted : 0}, ${now}, ${now}, ${now})`;
    for (const [position, line] of lines.entries()) {
      await db.sql`
        INSERT INTO line_item (id, store_id, order_id, shopify_id, position, title, quantity, unit_price_cents, discount_cents,
          tax_cents, requires_shipping, gift_card, tip, current_quantity, wanted, fulfilled_before, exclusion)
        VALUES (${newId()}, ${storeId}, ${id}, ${line.shopifyId}, ${position}, 'Vase', ${line.wanted ?? 1}, 500, 0, 0, true, false,
          false, ${line.wanted ?? 1}, ${line.wanted}, 0, ${line.exclusion ?? null})`;
    }
    return id;
  }

  function taskOf(orderId: string): Task<'FULFILLMENT'> {
    return {
      id: newId(),
      type: 'FULFILLMENT',
      storeId,
      orderId,
      eventId: null,
      payload: { order_id: orderId },
      attempt: 1,
      failures: 0,
      maxAttempts: 20,
      replays: 0,
      correlationId: null,
    };
  }

  const run = (orderId: string): Promise<Outcome> => handler.handle(taskOf(orderId), new AbortController().signal);

  const endForGood = (orderId: string, reason: string): Promise<void> =>
    db.transaction('test.fail', (tx) => handler.failed(tx, taskOf(orderId), reason));

  /** A person has it tried again. */
  const replay = (orderId: string): Promise<void> => db.transaction('test.replay', (tx) => handler.replayed(tx, taskOf(orderId)));

  const eventsOf = async (orderId: string): Promise<string[]> => {
    const rows = await db.sql.rows(z.object({ type: z.string() }))`SELECT type FROM event WHERE order_id = ${orderId} ORDER BY seq`;
    return rows.map((row) => row.type);
  };

  const openAttention = (orderId: string) =>
    db.sql.rows(anyRow)`SELECT kind FROM attention WHERE order_id = ${orderId} AND closed_at IS NULL`;

  return {
    warnings, takenBack, db, clock, shop, orders, handler, requests, news, storeId, policies,
    addStore, addOrder, run, endForGood, replay, eventsOf, openAttention,
    rows: (orderId: string) => rowsOfOrder(db, orderId),
    order: (orderId: string) => orders.get(storeId, orderId),
  };
}

function storeOf(id: string, policies: StorePolicies) {
  return {
    id,
    handle: 'shop',
    name: 'Shop',
    shopifyDomain: 'shop.myshopify.com',
    timeZone: 'Europe/Brussels',
    currency: 'EUR',
    policies,
    produceOrdersFrom: new Date(0),
    uninstalledAt: null,
    reinstalledAt: null,
  };
}
