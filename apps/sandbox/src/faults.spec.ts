import { sandboxFaultSchema } from '@forma3d/contracts';

import { faultProblem, Faults } from './faults';
import { ManualScheduler } from './scheduler';
import { retryDelaysMs } from './shopify-webhooks';

const setUp = () => {
  const scheduler = new ManualScheduler();
  return { scheduler, faults: new Faults(scheduler) };
};
const fault = (body: Record<string, unknown>) => sandboxFaultSchema.parse({ target: 'shopify', kind: 'outage', ...body });

test('a fault strikes its own target, kind and operation alone', () => {
  const { faults } = setUp();
  faults.add(fault({ operation: 'fulfillmentCreate' }));
  expect(faults.strike('shopify', 'outage', 'fulfillmentCreate')).toMatchObject({ struck: 1 });
  expect(faults.strike('shopify', 'outage', 'order')).toBeNull();
  expect(faults.strike('shopify', 'slow', 'fulfillmentCreate')).toBeNull();
  expect(faults.strike('simplyprint', 'outage', 'fulfillmentCreate')).toBeNull();
});

test('a fault ends after its count or its time', () => {
  const { faults, scheduler } = setUp();
  faults.add(fault({ count: 2 }));
  expect([1, 2, 3].map(() => faults.strike('shopify', 'outage', 'x') !== null)).toEqual([true, true, false]);
  faults.add(fault({ for_s: 10 }));
  scheduler.advance(9_999);
  expect(faults.list()).toHaveLength(1);
  scheduler.advance(1);
  expect(faults.strike('shopify', 'outage', 'x')).toBeNull();
  expect(faults.list()).toEqual([]);
});

test('a rate strikes that share, and the same times for the same seed', () => {
  const draws = [7, 7].map((seed) => {
    const { faults } = setUp();
    faults.add(fault({ rate: 0.3, seed }));
    return Array.from({ length: 1000 }, () => faults.strike('shopify', 'outage') !== null);
  });
  expect(draws[0]).toEqual(draws[1]);
  const share = (draws[0]?.filter(Boolean).length ?? 0) / 1000;
  expect(share).toBeGreaterThan(0.25);
  expect(share).toBeLessThan(0.35);
});

test('a kind that a target does not know is named', () => {
  expect(faultProblem(fault({ kind: 'duplicate' }))).toMatch('shopify knows no duplicate');
  expect(faultProblem(fault({ target: 'webhooks', kind: 'duplicate' }))).toBeNull();
});

test('eight retries, two minutes at the usual speed and never less than half a minute', () => {
  const total = (speed: number) => retryDelaysMs(speed).reduce((sum, wait) => sum + wait, 0);
  expect(retryDelaysMs(60)).toHaveLength(8);
  expect([total(60), total(6000), total(0)]).toEqual([120_000, 30_000, 120_000]);
});
