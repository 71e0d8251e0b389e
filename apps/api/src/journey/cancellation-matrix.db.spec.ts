import { readFileSync } from 'node:fs';
import path from 'node:path';
import { useDatabase } from '@forma3d/testing';
import { EDIT_NAMES, isCancelled, MATRIX, MatrixOrder, matrixInWords, STAGES, type Stage } from './cancellation-matrix.setup';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
  for (const sku of ['CUP', 'SAUCER', 'LID']) await product.map(sku);
}, 30_000);
afterAll(() => product.stop());

const speed = (printMinutesPerSecond: number) => product.control('POST', '/simplyprint/speed', { speed: printMinutesPerSecond });

/** Brings orders to a stage; the printers stand still afterwards. */
async function reach(stage: Stage, orders: readonly MatrixOrder[]): Promise<void> {
  if (stage === 'nothing') {
    for (const order of orders) await order.when((each) => each.status === 'pending');
    return;
  }
  for (const order of orders) await order.untilPrints('QUEUED');
  await product.settled();
  if (stage === 'printing') {
    await speed(20);
    for (const order of orders) await order.untilPrints('PRINTING');
    await speed(0);
  }
  if (stage === 'complete') for (const order of orders) await product.control('POST', `/orders/${order.id}/hold`, {});
  if (stage === 'complete' || stage === 'fulfilled') {
    await speed(6_000);
    for (const order of orders) await order.when((each) => each.production_status === 'COMPLETED' && (stage === 'complete' || each['fulfilled_at'] !== null));
    await product.settled();
    await speed(0);
  }
}

/** The farm has six printers: prints of one order at a time can all be on one. */
const TOGETHER: Record<Stage, boolean> = { nothing: true, queued: true, printing: false, complete: true, fulfilled: true };

async function travel(stage: Stage, edits: readonly (typeof EDIT_NAMES)[number][]): Promise<MatrixOrder[]> {
  await speed(0);
  const orders = await Promise.all(edits.map((edit) => MatrixOrder.place(product, stage, edit)));
  await reach(stage, orders);
  await Promise.all(orders.map((order) => order.change()));
  for (const order of orders) await order.goOn();
  // What is not wanted any more must be out of the queue before the printers run.
  await product.settled();
  await speed(6_000);
  for (const order of orders) await order.ended();
  await product.settled();
  return orders;
}

describe.each(STAGES)('an order of which %s is done', (stage) => {
  const orders: MatrixOrder[] = [];

  beforeAll(async () => {
    const groups = TOGETHER[stage] ? [EDIT_NAMES] : EDIT_NAMES.map((edit) => [edit]);
    for (const group of groups) orders.push(...(await travel(stage, group)));
  }, 180_000);

  it.each(EDIT_NAMES)('and that is then: %s', async (edit) => {
    const order = orders.find((each) => each.edit === edit);
    expect(await order?.ended()).toEqual(order?.expected());
    if (isCancelled(MATRIX[stage][edit])) expect((await product.shopOrder(order?.id ?? '')).fulfillments).toEqual([]);
  }, 30_000);
});

it('nothing of any of them is left in the queue or on a printer', async () => {
  const { queue, jobs } = await product.farm();
  expect(queue.filter((item) => item.left > 0)).toEqual([]);
  expect(jobs.filter((job) => job.status === 'ongoing')).toEqual([]);
});

it('the documentation holds this very matrix', () => {
  expect(readFileSync(path.resolve(__dirname, '../../../../docs/cancellation.md'), 'utf8')).toContain(matrixInWords());
});
