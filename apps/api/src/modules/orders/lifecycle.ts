import {
  PICKUP_ORDER,
  SHIPPING_ORDER,
  type FulfilmentType,
  type OrderStatus,
  type StorePolicies,
} from '@forma3d/contracts';
import type { Transitions } from '@forma3d/kernel';

/** What the lifecycle of a fulfilment type allows; empty lists for states that the other type alone has. */
function table(fulfilmentType: FulfilmentType): Partial<Transitions<OrderStatus>> {
  return fulfilmentType === 'pickup' ? PICKUP_ORDER : SHIPPING_ORDER;
}

/** The states that an order may move to from here. */
export function allowedTransitions(fulfilmentType: FulfilmentType, status: OrderStatus): OrderStatus[] {
  return [...(table(fulfilmentType)[status] ?? [])];
}

/** The moves that an order may make: what is fulfilled is not cancelled any more, though a table of states alone would let it. */
export function movesFrom(order: { fulfilmentType: FulfilmentType; status: OrderStatus; fulfilledAt: Date | string | null }): OrderStatus[] {
  const allowed = allowedTransitions(order.fulfilmentType, order.status);
  return order.fulfilledAt === null ? allowed : allowed.filter((to) => to !== 'cancelled');
}

/** Whether the lifecycle of this fulfilment type knows the state at all. */
export function hasState(fulfilmentType: FulfilmentType, status: OrderStatus): boolean {
  return table(fulfilmentType)[status] !== undefined;
}

export interface ProgressFacts {
  fulfilmentType: FulfilmentType;
  status: OrderStatus;
  /** Some print is with SimplyPrint or further. */
  started: boolean;
  /** Everything that is ours to make is made, and something is. */
  complete: boolean;
}

/**
 * The moves that the system makes by itself when production gets on, in order: a pickup order is in progress with the
 * first print and ready with the last, a shipping order goes to packing with the last. Never backwards and never past a
 * person: an order that nobody accepted stays pending.
 */
export function productionMoves(facts: ProgressFacts, moves: StorePolicies['system_moves']): OrderStatus[] {
  const steps: OrderStatus[] = [];
  let at = facts.status;
  const step = (to: OrderStatus): void => {
    if (!allowedTransitions(facts.fulfilmentType, at).includes(to)) return;
    steps.push(to);
    at = to;
  };
  if (facts.fulfilmentType === 'pickup') {
    if (moves.production && (facts.started || facts.complete)) step('in_progress');
    if (moves.complete && facts.complete) step('ready');
  } else if (moves.complete && facts.complete) {
    step('packing');
  }
  return steps;
}
