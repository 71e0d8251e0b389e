/**
 * The check at the end. Each rule compares what Shopify and SimplyPrint hold with what had to come of the plan, or our records with
 * theirs; none takes our own word for what we did.
 */
import { fulfillmentRules } from './audit-fulfillments.mjs';
import { orderRules } from './audit-orders.mjs';
import { printRules } from './audit-prints.mjs';
import { recordRules } from './audit-records.mjs';
import { expectationOf } from './expectation.mjs';

/** What a broken rule means for the people who rely on it. */
export const KINDS = ['lost', 'doubled', 'stuck', 'wrong'];

/** @type {{ kind: string, name: string, find: (evidence: object) => string[] }[]} */
export const RULES = [...orderRules, ...fulfillmentRules, ...printRules, ...recordRules];

/**
 * @param {Awaited<ReturnType<import('./evidence.mjs').collect>>} evidence
 * @returns {{ kind: string, name: string, problems: string[] }[]} every rule, with nothing in `problems` where it holds
 */
export function audit(evidence) {
  const prepared = { ...evidence, ...indexOf(evidence) };
  return RULES.map(({ kind, name, find }) => ({ kind, name, problems: find(prepared) }));
}

export const problemsIn = (results) => results.flatMap(({ kind, name, problems }) => problems.map((words) => `${kind}: ${name}: ${words}`));

/** What several rules look up. */
function indexOf({ shop, placed, rows }) {
  const known = shop.filter(({ id }) => placed.has(id));
  return {
    expected: new Map(known.map((order) => [order.id, expectationOf(order, placed.get(order.id))])),
    orderRow: new Map(rows.orders.map((row) => [row.shopify_id, row])),
    itemRow: new Map(rows.queueItems.map((row) => [row.id, row])),
  };
}
