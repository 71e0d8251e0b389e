import { setTimeout as pause } from 'node:timers/promises';
import { isBackground } from '@forma3d/contracts';
import { currentScope, type Database } from '@forma3d/database';
import { OutsideError, type OutsideBill, type OutsideCall, type OutsideGate, type OutsideSystem } from '@forma3d/kernel';
import { OutsideLimits, type Reservation, type Terms, type Verdict } from './outside-limits';
import { markAccepted, markRefused } from './outside-refusals';
import type { OutsideSightings, OutsideTroubles } from './outside-troubles';
import { SilentSystems } from './silent-systems';

/** Longest wait for a turn inside a call where the settings name none. */
const LONGEST_WAIT_MS = 8_000;
/** Of a task: it comes again by itself, and while it waits it holds a place that a webhook could have. */
const LONGEST_WAIT_OF_TASK_MS = 2_000;
/** How often a call that waits looks whether its turn has come earlier than it seemed. */
const LOOK_AGAIN_MS = 500;

export interface GateLog {
  debug(facts: object, message: string): void;
  warn(facts: object, message: string): void;
  info(facts: object, message: string): void;
}

export interface GateSettings {
  simplyprintPerSecond: number;
  /** Longest wait for a turn inside a call, in milliseconds; a turn further off is given up and told to the caller. */
  longestTurnMs?: number;
}

/**
 * The gate of all processes together: the price accounts are rows, so that many processes keep one limit. Every refusal to
 * let a call through is an OutsideError and happens before anything is sent. Calls of tasks that no order waits for give way.
 */
export class SharedOutsideGate implements OutsideGate {
  private readonly limits: OutsideLimits;
  private readonly silent = new SilentSystems();

  constructor(
    private readonly db: Database,
    private readonly troubles: OutsideTroubles,
    private readonly sightings: OutsideSightings,
    private readonly log: GateLog,
    private readonly settings: GateSettings,
  ) {
    this.limits = new OutsideLimits(db, {
      shopify: { capacity: 2_000, restorePerSecond: 100 },
      simplyprint: { capacity: settings.simplyprintPerSecond, restorePerSecond: settings.simplyprintPerSecond },
    });
  }

  async enter(call: OutsideCall, signal?: AbortSignal): Promise<(bill: OutsideBill) => Promise<void>> {
    const { transaction, task } = currentScope();
    if (transaction !== null) {
      throw new Error(`${call.system} ${call.operation} inside transaction ${transaction}: outside calls hold no connection`);
    }
    // A person who asks is answered, whatever others found.
    const ended = task ? this.silent.begin(call) : () => undefined;
    try {
      const settle = await this.letThrough(call, signal);
      return (bill) => {
        ended(isAnswered(bill) ? 'answered' : 'unanswered');
        return settle(bill);
      };
    } catch (error) {
      ended('not sent');
      throw error;
    }
  }

  private async letThrough(call: OutsideCall, signal?: AbortSignal): Promise<(bill: OutsideBill) => Promise<void>> {
    const verdict = await this.limits.reserve(call, this.terms());
    if (verdict.kind !== 'pass') {
      this.told(call, 0, `not sent: ${verdict.kind}`);
      throw refusal(call, verdict);
    }
    try {
      if (verdict.waitMs > 0) await this.waitForTurn(call, verdict, signal);
      checkLease(call, signal);
    } catch (error) {
      await this.afterwards(call, this.limits.giveBack(call, verdict));
      throw error;
    }
    const sentAt = performance.now();
    return (bill) => {
      this.told(call, performance.now() - sentAt, resultOf(bill));
      return this.afterwards(call, this.settle(call, bill, verdict));
    };
  }

  private terms(): Terms {
    const { task } = currentScope();
    const longest = this.settings.longestTurnMs ?? LONGEST_WAIT_MS;
    return { longestWaitMs: task ? Math.min(longest, LONGEST_WAIT_OF_TASK_MS) : longest, background: isBackground(task?.type) };
  }

  /** One line for every call, under the correlation id of the work that made it. */
  private told({ storeId, system, operation }: OutsideCall, ms: number, result: string): void {
    this.log.debug({ store_id: storeId, system, operation, ms: Math.round(ms), result }, `${system} ${operation}`);
  }

