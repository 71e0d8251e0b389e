/**
 * A refusal that the caller can understand and act on. `code` is stable and part of the API; which HTTP status it
 * becomes is decided in one table at the edge, not here.
 */
export class DomainError<Code extends string = string> extends Error {
  override readonly name = 'DomainError';

  /** @param details facts for the caller (present state, allowed moves); never secrets or personal data */
  constructor(
    readonly code: Code,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }
}
