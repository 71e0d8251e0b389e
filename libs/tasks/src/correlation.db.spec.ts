import { withScope } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Engine } from './engine.setup';

const engine = new Engine(useDatabase().url());
const ready = (orderId: string) =>
  ({ type: 'order.ready-for-fulfillment', storeId: engine.storeId, aggregateId: orderId, orderId, payload: { order_id: orderId, generation: 1 } }) as const;
const publish = (orderId: string, correlationId: string | null, actor: string): Promise<void> =>
  withScope({ correlationId, actor }, () => engine.db.transaction('test.publish', (tx) => engine.events.publish(tx, ready(orderId))));

const ids = z.object({ correlation_id: z.string().nullable() }).transform((row) => row.correlation_id);
const ofEvents = (orderId: string) => engine.db.sql.rows(ids)`SELECT correlation_id FROM event WHERE order_id = ${orderId} ORDER BY seq`;
const ofTasks = (orderId: string) => engine.db.sql.rows(ids)`SELECT correlation_id FROM retry_queue WHERE order_id = ${orderId}`;

test('what a printer or a sweep sets going for an order goes on under the id of its first webhook', async () => {
  const orderId = newId();
  await publish(orderId, 'wh-first', 'anonymous');
  await engine.db.sql`TRUNCATE retry_queue`;
  await publish(orderId, 'sp-news', 'system');
  await publish(orderId, null, 'system');
  expect(await ofEvents(orderId)).toEqual(['wh-first', 'wh-first', 'wh-first']);
  expect(await ofTasks(orderId)).toEqual(['wh-first']);
});

test('what a person asks for is found under the id of their request', async () => {
  const orderId = newId();
  await publish(orderId, 'wh-first', 'anonymous');
  await engine.db.sql`TRUNCATE retry_queue`;
  await publish(orderId, 'request-7', 'admin');
  expect(await ofEvents(orderId)).toEqual(['wh-first', 'request-7']);
  expect(await ofTasks(orderId)).toEqual(['request-7']);
});

test('another order has another id', async () => {
  const [one, other] = [newId(), newId()];
  await publish(one, 'wh-one', 'system');
  await publish(other, 'wh-other', 'system');
  expect([await ofEvents(one), await ofEvents(other)]).toEqual([['wh-one'], ['wh-other']]);
});
