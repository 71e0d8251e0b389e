/** Everything that a run decides, drawn before it begins: who buys what, what becomes of it, and which misfortunes come when. */
import { dice } from './dice.mjs';
import { GIFT_CARD, MAPPED, MAPPED_LATE, OTHER_SERVICE } from './products.mjs';

const SKUS = Object.keys(MAPPED);
const LATE_SKUS = Object.keys(MAPPED_LATE);
/** Merchants and customers change their minds within so many seconds: before, while and after an order is printed. */
const SECOND_THOUGHTS_S = 20;

/**
 * The same options give the same plan. Times are seconds since the first order.
 *
 * @returns {{ lasts: number, orders: object[], mappings: object[], kills: object[], severs: object[], hands: object[], spells: object[], postgresRestarts: number[] }}
 */
export function makePlan(options) {
  const lasts = options.orders / options.pace;
  const misfortunesLast = lasts * 2 + SECOND_THOUGHTS_S; // as far as they are needed: they end with the last orders
  return {
    lasts,
    orders: Array.from({ length: options.orders }, (_, n) => planOrder(options, n)),
    mappings: LATE_SKUS.map((sku) => ({ sku, at: lasts * dice(options.seed, 'mapping', sku).between(0.3, 0.8) })),
    kills: planKills(options, lasts, misfortunesLast),
    severs: everySoOften(options.seed, 'sever', options['sever-every'], misfortunesLast).map((at, n) => ({ at, seed: `${n}` })),
    hands: everySoOften(options.seed, 'hands', options['hands-every'], misfortunesLast).map((at, n) => ({ at, share: dice(options.seed, 'hand', n).draw() })),
    spells: planSpells(options, lasts, misfortunesLast),
    postgresRestarts: Array.from({ length: options['postgres-restarts'] }, (_, n) => lasts * dice(options.seed, 'postgres', n).between(0.35, 0.65)),
  };
}

function planOrder({ seed, pace }, n) {
  const die = dice(seed, 'order', n);
  const lines = planLines(die);
  const pickup = die.chance(0.12);
  const paid = !die.chance(0.08);
  const hold = die.chance(0.06);
  const actions = [];
  if (!paid && !die.chance(0.25)) actions.push({ after: die.between(1, SECOND_THOUGHTS_S), kind: 'pay', call: 'pay', body: {} });
  if (hold) actions.push({ after: die.between(2, SECOND_THOUGHTS_S), kind: 'release', call: 'release', body: {} });
  actions.push(...secondThoughts(die, lines));
  return {
    n,
    at: (n + die.draw()) / pace,
    body: { lines, paid, hold, ...(pickup ? { fulfilment_type: 'pickup' } : {}) },
    actions: actions.sort((a, b) => a.after - b.after),
  };
}

function planLines(die) {
  const lines = new Map();
  for (let left = die.whole(1, 3); left > 0; left -= 1) {
    const sku = die.chance(0.08) ? die.pick(LATE_SKUS) : die.pick(SKUS);
    const elsewhere = die.chance(0.15) ? { location: 'City counter' } : {};
    lines.set(sku, { sku, quantity: die.whole(1, 3), ...elsewhere });
  }
  const beside = die.oneOf([[0.06, { sku: GIFT_CARD, quantity: 1 }], [0.06, { ...OTHER_SERVICE, quantity: 1 }]]);
  return beside ? [...lines.values(), beside] : [...lines.values()];
}

/** What the merchant does with one order in four, soon after it came: most of it while the order is being made. */
function secondThoughts(die, [{ sku, quantity }]) {
  const after = SECOND_THOUGHTS_S * die.draw() ** 2;
  const lines = (...list) => ({ lines: list });
  const one = (kind, call, body) => [{ after, kind, call, body }];
  const lowered = { sku, quantity: quantity - 1 };
  const what = die.oneOf([
    [0.05, () => one('raise', 'edit', lines({ sku, quantity: quantity + 1 }))],
    [0.05, () => one('lower', 'edit', lines(lowered))],
    [0.03, () => one('swap', 'edit', lines(lowered, { sku: 'KEYRING', quantity: 2 }))],
    [0.04, () => one('cancel', 'cancel', {})],
    [0.04, () => one('refund', 'refund', lines({ sku, quantity: 1 }))],
    [0.02, () => one('fulfill', 'fulfill', {})],
    [0.02, () => one('fulfill', 'fulfill', lines({ sku, quantity: 1 }))],
    [0.03, () => [...one('hold', 'hold', {}), { after: after + die.between(2, 10), kind: 'release', call: 'release', body: {} }]],
  ]);
  return what ? what() : [];
}

