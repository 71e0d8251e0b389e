import { TASKS, type TaskType } from '@forma3d/contracts';
import { DatabaseTrouble, withScope } from '@forma3d/database';
import { newId, within } from '@forma3d/kernel';
import { outcomeOfError, type Outcome } from './outcome';
import { OutcomeWriter, type OutcomeWriterOptions } from './outcome-writer';
import { Queue, type Claim } from './queue';
import type { Task } from './task';

/** Named steps of a task's life: where tests put their crash points. */
export type TaskStep = 'claimed' | 'returned' | 'finished';

export interface ProcessorOptions extends OutcomeWriterOptions {
  /** Names this process in leases. */
  worker: string;
  /** Tasks run at once. */
  concurrency?: number;
  leaseMs?: number;
  /** How often the queue is looked at when nobody wakes the processor. */
  pollMs?: number;
  onStep?: (step: TaskStep, task: Task) => void | Promise<void>;
  /** Trouble of the processor itself, and outcomes worth a log line. */
  log?: ProcessorLog;
}

export interface ProcessorLog {
  trouble(message: string, error: unknown): void;
  outcome(task: Task, outcome: Outcome, ms: number): void;
}

interface Running {
  task: Task;
  abort: AbortController;
  /** Local time until when the lease surely holds. */
  leaseUntil: number;
  /** Local time after which the lease is no longer renewed. */
  renewUntil: number;
  finished: Promise<void>;
}

/** A database that is away is asked once in this time, not at every task that ends. */
const REST_MS = 1_000;
/** How long the end of a process waits for the database: what it could not hand back, the leases bring back. */
const FAREWELL_MS = 3_000;

const silent: ProcessorLog = { trouble: () => undefined, outcome: () => undefined };

/**
 * Claims tasks in batches, runs them side by side, completes them in batches. One runs per process; any number of
 * processes may work on one queue.
 */
export class Processor {
  private readonly queue: Queue;
  private readonly outcomes: OutcomeWriter;
  private readonly running = new Map<string, Running>();
  private readonly types: TaskType[];
  private readonly concurrency: number;
  private readonly leaseMs: number;
  private readonly log: ProcessorLog;
  private finished: Claim[] = [];
  private pumping = false;
  private pumped: Promise<void> = Promise.resolve();
  private reaping = false;
  /** Local time of the last trouble with the queue itself, and whether claims that we do not know of may have come of it. */
  private troubledAt = -Infinity;
  private strays = false;
  /** After a failure of the queue itself: local time before which it is not asked again, however often something wakes us. */
  private restUntil = 0;
  private wanted = false;
  private stopping = false;
  private pollTimer: NodeJS.Timeout | undefined;
  private leaseTimer: NodeJS.Timeout | undefined;
  private readonly dueTimers = new Set<NodeJS.Timeout>();
  private idle: (() => void)[] = [];

  constructor(private readonly options: ProcessorOptions) {
    this.concurrency = options.concurrency ?? 32;
    this.leaseMs = options.leaseMs ?? 30_000;
    this.log = options.log ?? silent;
    this.types = [...options.handlers.keys()];
    // What a worker holds without knowing is told by its name: no two may share one, also not in one process.
    const worker = `${options.worker}:${newId().slice(-8)}`;
    this.queue = new Queue(options.db, options.clock, worker, this.leaseMs);
    this.outcomes = new OutcomeWriter(options, this.queue, (ms) => { this.wakeIn(ms); });
  }

  start(): void {
    this.pollTimer = setInterval(() => {
      this.wake();
      // However long leases are: a lease is what a crash costs, and little more.
      this.reap().catch((error: unknown) => { this.trouble('leases that ran out could not be looked for', error); });
    }, this.options.pollMs ?? 1_000);
    this.leaseTimer = setInterval(() => { void this.tendLeases(); }, this.leaseMs / 3);
    this.wake();
  }

  /** Something may be due: look now. Cheap; calls while it looks are one more look. */
  wake(): void {
    this.wanted = true;
    if (!this.pumping && Date.now() >= this.restUntil) this.pumped = this.pump();
  }

  get load(): number {
    return this.running.size;
  }

  /** Resolves when nothing runs and nothing more is due; for tests and orderly ends. */
  async drained(): Promise<void> {
    this.wake();
    if (!this.pumping && this.running.size === 0) return;
    await new Promise<void>((resolve) => this.idle.push(resolve));
  }

  /** Claims no more, lets what runs finish for `graceMs`, then aborts it and hands it back. */
  async stop(graceMs = 20_000): Promise<void> {
    this.stopping = true;
    clearInterval(this.pollTimer);
    for (const timer of this.dueTimers) clearTimeout(timer);
    let timer: NodeJS.Timeout | undefined;
    const grace = new Promise((resolve) => { timer = setTimeout(resolve, graceMs); });
    await Promise.race([Promise.all([...this.running.values()].map((run) => run.finished)), grace]);
    clearTimeout(timer);
    clearInterval(this.leaseTimer);
    const left = [...this.running.values()];
    for (const run of left) run.abort.abort(new Error('the process stops'));
    try {
      await within(FAREWELL_MS, this.handBack(left), 'handing tasks back');
    } catch (error) {
      // The leases run out by themselves, and handlers are safe to run twice.
      this.log.trouble('tasks could not be handed back', error);
    }
  }

  private async handBack(left: readonly Running[]): Promise<void> {
    while (this.pumping) await this.pumped;
    const finished = this.finished.splice(0);
    if (finished.length > 0) await this.queue.completeAndClaim(finished, [], 0);
    if (left.length > 0) await this.queue.handBack(left.map((run) => run.task));
  }

