/** Our own records: no work left over, nobody needed any more, nothing told twice, and the API shows all of it. */

import { REFUSAL } from './plan.mjs';

/** Come by the clock, however well everything is: one may run at any moment. */
const PERIODIC = ['CATCH_UP', 'PRINT_JOB_SWEEP', 'WEBHOOK_SUBSCRIPTIONS', 'CLEAN_UP', 'DELIVERY_CLEAN_UP'];

/**
 * A plan that found its order on hold looks again after ten minutes, also when the release has long been seen and the order is
 * fulfilled: it then finds nothing to do.
 */
const looksAgain = (task) => task.type === 'PRODUCTION_PLAN' && task.snoozed;
/** Alerts of one kind within ten minutes are one mail, which comes at their end. */
const gathersAlerts = (task) => task.type === 'ALERT_BURST' && task.failures === 0;
const waits = (task) => task.status === 'PENDING' && (looksAgain(task) || gathersAlerts(task));

/** Refused for good, as the plan wanted it: a person was told and asked again; whether that came to its end, other rules tell. */
const wasRefused = (task) => task.type === 'FULFILLMENT' && task.status === 'FAILED' && task.last_error?.includes(REFUSAL);

export const recordRules = [
  {
    kind: 'stuck',
    name: 'no task is left over',
    find: ({ rows }) => rows.tasks
      .filter((task) => ['PENDING', 'PROCESSING'].includes(task.status) && !PERIODIC.includes(task.type) && !waits(task))
      .map((task) => `${task.type} ${task.status} after ${task.failures} failures${task.last_error ? `: ${task.last_error}` : ''} (order ${task.order_id})`),
  },
  {
    kind: 'lost',
    name: 'no task has failed for good',
    find: ({ rows }) => rows.tasks.filter((task) => ['FAILED', 'DISCARDED'].includes(task.status) && !wasRefused(task)).map((task) => `${task.type} ${task.status}: ${task.last_error} (order ${task.order_id})`),
  },
  {
    kind: 'stuck',
    name: 'nothing needs a person any more',
    find: ({ rows }) => rows.attention.map(({ kind, message }) => `${kind}: ${message}`),
  },
  {
    kind: 'doubled',
    name: 'an order is created, paid and cancelled once, and ready once for each generation',
    find: ({ rows }) => {
      const generations = new Map(rows.orders.map(({ id, generation }) => [id, generation]));
      return [
        ...rows.onceOnly.filter(({ times }) => times > 1).map(({ type, order_id: order, times }) => `${type} ${times} times for order ${order}`),
        ...rows.readyEvents.filter(({ order_id: order, times }) => times > generations.get(order)).map(({ order_id: order, times }) => `order ${order} was ready ${times} times in ${generations.get(order)} generations`),
      ];
    },
  },
  {
    kind: 'wrong',
    name: 'the API lists every order as the shop has it',
    find: ({ shop, listed, expected }) => {
      const byName = new Map(listed.map((order) => [order.name, order]));
      return [
        ...(listed.length === shop.length ? [] : [`${listed.length} orders are listed, the shop has ${shop.length}`]),
        ...shop.flatMap(({ id, name }) => {
          const order = byName.get(name);
          const { cancelled = false } = expected.get(id) ?? {};
          if (!order) return [`${name} is not listed`];
          return [
            ...((order.cancelled_at !== null) === cancelled ? [] : [`${name}: cancelled ${order.cancelled_at}`]),
            ...(order.needs_attention ? [`${name} needs a person`] : []),
          ];
        }),
      ];
    },
  },
  {
    kind: 'wrong',
    name: 'the API shows the orders of a sample with the units and the one beginning that they have',
    find: ({ shop, sample = new Map() }) => shop.filter(({ id }) => sample.has(id)).flatMap((order) => {
      const shown = sample.get(order.id);
      const units = new Map(shown.lines.map((line) => [line.shopify_id, line.current_quantity]));
      const begun = shown.timeline.filter(({ type }) => type === 'order.created').length;
      return [
        ...order.lines.filter(({ id, current_quantity: now }) => units.get(id) !== now).map(({ id, sku, current_quantity: now }) => `${order.name}: ${units.get(id)} instead of ${now} ${sku}`),
        ...(begun === 1 ? [] : [`${order.name} was created ${begun} times`]),
      ];
    }),
  },
  {
    kind: 'wrong',
    name: 'no process ended by itself',
    find: ({ unexpectedEnds }) => unexpectedEnds,
  },
];
