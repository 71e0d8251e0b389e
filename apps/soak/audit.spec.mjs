/** The check can fail: each wrong that is planted into a sound world is found, by the rule that is meant to. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { audit } from './audit.mjs';
import { partsOf } from './products.mjs';

const UPDATED = '2026-01-01T10:00:00Z';
const at = (seconds) => new Date(Date.parse(UPDATED) + seconds * 1000);

/** One shipped order of 2 DRAGON-L and 1 BASE-25, all as it should be: 2 bodies and 1 plate of wings printed, one fulfillment. */
function soundWorld() {
  const [body, wings] = partsOf('DRAGON-L');
  const lines = [
    { id: '11', sku: 'DRAGON-L', quantity: 2, current_quantity: 2, fulfillment_service: 'manual' },
    { id: '12', sku: 'BASE-25', quantity: 1, current_quantity: 1, fulfillment_service: 'manual' },
  ];
  const units = [{ line_item_id: '11', quantity: 2 }, { line_item_id: '12', quantity: 1 }];
  const job = (id, item, marker, { file_id }) => ({ id, status: 'done', queue_item_id: item, filesystem_id: file_id, started_at: UPDATED, custom_fields: { f1: marker } });
  const item = (id, part, simplyprintId) => ({ id, order_id: 'o1', line_item_id: 'l1', part_name: part.name, file_id: part.file_id, state: 'ADDED', simplyprint_id: simplyprintId });
  const print = (id, itemId, jobId) => ({ id, order_id: 'o1', queue_item_id: itemId, status: 'COMPLETED', wanted: true, replaced: false, simplyprint_job_id: jobId });
  return {
    placed: new Map([['1', { id: '1', name: '#1001', planned: { body: { lines: [{ sku: 'DRAGON-L', quantity: 2 }, { sku: 'BASE-25', quantity: 1 }] } }, actions: [] }]]),
    shop: [{
      id: '1', name: '#1001', updated_at: UPDATED, display_financial_status: 'PAID', cancelled_at: null, lines, refunds: [],
      fulfillment_orders: [{ location: 'Workshop', lines: units }],
      fulfillments: [{ id: '91', status: 'SUCCESS', notified: true, lines: units }],
    }],
    farm: { queue: [], jobs: [job(501, 41, 'q1', body), job(502, 41, 'q1', body), job(503, 42, 'q2', wings)], calls: { 'queue/AddItem': 2 } },
    listed: [{ name: '#1001', cancelled_at: null, needs_attention: false }],
    sample: new Map([['1', { lines: lines.map(({ id, current_quantity }) => ({ shopify_id: id, current_quantity })), timeline: [{ type: 'order.created' }] }]]),
    rows: {
      orders: [{ id: 'o1', shopify_id: '1', name: '#1001', production_status: 'COMPLETED', paid_at: at(0), cancelled_at: null, fulfilled_at: at(9), generation: 1 }],
      queueItems: [item('q1', body, '41'), item('q2', wings, '42')],
      prints: [print('p1', 'q1', '501'), print('p2', 'q1', '502'), print('p3', 'q2', '503')],
      fulfillments: [{ order_id: 'o1', phase: 'succeeded', shopify_id: '91' }],
      tasks: [], attention: [], onceOnly: [{ type: 'order.created', order_id: 'o1', times: 1 }], readyEvents: [{ order_id: 'o1', times: 1 }],
      headers: [{ id: 'h1', shopify_id: '1', financial_status: 'PAID', cancelled_at: null, updated_at: at(0) }],
      headerLines: lines.map(({ id, current_quantity }) => ({ order_header_id: 'h1', shopify_id: id, current_quantity })),
    },
    unexpectedEnds: [],
  };
}

const broken = (world) => audit(world).filter(({ problems }) => problems.length > 0).map(({ name }) => name);
/** What the merchant did, with the lines as they were right afterwards. */
const did = (world, kind, quantity) => world.placed.get('1').actions.push({ kind, refused: null, lines: [{ id: '11', current_quantity: quantity }] });