/** One process at a time, and once in the middle of a long run all of them. */
function planKills(options, lasts, untilS) {
  const kills = everySoOften(options.seed, 'kill', options['kill-every'], untilS).map((at, n) => {
    const die = dice(options.seed, 'kill', n);
    return { at, apis: [die.whole(0, options.apis - 1)], downS: die.between(0.2, 3) };
  });
  const all = Array.from({ length: options.apis }, (_, index) => index);
  return kills.length >= 10 ? [...kills, { at: lasts * dice(options.seed, 'kill all').between(0.2, 0.3), apis: all, downS: 1 }].sort((a, b) => a.at - b.at) : kills;
}

/** A whole side is away, the other one, both, or nobody can reach us; on a long run credentials are refused once on each side. */
function planSpells(options, lasts, untilS) {
  const away = (...targets) => targets.map((target) => ({ target, kind: 'outage' }));
  const kinds = [away('shopify'), away('simplyprint'), away('shopify', 'simplyprint'), away('webhooks'), away('smtp')];
  const spells = everySoOften(options.seed, 'spell', options['spell-every'], untilS).map((at, n) => {
    const die = dice(options.seed, 'spell', n);
    return { at, forS: Math.min(options['spell-every'] / 4, die.between(2, 12)), faults: kinds[n % kinds.length] };
  });
  if (lasts < 120 || spells.length === 0) return spells;
  const refused = ['shopify', 'simplyprint'].map((target) => ({
    at: lasts * dice(options.seed, 'credentials', target).between(0.1, 0.9),
    forS: 2,
    faults: [{ target, kind: 'error', status: 401, message: 'Invalid API key or access token' }],
  }));
  return [...spells, ...refused].sort((a, b) => a.at - b.at);
}

/** Moments that are `every` seconds apart on average. */
function everySoOften(seed, purpose, every, untilS) {
  if (every <= 0) return [];
  const die = dice(seed, `${purpose} times`);
  const times = [];
  for (let at = every * die.between(0.5, 1.5); at < untilS; at += every * die.between(0.5, 1.5)) times.push(at);
  return times;
}

/** What the sandbox is to do wrong all the time: a body of `POST /control/faults` each, with dice of its own. */
export function planFaults(options) {
  const faults = [
    { target: 'webhooks', kind: 'duplicate', rate: options.duplicated },
    { target: 'webhooks', kind: 'drop', rate: options.lost },
    { target: 'webhooks', kind: 'late', rate: options.late, delay_ms: 4000 },
    { target: 'webhooks', kind: 'reorder', rate: options.reordered },
    { target: 'webhooks', kind: 'error', rate: options.undelivered },
    { target: 'simplyprint', kind: 'fail-prints', rate: options['failed-prints'] },
    ...WRITES.flatMap(([target, operation]) => [
      { target, kind: 'lost-answer', operation, rate: options['lost-answers'] },
      { target, kind: 'late-answer', operation, rate: options['late-answers'], delay_ms: LATE_ANSWER_MS },
    ]),
    ...['shopify', 'simplyprint'].flatMap((target) => [
      { target, kind: 'outage', rate: options.outages },
      { target, kind: 'error', rate: options.errors },
      { target, kind: 'slow', rate: options.slow, delay_ms: 700 },
      { target, kind: 'lost-answer', rate: options['lost-reads'] },
      { target, kind: 'throttle', rate: options.throttled, ...(target === 'simplyprint' ? { retry_after_s: 1 } : {}) },
    ]),
    { target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', rate: options.refused, user_error: REFUSAL },
    // Refused for now: a mail that is refused for good is not repeated, and rightly so.
    { target: 'smtp', kind: 'error', rate: options.mail, status: 451, message: 'Try again later' },
    { target: 'smtp', kind: 'lost-answer', rate: options.mail / 2 },
  ];
  return faults.filter(({ rate }) => rate > 0).map((fault, index) => ({ ...fault, seed: dice(options.seed, 'fault', index).whole(0, 2 ** 31) }));
}

/** Shopify's word where it refuses a fulfillment for good. */
export const REFUSAL = 'The fulfillment was refused.';

/** What changes something outside: where a lost answer makes others do it twice. */
const WRITES = [['simplyprint', 'queue/AddItem'], ['simplyprint', 'queue/DeleteItem'], ['shopify', 'fulfillmentCreate'], ['shopify', 'fulfillmentOrderLineItemsPreparedForPickup']];

/**
 * The time limit of a call in a soak, how much later the product still expects its work, and how late the sandbox does it: after the
 * limit, within the time that the product waits before it looks (together with a slow answer too). What a real system does later than
 * that is beyond what can be promised.
 */
export const TIME_LIMIT_MS = 3000;
export const SETTLE_S = 4;
const LATE_ANSWER_MS = 3800;