  private async pump(): Promise<void> {
    this.pumping = true;
    let failedOnce = false;
    try {
      while (this.wanted && !failedOnce) {
        this.wanted = false;
        failedOnce = !(await this.round());
      }
    } finally {
      this.pumping = false;
    }
    if (failedOnce) {
      this.restUntil = Date.now() + REST_MS;
      this.wakeIn(REST_MS);
    } else if (this.wanted) this.wake();
    else if (this.running.size === 0) for (const resolve of this.idle.splice(0)) resolve();
  }

  /** One statement: complete what finished, claim what there is room for. */
  private async round(): Promise<boolean> {
    const finished = this.finished.splice(0);
    const room = this.stopping ? 0 : this.concurrency - this.running.size;
    if (finished.length === 0 && room <= 0) return true;
    const sentAt = Date.now();
    let tasks: Task[];
    try {
      if (this.strays && !this.reaping) {
        this.strays = false;
        await this.queue.handBackStrays([...this.running.keys(), ...finished.map(({ id }) => id)]);
      }
      tasks = await this.queue.completeAndClaim(finished, this.types, Math.max(0, room));
    } catch (error) {
      this.finished.unshift(...finished);
      this.trouble('the task queue could not be read', error);
      return false;
    }
    for (const task of tasks) this.run(task, sentAt);
    if (tasks.length > 0 && tasks.length === room) this.wanted = true;
    return true;
  }

  private run(task: Task, claimedAt: number): void {
    const abort = new AbortController();
    const running: Running = {
      task,
      abort,
      leaseUntil: claimedAt + this.leaseMs,
      renewUntil: claimedAt + TASKS[task.type].maxSeconds * 1_000,
      finished: Promise.resolve(),
    };
    this.running.set(task.id, running);
    running.finished = withScope(
      {
        correlationId: task.correlationId,
        causationId: task.eventId,
        actor: 'system',
        task: { id: task.id, type: task.type, signal: abort.signal, leaseUntil: () => running.leaseUntil },
        transaction: null,
      },
      () => this.work(running),
    );
  }

  private async work(running: Running): Promise<void> {
    const { task, abort } = running;
    const startedAt = Date.now();
    try {
      await this.options.onStep?.('claimed', task);
      const outcome = await this.outcome(task, abort.signal);
      await this.options.onStep?.('returned', task);
      this.log.outcome(task, outcome, Date.now() - startedAt);
      if (abort.signal.aborted) {
        // If it is ours after all, as when the database was away for longer than the lease, it is to come again at once.
        this.strays = true;
        return;
      }
      if (outcome.kind === 'done') this.finished.push({ id: task.id, attempt: task.attempt });
      else await this.outcomes.write(task, outcome);
      await this.options.onStep?.('finished', task);
    } catch (error) {
      // The outcome could not be written: the task comes again.
      this.trouble(`task ${task.type} ${task.id} could not be settled`, error);
    } finally {
      this.running.delete(task.id);
      this.wanted = true;
      // After other tasks that end in the same turn, so that they are completed together.
      setImmediate(() => { this.wake(); });
    }
  }

  private async outcome(task: Task, signal: AbortSignal): Promise<Outcome> {
    try {
      const handler = this.options.handlers.get(task.type);
      if (!handler) throw new Error(`no handler for ${task.type}`);
      return await handler.handle({ ...task, payload: this.queue.payloadOf(task) }, signal);
    } catch (error) {
      return outcomeOfError(error);
    }
  }

  private async tendLeases(): Promise<void> {
    const now = Date.now();
    const renewable = [...this.running.values()].filter((run) => run.renewUntil > now);
    try {
      if (renewable.length > 0) {
        const ours = await this.queue.renew(renewable.map((run) => run.task));
        for (const run of renewable) {
          if (ours.has(run.task.id)) run.leaseUntil = now + this.leaseMs;
          else run.abort.abort(new Error('the lease was lost'));
        }
      }
      await this.reap();
    } catch (error) {
      this.trouble('leases could not be renewed', error);
    }
    // A statement that we heard no answer of may still have been under way when strays were looked for.
    if (this.recentlyTroubled) this.strays = true;
    for (const run of this.running.values()) {
      if (run.leaseUntil <= Date.now()) run.abort.abort(new Error('the lease ran out'));
    }
  }

  /**
   * Takes over what died workers left; also called by the cron sweep. Not right after trouble with the database: the others had it too, and
   * are given the time to renew leases that ran out for no fault of theirs.
   */
  async reap(): Promise<void> {
    if (this.reaping || this.recentlyTroubled) return;
    this.reaping = true;
    try {
      for (const task of await this.queue.reap(100)) await this.outcomes.fail(task, 'the process that worked on it kept dying');
    } finally {
      this.reaping = false;
    }
    this.wake();
  }

  /** Only what the database is to blame for may come back at once and for nothing; the rest waits for the end of its lease, and counts. */
  private trouble(message: string, error: unknown): void {
    this.log.trouble(message, error);
    if (!(error instanceof DatabaseTrouble)) return;
    this.troubledAt = Date.now();
    this.strays = true;
  }

  private get recentlyTroubled(): boolean {
    return Date.now() < this.troubledAt + this.leaseMs;
  }

  private wakeIn(ms: number): void {
    if (this.stopping || ms > 3_600_000) return;
    const timer = setTimeout(() => {
      this.dueTimers.delete(timer);
      this.wake();
    }, ms + 1);
    timer.unref();
    this.dueTimers.add(timer);
  }
}

