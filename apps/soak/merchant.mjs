/** Customers who order, and the merchant's second thoughts; each that Shopify took is written down with what the order then was. */
import { Refused } from './calls.mjs';
import { mappingOf } from './products.mjs';

/**
 * @typedef {object} Placed
 * @property {string} id      Shopify's
 * @property {string} name
 * @property {object} planned the order as the plan has it
 * @property {{ kind: string, at: number, refused: string | null, lines: object[] }[]} actions what was done to it, `lines` as Shopify
 *   has them right afterwards
 */

/** @returns {Map<string, Placed>} filled as orders are placed, by Shopify's id */
export function playShop({ plan, control, timetable }) {
  const placed = new Map();
  for (const planned of plan.orders) {
    timetable.at(planned.at, async () => {
      const { id, name } = await control('POST', 'orders', planned.body);
      const order = { id, name, planned, at: timetable.now, actions: [] };
      placed.set(id, order);
      for (const action of planned.actions) timetable.at(order.at + action.after, () => act(control, timetable, order, action));
    });
  }
  return placed;
}

async function act(control, timetable, order, { kind, call, body }) {
  const entry = { kind, at: timetable.now, refused: null, lines: [] };
  order.actions.push(entry);
  try {
    entry.lines = (await control('POST', `orders/${order.id}/${call}`, body)).lines;
  } catch (error) {
    if (!(error instanceof Refused) || error.status !== 409) throw error;
    entry.refused = error.message; // too late for it, as in a real shop
  }
}

/** Says how a product is made; asks again when a process dies under the request or another one has saved it. */
export async function saveMapping(product, sku, again) {
  for (;;) {
    try {
      return await product('POST', 'product-mappings', mappingOf(sku));
    } catch (error) {
      if (error instanceof Refused && error.status === 409) return null; // saved, and the answer was lost
      if (error instanceof Refused && error.status < 500) throw error;
      await again();
    }
  }
}
