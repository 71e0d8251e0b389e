import { Injectable } from '@nestjs/common';
import type { Tx } from '@forma3d/database';
import type { Outcome, Task } from '@forma3d/tasks';

export interface FailedTask {
  task: Task;
  reason: string;
  /** It ended as FAILED. */
  final: boolean;
  /** The handler has a `failed` of its own, which says what the failure means for the business. */
  handledByItsOwn: boolean;
}

/** Where modules above the engine hear how tasks end. */
@Injectable()
export class TaskFailures {
  private readonly onFailure: ((tx: Tx, failed: FailedTask) => Promise<void>)[] = [];
  private readonly onOutcome: ((task: Task, outcome: Outcome) => void)[] = [];

  /** In the transaction of each failure; what `fn` throws undoes the failure, so that it comes again. */
  onFailed(fn: (tx: Tx, failed: FailedTask) => Promise<void>): void {
    this.onFailure.push(fn);
  }

  /** After each run, before its outcome is written; must not throw and must not be needed. */
  onReturned(fn: (task: Task, outcome: Outcome) => void): void {
    this.onOutcome.push(fn);
  }

  async failed(tx: Tx, failed: FailedTask): Promise<void> {
    for (const fn of this.onFailure) await fn(tx, failed);
  }

  returned(task: Task, outcome: Outcome): void {
    for (const fn of this.onOutcome) fn(task, outcome);
  }
}
