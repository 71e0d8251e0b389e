import { appendFileSync } from 'node:fs';
import type { Database } from '@forma3d/database';
import type { OutsideBill, OutsideCall, OutsideGate } from '@forma3d/kernel';
import type { Task, TaskStep } from '@forma3d/tasks';
import { BadSettings } from './config';
import { SIDES, type Side } from './config-schema';
import { watchStatements } from './statement-points';

/** Told the name of each point that the process passes, before it goes on. */
export type PointWatcher = (point: string) => void;

/**
 * For tests alone: what to do at the points of this process, from two settings that are no part of the product and refused unless
 * every outside system is simulated.
 *
 * - `FORMA3D_RECORD_POINTS`: a file that each point is appended to, a line each: when (milliseconds since 1970, on a clock that nobody
 *   moves), a tab, its name.
 * - `FORMA3D_CRASH_POINT`: a point's name, where the process kills itself as `kill -9` does; `name#3` the third time it is there.
 *
 * Answers undefined when neither is set.
 *
 * @throws BadSettings where a side is real
 */
export function pointsToWatch(
  env: Readonly<Record<string, string | undefined>>,
  simulated: ReadonlySet<Side>,
  crash: () => void = () => process.kill(process.pid, 'SIGKILL'),
): PointWatcher | undefined {
  const file = env['FORMA3D_RECORD_POINTS'] ?? '';
  const [point = '', nth = '1'] = (env['FORMA3D_CRASH_POINT'] ?? '').split('#');
  if (file === '' && point === '') return undefined;
  if (!SIDES.every((side) => simulated.has(side))) {
    throw new BadSettings([`FORMA3D_CRASH_POINT and FORMA3D_RECORD_POINTS are for tests: FORMA3D_SANDBOX must be ${SIDES.join(',')}`]);
  }
  let left = Number(nth);
  return (passed) => {
    // At once and before the end, so that the last line tells where the process died.
    if (file !== '') appendFileSync(file, `${(performance.timeOrigin + performance.now()).toFixed(1)}\t${passed}\n`);
    if (passed !== point) return;
    left -= 1;
    if (left === 0) crash();
  };
}

/** Points of named transactions, `transaction orders.record before-commit`, and of statements that write outside of any. */
export function watchDatabase(db: Pick<Database, 'watcher' | 'pool'>, watch: PointWatcher): void {
  db.watcher = (point, transaction) => {
    watch(`transaction ${transaction} ${point}`);
  };
  watchStatements(db.pool, watch);
}

/** Points of tasks: `task FULFILLMENT claimed`. */
export function taskPoints(watch: PointWatcher): (step: TaskStep, task: Task) => void {
  return (step, task) => {
    watch(`task ${task.type} ${step}`);
  };
}

/** Points of calls to the outside: `outside shopify fulfillmentCreate before-send`, and `after-answer` before anything is made of it. */
export class PointedGate implements OutsideGate {
  constructor(
    private readonly inner: OutsideGate,
    private readonly watch: PointWatcher,
  ) {}

  async enter(call: OutsideCall, signal?: AbortSignal): Promise<(bill: OutsideBill) => Promise<void>> {
    const settle = await this.inner.enter(call, signal);
    this.watch(`outside ${call.system} ${call.operation} before-send`);
    return (bill) => {
      this.watch(`outside ${call.system} ${call.operation} after-answer`);
      return settle(bill);
    };
  }
}
