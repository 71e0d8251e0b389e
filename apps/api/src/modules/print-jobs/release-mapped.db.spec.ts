import { withScope } from '@forma3d/database';
import { aFulfillmentOrder, aLine, anOrder, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { db, record } = world;
const signal = new AbortController().signal;
afterAll(() => db.close());

const asRead = () => Promise.resolve(anOrder({ fulfillmentOrders: [aFulfillmentOrder({ lines: [{ id: '4101', lineItemId: '9001', totalQuantity: 2, remainingQuantity: 2 }] })], lineItems: [aLine()] }));

const asked = async (storeId: string, type: string) => {
  const rows = await db.sql.rows(z.object({ order_id: z.string().nullable() }))`
    SELECT order_id FROM retry_queue WHERE store_id = ${storeId} AND type = ${type} AND status = 'PENDING'`;
  return rows.map((row) => row.order_id);
};
const forget = (storeId: string) => db.sql`DELETE FROM retry_queue WHERE store_id = ${storeId}`;

async function recorded(storeId: string, id: string): Promise<string> {
  const { orderId } = await record.record(storeId, anOrder({ id, name: `#${id}` }));
  if (orderId === null) throw new Error('the order was not recorded');
  return orderId;
}

it('releases an order whose mapping is saved while it is planned, between the reading of the mappings and the commit', async () => {
  const storeId = await world.store();
  const orderId = await recorded(storeId, '5001');
  const plan = world.planner(asRead, async () => {
    // The mapping is saved just now, and its release sees no line that waits.
    await forget(storeId);
    const elsewhere = <R>(work: () => Promise<R>): Promise<R> => withScope({ transaction: null }, work);
    expect(await elsewhere(() => world.releaser(() => true).handle(world.task('MAPPING_RELEASE', storeId, {}), signal))).toEqual({ kind: 'done' });
    expect(await asked(storeId, 'PRODUCTION_PLAN')).toEqual([]);
    return false;
  });
  await plan.handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal);
  expect(await asked(storeId, 'MAPPING_RELEASE')).toEqual([null]);
  await world.releaser(() => true).handle(world.task('MAPPING_RELEASE', storeId, {}), signal);
  expect(await asked(storeId, 'PRODUCTION_PLAN')).toEqual([orderId]);
  await world.planner(asRead).handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal);
  expect(await db.transaction('test.read', (tx) => world.prints.slots(tx, orderId))).toHaveLength(2);
});

it('releases every waiting order of its store, page by page, each once, and leaves those alone that still wait', async () => {
  const [storeId, other] = [await world.store(), await world.store()];
  await recorded(other, '7000');
  const orderIds: string[] = [];
  for (let n = 0; n < 3; n += 1) orderIds.push(await recorded(storeId, String(6_000 + n)));
  // More lines than one page holds; the order of each stands on several pages.
  await db.sql`UPDATE line_item SET unmapped_reason = 'no mapping' WHERE store_id = ANY (${[storeId, other]}::uuid[])`;
  await db.sql`
    INSERT INTO line_item
    SELECT (jsonb_populate_record(line, jsonb_build_object('id', gen_random_uuid(), 'shopify_id', 'x' || n, 'order_id', (${orderIds}::uuid[])[1 + n % 3]))).*
    FROM line_item AS line, generate_series(1, 1100) AS n WHERE line.order_id = ${orderIds[0]}`;
  await forget(storeId);
  await world.releaser(() => false).handle(world.task('MAPPING_RELEASE', storeId, {}), signal);
  expect(await asked(storeId, 'PRODUCTION_PLAN')).toEqual([]);
  await world.releaser(() => true).handle(world.task('MAPPING_RELEASE', storeId, {}), signal);
  expect((await asked(storeId, 'PRODUCTION_PLAN')).sort()).toEqual(orderIds.sort());
});