  /** Waits as long as the reservation says, or less when its turn comes earlier. */
  private async waitForTurn(call: OutsideCall, reservation: Reservation, signal: AbortSignal | undefined): Promise<void> {
    const signals = [signal, currentScope().task?.signal].filter((each) => each !== undefined);
    const until = performance.now() + reservation.waitMs;
    let waitMs = reservation.waitMs;
    while (waitMs > 0) {
      try {
        await pause(Math.min(waitMs, LOOK_AGAIN_MS), undefined, { signal: AbortSignal.any(signals) });
      } catch {
        throw aborted(call);
      }
      const turn = await this.limits.turn(call, reservation);
      if ('kind' in turn) throw refusal(call, turn);
      waitMs = Math.min(turn.waitMs, until - performance.now());
    }
  }

  /**
   * What follows a call must not change what became of it: the answer counts, and an account that was not settled heals by itself,
   * because the reservation lapses and the next answer tells what is there.
   */
  private async afterwards(call: OutsideCall, following: Promise<void>): Promise<void> {
    try {
      await following;
    } catch (error) {
      const facts = { err: error, store_id: call.storeId, system: call.system, operation: call.operation };
      this.log.warn(facts, `the price of ${call.system} ${call.operation} could not be written down`);
    }
  }

  private async settle(call: OutsideCall, bill: OutsideBill, reservation: Reservation): Promise<void> {
    const accepted = isAccepted(bill);
    this.sightings.saw(call.system, isAnswered(bill));
    if (bill.refused === true) await this.refuse(call);
    else if (reservation.probe && accepted) await this.accept(call);
    await this.limits.settle(call, reservation, bill);
  }

  private async refuse(call: OutsideCall): Promise<void> {
    const first = await this.db.transaction('outside.refused', async (tx) => {
      const began = await markRefused(tx, call);
      if (began) await this.troubles.tell(tx, { storeId: call.storeId, system: call.system, refused: true });
      return began;
    });
    if (first) {
      this.log.warn({ store_id: call.storeId, system: call.system, operation: call.operation }, `${call.system} refuses our credentials; its calls wait`);
    }
  }

  private async accept(call: OutsideCall): Promise<void> {
    const ended = await this.db.transaction('outside.accepted', async (tx) => {
      const over = await markAccepted(tx, call);
      if (over) await this.troubles.tell(tx, { storeId: call.storeId, system: call.system, refused: false });
      return over;
    });
    if (ended) this.log.info({ store_id: call.storeId, system: call.system }, `${call.system} accepts our credentials again`);
  }
}

/** It did what was asked, or spoke of the price, which it does only with those whose credentials it takes. */
const isAccepted = (bill: OutsideBill): boolean => bill.refused === false || bill.actualCost !== undefined || bill.currentlyAvailable !== undefined;

/** It is there, whatever it says. */
const isAnswered = (bill: OutsideBill): boolean => isAccepted(bill) || bill.refused === true || bill.blockedForMs !== undefined;

function resultOf(bill: OutsideBill): 'answered' | 'refused' | 'throttled' | 'failed' {
  if (bill.refused === true) return 'refused';
  if (bill.blockedForMs !== undefined) return 'throttled';
  return isAccepted(bill) ? 'answered' : 'failed';
}

function refusal(call: OutsideCall, verdict: Exclude<Verdict, { kind: 'pass' }>): OutsideError {
  const facts = { system: call.system, operation: call.operation, retryAfterMs: verdict.retryAfterMs };
  return verdict.kind === 'refused'
    ? new OutsideError({ ...facts, failure: 'refused' }, `${call.system} refuses the credentials of this store`)
    : new OutsideError({ ...facts, failure: 'throttled' }, `${call.system} must not be asked so soon`);
}

const aborted = ({ system, operation }: { system: OutsideSystem; operation: string }): OutsideError =>
  new OutsideError({ system, operation, failure: 'transient' }, `${system} ${operation} was not sent: the work was stopped`);

/** A call that may outlive the lease of its task could be repeated by another process while it is still under way. */
function checkLease(call: OutsideCall, signal: AbortSignal | undefined): void {
  const { task } = currentScope();
  if (signal?.aborted === true || task?.signal.aborted === true) throw aborted(call);
  if (task && task.leaseUntil() - Date.now() < call.timeoutMs) {
    throw new OutsideError(
      { system: call.system, operation: call.operation, failure: 'transient' },
      `${call.system} ${call.operation} was not sent: too little of the task's lease is left`,
    );
  }
}
