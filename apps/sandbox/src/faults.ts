import type { SandboxFault } from '@forma3d/contracts';

import type { Scheduler } from './scheduler';

export interface ActiveFault extends SandboxFault {
  id: number;
  /** How often it has struck. */
  struck: number;
  until: number | null;
}

type Target = SandboxFault['target'];
type Kind = SandboxFault['kind'];

const HTTP_KINDS: readonly Kind[] = ['outage', 'throttle', 'slow', 'lost-answer', 'late-answer', 'error'];

const KINDS: Record<Target, readonly Kind[]> = {
  shopify: HTTP_KINDS,
  simplyprint: [...HTTP_KINDS, 'fail-prints'],
  smtp: ['outage', 'throttle', 'slow', 'lost-answer', 'error'],
  webhooks: ['outage', 'slow', 'error', 'duplicate', 'late', 'drop', 'reorder'],
};

/** Why such a fault cannot be had; null when it can. */
export function faultProblem(fault: SandboxFault): string | null {
  if (KINDS[fault.target].includes(fault.kind)) return null;
  return `${fault.target} knows no ${fault.kind}; it knows ${KINDS[fault.target].join(', ')}.`;
}

/**
 * What misbehaves now. A fault strikes when target, kind and operation fit, its time is not over and its dice fall so; each strike counts.
 * The dice of a fault come from its own seed, so that a run can be repeated.
 */
export class Faults {
  private active: (ActiveFault & { dice: () => number })[] = [];
  private counter = 0;

  constructor(private readonly scheduler: Scheduler) {}

  add(fault: SandboxFault): ActiveFault {
    this.counter += 1;
    const until = fault.for_s === undefined ? null : this.scheduler.now().getTime() + fault.for_s * 1000;
    const active = { ...fault, id: this.counter, struck: 0, until, dice: seeded(fault.seed) };
    this.active.push(active);
    return withoutDice(active);
  }

  list(): ActiveFault[] {
    this.sweep();
    return this.active.map(withoutDice);
  }

  clear(): void {
    this.active = [];
  }

  /** The first fault of this kind that strikes this operation now, or null. Counts the strike. */
  strike(target: Target, kind: Kind, ...operations: string[]): ActiveFault | null {
    this.sweep();
    for (const fault of this.active) {
      if (fault.target !== target || fault.kind !== kind || !fits(fault.operation, operations)) continue;
      if (fault.rate < 1 && fault.dice() >= fault.rate) continue;
      fault.struck += 1;
      return withoutDice(fault);
    }
    return null;
  }

  private sweep(): void {
    const now = this.scheduler.now().getTime();
    this.active = this.active.filter(
      (fault) => (fault.until === null || now < fault.until) && (fault.count === undefined || fault.struck < fault.count),
    );
  }
}

function withoutDice(fault: ActiveFault & { dice?: () => number }): ActiveFault {
  const plain = { ...fault };
  delete plain.dice;
  return plain;
}

/** `*` at the end stands for the rest: `shopify:*`, `orders/*`. */
function fits(wanted: string | undefined, operations: string[]): boolean {
  if (wanted === undefined || wanted === '*') return true;
  return operations.some((operation) =>
    wanted.endsWith('*') ? operation.startsWith(wanted.slice(0, -1)) : operation === wanted,
  );
}

/** Numbers in [0, 1) that depend on the seed alone (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
