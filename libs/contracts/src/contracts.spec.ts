import { reachableFrom, type Transitions } from '@forma3d/kernel';
import { EVENT_TYPES, EVENTS, FULFILLMENT, newProductMapping, pageQuery, PICKUP_ORDER, PRINT_JOB, SHIPPING_ORDER, storePolicies, SUBSCRIBED_PAYLOADS, SUBSCRIPTIONS, TASKS, TASK_TYPES } from './index';

describe('state tables', () => {
  const tables: [string, Transitions<string>, string][] = [
    ['a print job', PRINT_JOB, 'PENDING'],
    ['a pickup order', PICKUP_ORDER, 'pending'],
    ['a shipping order', SHIPPING_ORDER, 'pending'],
    ['a fulfillment', FULFILLMENT, 'pending'],
  ];

  it.each(tables)('every state of %s can be reached', (_name, table, start) => {
    expect([...reachableFrom(table, start)].sort()).toEqual(Object.keys(table).sort());
  });

  it('a print job that has ended moves no more', () => {
    for (const ended of ['COMPLETED', 'FAILED', 'CANCELLED'] as const) expect(PRINT_JOB[ended]).toEqual([]);
  });

  it('shipping may skip packing and nothing else; a shipped order cannot be cancelled', () => {
    expect(SHIPPING_ORDER.accepted).toContain('shipped');
    expect(SHIPPING_ORDER.shipped).toEqual(['delivered']);
    expect(PICKUP_ORDER.accepted).not.toContain('ready');
  });
});

describe('subscriptions', () => {
  it('name every event and only known tasks', () => {
    expect(Object.keys(SUBSCRIPTIONS).sort()).toEqual([...EVENT_TYPES].sort());
    for (const types of Object.values(SUBSCRIPTIONS)) for (const type of types) expect(TASK_TYPES).toContain(type);
  });

  it('make payloads that their tasks accept', () => {
    const event = { id: '0199a3a0-0000-7000-8000-000000000001', store_id: '0199a3a0-0000-7000-8000-000000000004', aggregate_id: '0199a3a0-0000-7000-8000-000000000002', order_id: null };
    for (const [type, make] of Object.entries(SUBSCRIBED_PAYLOADS)) {
      const { payload } = make(event);
      expect(TASKS[type as keyof typeof SUBSCRIBED_PAYLOADS].payload.safeParse(payload).success).toBe(true);
    }
  });

  it('of one order collapse under one key', () => {
    const order = '0199a3a0-0000-7000-8000-000000000003';
    const keys = ['a', 'b'].map((id) => SUBSCRIBED_PAYLOADS.FULFILLMENT({ id, store_id: id, aggregate_id: id, order_id: order }).dedupeKey);
    expect(keys).toEqual([order, order]);
  });

  it('of thousands of saved mappings of a store are one task', () => {
    const keys = ['a', 'b'].map((id) => SUBSCRIBED_PAYLOADS.MAPPING_RELEASE({ id, store_id: 's', aggregate_id: id, order_id: null }).dedupeKey);
    expect(keys).toEqual(['s', 's']);
  });
});

it('a permanent failure of a fulfillment never promises a retry', () => {
  const base = { order_id: '0199a3a0-0000-7000-8000-000000000003', fulfillment_id: null, reason: 'closed' };
  expect(EVENTS['fulfillment.failed'].safeParse({ ...base, will_retry: false }).success).toBe(true);
  expect(EVENTS['fulfillment.failed'].safeParse({ ...base, will_retry: true }).success).toBe(false);
});

describe('bodies', () => {
  const part = { name: 'lid', file_id: 'C00489EF361771AC098B5A60E6740757' };

  it('a mapping is by SKU or by variant, with parts or of kind none', () => {
    expect(newProductMapping.parse({ sku: ' A ', parts: [part] })).toMatchObject({
      sku: 'A',
      variant_id: null,
      kind: 'parts',
      parts: [{ name: 'lid', file_id: part.file_id.toLowerCase(), copies_per_unit: 1, pieces_per_print: 1, tags: [] }],
    });
    expect(newProductMapping.parse({ variant_id: '42', kind: 'none' }).parts).toEqual([]);
    for (const bad of [
      { parts: [part] },
      { sku: 'A', variant_id: '1', parts: [part] },
      { sku: 'A' },
      { sku: 'A', kind: 'none', parts: [part] },
      { sku: 'A', parts: [part, part] },
      { sku: 'A', parts: [{ ...part, file_id: 'x' }] },
      { sku: 'A', parts: [{ ...part, copies_per_unit: 0 }] },
      { variant_id: '12a', kind: 'none' },
    ]) {
      expect(newProductMapping.safeParse(bad).success).toBe(false);
    }
  });

  it('a page has 25 rows unless asked, and 100 at the most', () => {
    expect(pageQuery.parse({}).limit).toBe(25);
    expect(pageQuery.safeParse({ limit: '101' }).success).toBe(false);
    expect(pageQuery.safeParse({ limit: '0' }).success).toBe(false);
  });

  it('a store works untouched', () => {
    expect(storePolicies.parse({})).toEqual({
      produce_on: 'paid',
      print_on_hold: false,
      produce_test_orders: false,
      reprint_limit: 1,
      fulfill_on: 'production_complete',
      system_moves: { accept: true, production: true, complete: true },
    });
  });
});
