import { DomainError } from './domain-error';

/** A webhook body that is not what its sender promises. */
export type InvalidDelivery = DomainError<'invalid-delivery'>;

/**
 * Names paths and reasons, never values: bodies hold personal data.
 *
 * @param sender `Shopify`, `SimplyPrint`
 * @param issues as a schema reports them; the first twenty are kept in `details.errors: [{ path, message }]`
 */
export function invalidDelivery(
  sender: string,
  issues: readonly { path: readonly PropertyKey[]; message: string }[],
): InvalidDelivery {
  const errors = issues.slice(0, 20).map(({ path, message }) => ({ path: path.map(String).join('.'), message }));
  const [first] = errors;
  return new DomainError('invalid-delivery', `${sender} sent a body that cannot be read: ${first?.path} ${first?.message}`, {
    errors,
  });
}
