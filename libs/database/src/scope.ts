import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * What travels with a piece of work without being passed by hand: who acts, which chain of causes it belongs to, and
 * whether a transaction is open (calls to the outside are refused then).
 */
export interface Scope {
  /** Follows an order from webhook to mail; in every log line, event and task. */
  correlationId: string | null;
  /** The event that caused this work. */
  causationId: string | null;
  /** `system`, `shopify`, `simplyprint`, or who signed in. */
  actor: string;
  /** The task being run, if one is. */
  task: { id: string; type: string; signal: AbortSignal; leaseUntil: () => number } | null;
  transaction: string | null;
}

const storage = new AsyncLocalStorage<Scope>();
const OUTSIDE_ANY_SCOPE: Scope = { correlationId: null, causationId: null, actor: 'system', task: null, transaction: null };

export function currentScope(): Scope {
  return storage.getStore() ?? OUTSIDE_ANY_SCOPE;
}

/** Runs `fn` with the present scope, changed in the fields given. */
export function withScope<R>(change: Partial<Scope>, fn: () => R): R {
  return storage.run({ ...currentScope(), ...change }, fn);
}

/** Names who acts, for the rest of the present scope; outside any scope it is always the system. */
export function actAs(actor: string): void {
  const scope = storage.getStore();
  if (scope) scope.actor = actor;
}

/** `fn`, called as if by nobody, wherever it is called. */
export function outsideAnyScope<A extends unknown[]>(fn: (...args: A) => void): (...args: A) => void {
  return (...args) => { storage.exit(() => { fn(...args); }); };
}
