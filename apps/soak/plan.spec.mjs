import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readOptions } from './options.mjs';
import { makePlan, planFaults } from './plan.mjs';

const options = (...args) => readOptions(['--seed', '7', ...args]);

test('the same seed repeats every decision, another seed makes others', () => {
  assert.deepEqual(makePlan(options()), makePlan(options()));
  assert.deepEqual(planFaults(options()), planFaults(options()));
  assert.notDeepEqual(makePlan(options()).orders, makePlan({ ...options(), seed: 8 }).orders);
});

test('what one decision draws shifts no other: more orders or more kills leave the first orders as they were', () => {
  const few = makePlan(options('--orders', '50')).orders;
  const many = makePlan(options('--orders', '500', '--kill-every', '2')).orders;
  assert.deepEqual(many.slice(0, 50), few);
});

test('a long run has every kind of second thought, of line and of misfortune', () => {
  const { orders, kills, severs, spells, postgresRestarts } = makePlan(options());
  const kinds = new Set(orders.flatMap(({ actions }) => actions.map(({ kind }) => kind)));
  assert.deepEqual([...kinds].sort(), ['cancel', 'fulfill', 'hold', 'lower', 'pay', 'raise', 'refund', 'release', 'swap']);
  const lines = orders.flatMap(({ body }) => body.lines);
  for (const sku of ['BASE-25', 'DOCK-PHONE', 'GIFT-25', 'CHESS-SET']) assert.ok(lines.some((line) => line.sku === sku), sku);
  assert.ok(orders.some(({ body }) => body.fulfilment_type === 'pickup') && lines.some(({ location }) => location === 'City counter'));
  assert.ok(orders.some(({ body, actions }) => !body.paid && actions.every(({ kind }) => kind !== 'pay')), 'one is never paid');
  assert.ok(kills.length > 30 && kills.some(({ apis }) => apis.length === 3) && severs.length > 10 && postgresRestarts.length === 1);
  const troubles = new Set(spells.flatMap(({ faults }) => faults.map(({ target, kind, status = '' }) => `${target} ${kind}${status}`)));
  assert.deepEqual([...troubles].sort(), ['shopify error401', 'shopify outage', 'simplyprint error401', 'simplyprint outage', 'smtp outage', 'webhooks outage']);
});

test('a rate of nothing leaves that fault out', () => {
  const kinds = (...args) => planFaults(options(...args)).map(({ target, kind }) => `${target} ${kind}`);
  assert.ok(kinds().includes('webhooks drop'));
  assert.ok(!kinds('--lost', '0').includes('webhooks drop'));
});
