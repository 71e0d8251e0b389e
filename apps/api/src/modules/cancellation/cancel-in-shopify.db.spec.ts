import { newId, newPublicId } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { CALL_MS, cancellationWorld, SETTLE_MS } from './cancellation-world.fixture';

const world = cancellationWorld(useDatabase().url());
const { db, clock, shop, record } = world;
afterAll(() => db.close());

const BOTH = { reason: 'customer', cancel_in_shopify: true };

it('asks Shopify once, looks after its job, and ends when the order is cancelled there', async () => {
  const order = await world.planned();
  expect(await order.cancel(BOTH)).toMatchObject({ status: 'cancelled', shopify: 'requested' });
  expect(await order.cancel(BOTH)).toMatchObject({ shopify: 'requested' });
  expect((await order.tasks()).filter((type) => type === 'SHOPIFY_CANCELLATION')).toHaveLength(1);
  shop.current.jobDone = false;
  expect(await order.runShopify()).toMatchObject({ kind: 'snooze' });
  shop.current.cancelledAt = null;
  expect(await order.runShopify()).toMatchObject({ kind: 'snooze' });
  expect(await order.cancel()).toMatchObject({ shopify: 'requested' });
  shop.current.cancelledAt = new Date();
  shop.current.jobDone = true;
  expect(await order.runShopify()).toEqual({ kind: 'done' });
  expect(await order.cancel()).toMatchObject({ shopify: 'cancelled', shopify_error: null });
  expect(shop.current.asked).toEqual([{ reason: 'CUSTOMER', staffNote: 'customer' }]);
  expect((await order.audited()).filter((action) => action === 'cancel-in-shopify-requested')).toHaveLength(1);
});

it('sends a person’s own words as a note, and can be asked for after the order was cancelled here', async () => {
  const order = await world.planned();
  expect(await order.cancel({ reason: 'first here alone' })).toMatchObject({ shopify: null });
  const words = `A reason of many words. ${'x'.repeat(300)}`;
  expect(await order.cancel({ reason: words, cancel_in_shopify: true })).toMatchObject({ shopify: 'requested' });
  await order.runShopify();
  expect(shop.current.asked).toEqual([{ reason: 'OTHER', staffNote: words.slice(0, 255) }]);
});

it('looks before it asks: an order that is cancelled there already is not asked for', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.cancelledAt = new Date();
  expect(await order.runShopify()).toEqual({ kind: 'done' });
  expect(shop.current.asked).toEqual([]);
  expect(await order.cancel()).toMatchObject({ shopify: 'cancelled' });
});

it('after an answer that got lost it waits until the call is over, and reads before it asks again', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.next = 'lost';
  await expect(order.runShopify()).rejects.toMatchObject({ failure: 'unknown' });
  expect(await order.runShopify()).toMatchObject({ kind: 'snooze', afterMs: CALL_MS + SETTLE_MS });
  clock.advance(CALL_MS + SETTLE_MS);
  expect(await order.runShopify()).toEqual({ kind: 'done' });
  expect(shop.current.asked).toHaveLength(1);
});

it('one whose call never came about is asked for again', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.next = 'unknown';
  await expect(order.runShopify()).rejects.toMatchObject({ failure: 'unknown' });
  clock.advance(CALL_MS + SETTLE_MS);
  expect(await order.runShopify()).toMatchObject({ kind: 'snooze' });
  expect(shop.current.asked).toHaveLength(2);
  shop.current.next = 'transient';
});

it('a call that surely did nothing may be sent at once', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.next = 'transient';
  await expect(order.runShopify()).rejects.toMatchObject({ failure: 'transient' });
  expect(await order.runShopify()).toMatchObject({ kind: 'snooze', why: 'Shopify is about to cancel it' });
});

