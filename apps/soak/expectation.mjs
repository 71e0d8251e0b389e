/** What must have come of an order, worked out from what Shopify holds and what the merchant did; the product is not asked. */
import { partsOf, printsFor } from './products.mjs';

const PAID = ['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED'];
const LOWERS = ['lower', 'swap', 'refund', 'cancel'];
const CHANGES_NOTHING = ['pay', 'release'];

const sum = (list, of) => list.reduce((total, each) => total + of(each), 0);

/**
 * @param {object} order as `GET /control/orders` tells it
 * @param {import('./merchant.mjs').Placed} placed
 */
export function expectationOf(order, placed) {
  const done = placed.actions.filter(({ refused }) => refused === null);
  const paid = PAID.includes(order.display_financial_status);
  const cancelled = order.cancelled_at !== null;
  const produced = paid && !cancelled;
  const fulfilledByMerchant = done.some(({ kind }) => kind === 'fulfill');
  const lowered = done.some(({ kind }) => LOWERS.includes(kind));
  return {
    name: order.name,
    paid,
    cancelled,
    /** Whether the product alone decided what became of it. */
    plain: done.every(({ kind }) => CHANGES_NOTHING.includes(kind)),
    fulfilledByMerchant,
    lowered,
    lines: order.lines.filter(({ fulfillment_service: service }) => service === 'manual').map((line) => {
      const due = produced ? line.current_quantity + returnedOf(order, line) : 0;
      const most = Math.max(plannedQuantity(placed, line), ...done.map(({ lines }) => lines.find(({ id }) => id === line.id)?.current_quantity ?? 0));
      return {
        id: line.id,
        sku: line.sku,
        current: line.current_quantity,
        /** Units that must be fulfilled by now. */
        due,
        fulfilled: fulfilledUnits(order, line.id),
        parts: partsOf(line.sku).map((part) => ({
          name: part.name,
          file: part.file_id,
          // What the merchant fulfills himself need not be printed; what was printed before a line was lowered stays printed.
          least: produced && !fulfilledByMerchant ? printsFor(due, part) : 0,
          most: !paid ? 0 : lowered || fulfilledByMerchant ? printsFor(most, part) : printsFor(due, part),
        })),
      };
    }),
  };
}

/** Units that went out and came back: they were made and fulfilled all the same. */
function returnedOf(order, line) {
  const given = order.refunds.flatMap(({ lines }) => lines).filter((each) => each.line_item_id === line.id && each.restock_type !== 'cancel');
  return sum(given, ({ quantity }) => quantity);
}

export function fulfilledUnits(order, lineId) {
  const standing = order.fulfillments.filter(({ status }) => status === 'SUCCESS').flatMap(({ lines }) => lines);
  return sum(standing.filter(({ line_item_id: id }) => id === lineId), ({ quantity }) => quantity);
}

/** As ordered; a line that an edit added was not. */
const plannedQuantity = ({ planned }, line) => planned.body.lines.find(({ sku }) => sku === line.sku)?.quantity ?? 0;
