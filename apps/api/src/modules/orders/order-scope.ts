import { withScope } from '@forma3d/database';
import type { OrderRow } from './order-row';

/**
 * Runs `fn` under the correlation id of the order, whatever brought it up: a webhook of SimplyPrint or a sweep over all
 * prints has an id of its own, and the order is followed by one.
 */
export function inScopeOf<R>(order: Pick<OrderRow, 'correlationId'>, fn: () => R): R {
  return order.correlationId === null ? fn() : withScope({ correlationId: order.correlationId }, fn);
}