test('in a sound world every rule holds', () => assert.deepEqual(broken(soundWorld()), []));

const PLANTED = {
  'every order of the shop is recorded': (world) => world.rows.orders.pop(),
  'no order is recorded twice, or without being in the shop': (world) => world.rows.orders.push(world.rows.orders[0]),
  'orders are paid, cancelled and fulfilled as in the shop': (world) => (world.rows.orders[0].fulfilled_at = null),
  'production has come to its end': (world) => (world.rows.orders[0].production_status = 'PROCESSING'),
  'the mirror shows what the shop shows': (world) => (world.rows.headers[0].updated_at = at(-1)),
  'every unit that is due is fulfilled in Shopify': (world) => (world.shop[0].fulfillments[0].lines = [{ line_item_id: '11', quantity: 1 }, { line_item_id: '12', quantity: 1 }]),
  'no unit is fulfilled twice, or without being due': (world) => (world.shop[0].fulfillments[0].lines = [{ line_item_id: '11', quantity: 3 }, { line_item_id: '12', quantity: 1 }]),
  'an order that nobody changed has one fulfillment for each location': (world) => {
    const [whole] = world.shop[0].fulfillments;
    world.shop[0].fulfillments = whole.lines.map((line, index) => ({ ...whole, id: `9${index}`, lines: [line] }));
  },
  'customers are told of every fulfillment': (world) => (world.shop[0].fulfillments[0].notified = false),
  'lines of others are left alone': (world) => (world.shop[0].lines[1].fulfillment_service = 'pack-and-post'),
  'our fulfillments are those of Shopify': (world) => (world.rows.fulfillments[0].shopify_id = '92'),
  'no fulfillment of ours is under way': (world) => world.rows.fulfillments.push({ order_id: 'o1', phase: 'retrying', shopify_id: null }),
  'every part is printed as often as its recipe asks': (world) => (world.farm.jobs[2].status = 'failed'),
  'no part is printed more often than it was ever wanted': (world) => world.farm.jobs.push({ ...world.farm.jobs[2], id: 504 }),
  'every queue item was put into SimplyPrint once': (world) => (world.farm.calls['queue/AddItem'] = 3),
  'over all orders each file was printed as often as the shop can account for': (world) => world.farm.jobs.push({ ...world.farm.jobs[0], id: 504, custom_fields: {} }),
  'our prints are those of the farm': (world) => (world.rows.prints[0].status = 'FAILED'),
  'nothing is printed for what the shop cancelled long ago': (world) => (world.shop[0].cancelled_at = at(-600).toISOString()),
  'no print is under way, and nothing waits in the queue': (world) => world.farm.queue.push({ id: 43, left: 1, custom_fields: { f1: 'q3' } }),
  'no task is left over': (world) => world.rows.tasks.push({ type: 'FULFILLMENT', status: 'PENDING', failures: 1 }),
  'no task has failed for good': (world) => world.rows.tasks.push({ type: 'CATCH_UP', status: 'FAILED', failures: 20 }),
  'nothing needs a person any more': (world) => world.rows.attention.push({ kind: 'print-failed', message: 'A print failed.' }),
  'an order is created, paid and cancelled once, and ready once for each generation': (world) => (world.rows.readyEvents[0].times = 2),
  'the API lists every order as the shop has it': (world) => world.listed.pop(),
  'the API shows the orders of a sample with the units and the one beginning that they have': (world) => (world.sample.get('1').lines[0].current_quantity = 1),
  'no process ended by itself': (world) => world.unexpectedEnds.push('api0 ended by itself (code 1)'),
};

for (const [name, plant] of Object.entries(PLANTED)) {
  test(`found: ${name}`, () => {
    const world = soundWorld();
    plant(world);
    assert.ok(broken(world).includes(name), `broken were: ${broken(world).join('; ') || 'none'}`);
  });
}