it('what Shopify refuses is told to a person, who may ask again, and closes when it is cancelled there', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.next = 'permanent';
  await expect(order.runShopify()).rejects.toMatchObject({ failure: 'permanent' });
  await order.failShopify('Cannot cancel an order that has outstanding fulfillments');
  expect(await order.cancel()).toMatchObject({ status: 'cancelled', shopify: 'refused', shopify_error: 'Cannot cancel an order that has outstanding fulfillments' });
  expect(await order.open()).toEqual(['shopify-cancel-refused']);
  // Something changed at Shopify, but not this.
  expect(await order.runShopify()).toEqual({ kind: 'done' });
  expect(shop.current.asked).toHaveLength(1);
  expect(await order.cancel(BOTH)).toMatchObject({ shopify: 'requested', shopify_error: null });
  await order.runShopify();
  expect(await order.runShopify()).toEqual({ kind: 'done' });
  expect(await order.open()).toEqual([]);
});

it('each refusal is told: asking again answers what was told of the one before', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  await order.failShopify('outstanding fulfillments');
  expect(await order.told('order.needs-attention')).toHaveLength(1);
  await order.cancel(BOTH);
  expect(await order.open()).toEqual([]);
  await order.failShopify('the order is archived');
  expect(await order.open()).toEqual(['shopify-cancel-refused']);
  const told = await order.told('order.needs-attention');
  expect(told).toHaveLength(2);
  expect(told.join()).toContain('the order is archived');
});

describe('a task that ended, tried again', () => {
  it('asks anew, for the reason given then, what was refused', async () => {
    const order = await world.planned();
    await order.cancel(BOTH);
    await order.failShopify('no');
    await order.replayShopify();
    expect(await order.open()).toEqual([]);
    expect(await order.cancel()).toMatchObject({ shopify: 'requested', shopify_error: null });
    await order.runShopify();
    expect(shop.current.asked).toEqual([{ reason: 'CUSTOMER', staffNote: 'customer' }]);
  });

  it('sends no second call while the first may still take effect', async () => {
    const order = await world.planned();
    await order.cancel(BOTH);
    shop.current.next = 'lost';
    await expect(order.runShopify()).rejects.toMatchObject({ failure: 'unknown' });
    await order.failShopify('Shopify does not answer');
    await order.replayShopify();
    expect(await order.runShopify()).toMatchObject({ kind: 'snooze', afterMs: CALL_MS + SETTLE_MS });
    clock.advance(CALL_MS + SETTLE_MS);
    expect(await order.runShopify()).toEqual({ kind: 'done' });
    expect(shop.current.asked).toHaveLength(1);
  });

  it('goes on where it was given up before Shopify refused', async () => {
    const order = await world.planned();
    await order.cancel(BOTH);
    await order.replayShopify();
    expect(await order.runShopify()).toMatchObject({ kind: 'snooze' });
    expect(shop.current.asked).toHaveLength(1);
  });

  it('is refused when the order is cancelled there already', async () => {
    const order = await world.planned();
    await order.cancel(BOTH);
    shop.current.cancelledAt = new Date();
    await order.runShopify();
    await expect(order.replayShopify()).rejects.toMatchObject({ code: 'conflict' });
  });
});

it('a refusal heals by itself when Shopify tells that the order is cancelled there', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  await order.failShopify('no');
  const before = await order.tasks();
  await db.sql`DELETE FROM retry_queue WHERE order_id = ${order.orderId}`;
  await record.record(order.storeId, { ...world.asTold(60), cancelledAt: new Date('2026-11-02T10:00:00Z'), cancelReason: 'other' });
  expect(before).toContain('SHOPIFY_CANCELLATION');
  expect(await order.tasks()).toContain('SHOPIFY_CANCELLATION');
  expect(await order.told('order.cancelled')).toHaveLength(1);
  shop.current.cancelledAt = new Date();
  expect(await order.runShopify()).toEqual({ kind: 'done' });
  expect(await order.open()).toEqual([]);
  expect(await order.cancel()).toMatchObject({ shopify: 'cancelled' });
});

