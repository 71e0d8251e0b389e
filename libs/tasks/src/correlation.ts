import { currentScope, fragment, type SqlText } from '@forma3d/database';

/**
 * The correlation id that a new event or task gets; for rows called `new` that have `correlation_id` (the scope's) and `order_id`.
 *
 * One about an order gets the id that the order's first event brought: from the shop's webhook to the last mail everything about it is found
 * under one id, also what a printer's news or a sweep set going. What a person asks for is found under the id that they were answered with.
 */
export function correlationColumn(): SqlText {
  const { actor } = currentScope();
  if (actor !== 'system' && actor !== 'anonymous') return fragment`new.correlation_id`;
  return fragment`COALESCE(
    (SELECT first.correlation_id FROM event first WHERE first.order_id = new.order_id ORDER BY first.seq LIMIT 1), new.correlation_id)`;
}