test('every rule has a wrong planted for it', () => {
  assert.deepEqual(audit(soundWorld()).map(({ name }) => name).sort(), Object.keys(PLANTED).sort());
});

test('prints of units that were taken back after they were made are no doubles, more than were ever wanted are', () => {
  const world = soundWorld();
  did(world, 'lower', 1);
  world.shop[0].lines[0].current_quantity = 1;
  world.shop[0].fulfillments[0].lines = [{ line_item_id: '11', quantity: 1 }, { line_item_id: '12', quantity: 1 }];
  world.rows.headerLines[0].current_quantity = 1;
  world.sample.get('1').lines[0].current_quantity = 1;
  assert.deepEqual(broken(world), []);
  world.farm.jobs.push({ ...world.farm.jobs[0], id: 504 });
  assert.ok(broken(world).includes('no part is printed more often than it was ever wanted'));
});

test('a returned unit stays due: it was made and shipped', () => {
  const world = soundWorld();
  did(world, 'refund', 1);
  world.shop[0].lines[0].current_quantity = 1;
  world.shop[0].refunds = [{ lines: [{ line_item_id: '11', quantity: 1, restock_type: 'return' }] }];
  world.rows.headerLines[0].current_quantity = 1;
  world.sample.get('1').lines[0].current_quantity = 1;
  assert.deepEqual(broken(world), []);
});

test('what the merchant fulfills himself need not be printed', () => {
  const world = soundWorld();
  did(world, 'fulfill', 2);
  world.farm.jobs.splice(0);
  world.rows.prints.splice(0);
  world.rows.queueItems.splice(0);
  world.farm.calls = {};
  assert.deepEqual(broken(world), []);
});

test('an order that was never paid wants nothing, and is not stuck', () => {
  const world = soundWorld();
  world.shop[0].display_financial_status = 'PENDING';
  world.rows.headers[0].financial_status = 'PENDING';
  Object.assign(world.rows.orders[0], { production_status: 'PENDING', paid_at: null, fulfilled_at: null });
  assert.deepEqual(broken(world), ['no unit is fulfilled twice, or without being due', 'no part is printed more often than it was ever wanted', 'over all orders each file was printed as often as the shop can account for']);
});

test('what the merchant hands out unpaid is his own business', () => {
  const world = soundWorld();
  did(world, 'fulfill', 2);
  world.shop[0].display_financial_status = 'PENDING';
  world.rows.headers[0].financial_status = 'PENDING';
  Object.assign(world.rows.orders[0], { production_status: 'PENDING', paid_at: null, fulfilled_at: null });
  Object.assign(world.rows, { fulfillments: [], prints: [], queueItems: [] });
  Object.assign(world.farm, { jobs: [], calls: {} });
  assert.deepEqual(broken(world), []);
});

test('a fulfillment that Shopify refused is the operator\'s to ask for again; one that failed otherwise is lost', () => {
  const world = soundWorld();
  world.rows.tasks.push({ type: 'FULFILLMENT', status: 'FAILED', last_error: 'Shopify, fulfillmentCreate: The fulfillment was refused.' });
  assert.deepEqual(broken(world), []);
  world.rows.tasks.push({ type: 'FULFILLMENT', status: 'FAILED', last_error: 'answered 500' });
  assert.deepEqual(broken(world), ['no task has failed for good']);
});

test('an open task of the clock, a plan that looks again at a hold, and alerts that are gathered are no leftovers', () => {
  const world = soundWorld();
  world.rows.tasks.push({ type: 'CATCH_UP', status: 'PROCESSING', failures: 0 }, { type: 'PRODUCTION_PLAN', status: 'PENDING', snoozed: true, failures: 0 }, { type: 'ALERT_BURST', status: 'PENDING', snoozed: false, failures: 0 });
  assert.deepEqual(broken(world), []);
});
