import { OutsideError } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { setUp } from './fulfillment.fixture';

const database = useDatabase();
let at: ReturnType<typeof setUp>;

beforeEach(async () => {
  at = setUp(database.url());
  await at.addStore();
});
afterEach(() => at.db.close());

test('what was refused for good is fulfilled when a person has the task tried again', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  at.shop.failNext('create', 'permanent');
  await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
  await at.endForGood(id, 'no');
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(await at.rows(id)).toMatchObject([{ phase: 'failed' }]);
  await at.replay(id);
  await at.replay(id);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect((await at.rows(id)).map((row) => row.phase)).toContain('succeeded');
  expect(await at.openAttention(id)).toEqual([]);
});

test('an order that is cancelled by now is not fulfilled when its task is tried again', async () => {
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
  await expect(at.replay(id)).rejects.toMatchObject({ code: 'conflict' });
});