it('somebody else who cancels it there in the same moment is no refusal', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.next = 'permanent';
  shop.current.during = () => {
    shop.current.cancelledAt = new Date();
    return Promise.resolve();
  };
  expect(await order.runShopify()).toEqual({ kind: 'done' });
  expect(await order.open()).toEqual([]);
});

it('a job that ends without cancelling is a refusal, and one that never ends is trouble', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.next = 'does-nothing';
  expect(await order.runShopify()).toMatchObject({ kind: 'snooze' });
  shop.current.jobDone = false;
  clock.advance(61_000);
  expect(await order.runShopify()).toMatchObject({ kind: 'retry' });
  shop.current.jobDone = true;
  expect(await order.runShopify()).toMatchObject({ kind: 'giveUp', why: 'Shopify accepted the cancellation and ended it without cancelling' });
});

it('while the job takes its time it is asked for ever more rarely, and the order is not read', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  await order.runShopify();
  shop.current.jobDone = false;
  const { reads } = shop.current;
  const waits: number[] = [];
  for (let look = 0; look < 6; look += 1) {
    const outcome = await order.runShopify();
    if (outcome.kind !== 'snooze') throw new Error(`it ended as ${outcome.kind}`);
    waits.push(outcome.afterMs);
    clock.advance(outcome.afterMs);
  }
  expect([waits, shop.current.reads]).toEqual([[500, 500, 1_000, 2_000, 4_000, 8_000], reads]);
  // A job that is never called done is no reason to overlook that the order is cancelled.
  clock.advance(61_000);
  expect(await order.runShopify()).toEqual({ kind: 'done' });
});

it('where Shopify names no job the order itself is looked at for a while', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  shop.current.jobId = null;
  shop.current.next = 'does-nothing';
  await order.runShopify();
  expect(await order.runShopify()).toMatchObject({ kind: 'snooze' });
  clock.advance(61_000);
  expect(await order.runShopify()).toMatchObject({ kind: 'giveUp' });
});

it('two runners at once ask Shopify once', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  await Promise.all([order.runShopify(), order.runShopify()]);
  expect(shop.current.asked).toHaveLength(1);
});

it('is taken up again, when asked again, where its task was discarded', async () => {
  const order = await world.planned();
  await order.cancel(BOTH);
  await db.sql`UPDATE retry_queue SET status = 'DISCARDED' WHERE order_id = ${order.orderId}`;
  expect(await order.cancel(BOTH)).toMatchObject({ shopify: 'requested' });
  expect(await order.tasks()).toContain('SHOPIFY_CANCELLATION');
  await order.cancel(BOTH);
  expect((await order.audited()).filter((action) => action === 'cancellation-pursued')).toHaveLength(1);
});

it('a person who has seen to it closes the item, once', async () => {
  const order = await world.planned();
  await expect(order.acknowledge()).rejects.toMatchObject({ code: 'cancellation-not-allowed' });
  await order.cancel(BOTH);
  await order.failShopify('no');
  expect(await order.acknowledge()).toMatchObject({ shopify: 'refused' });
  await order.acknowledge();
  expect(await order.open()).toEqual([]);
  expect((await order.audited()).filter((action) => action === 'cancellation-acknowledged')).toHaveLength(1);
});

it('an order that did not come from Shopify cannot be cancelled there', async () => {
  const { storeId, orderId } = await world.planned();
  const direct = { id: newId(), public_id: newPublicId(), shopify_id: null, source: 'direct' };
  await db.sql`INSERT INTO orders SELECT (jsonb_populate_record(o, ${JSON.stringify(direct)}::jsonb)).* FROM orders o WHERE id = ${orderId}`;
  await expect(world.cancelling.cancel(storeId, direct.id, BOTH)).rejects.toMatchObject({ code: 'cancellation-not-allowed' });
  expect((await world.orders.get(storeId, direct.id)).cancelledAt).toBeNull();
});
