import type { TaskType } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { FakeClock } from '@forma3d/testing';
import { z } from 'zod';
import { EventLog, Processor, type Outcome, type ProcessorOptions, type Task } from './index';

const row = z.object({
  status: z.string(),
  attempt: z.number(),
  failures: z.number(),
  last_error: z.string().nullable(),
  due_at: z.date(),
  again: z.boolean(),
});

type Handle = (task: Task, signal: AbortSignal) => Promise<Outcome> | Outcome;
type More = Partial<ProcessorOptions> & { failed?: (tx: Tx, task: Task, reason: string) => Promise<void> };

/** An engine on a database of its own, with a clock that stands still; register it once in a spec. */
export class Engine {
  readonly db: Database;
  readonly clock = new FakeClock();
  readonly storeId = newId();
  wakes = 0;
  readonly delivered: string[] = [];
  readonly events = new EventLog({
    clock: this.clock,
    wake: () => {
      this.wakes += 1;
    },
    deliver: (event) => this.delivered.push(event.type),
  });
  private readonly processors: Processor[] = [];

  constructor(url: string) {
    this.db = new Database({ url, max: 12 });
    beforeEach(async () => {
      await this.db.sql`TRUNCATE retry_queue, task_attempt, event`;
      this.wakes = 0;
      this.delivered.length = 0;
    });
    afterEach(async () => {
      await Promise.all(this.processors.splice(0).map((processor) => processor.stop(0)));
    });
    afterAll(() => this.db.close());
  }

  /** A processor whose handlers are all `handle`; it polls never, so that it looks only when told. */
  processor(handle: Handle, more: More = {}): Processor {
    const { failed, ...options } = more;
    const handler = { handle: async (task: Task, signal: AbortSignal) => handle(task, signal), ...(failed ? { failed } : {}) };
    const handlers = new Map<TaskType, typeof handler>([
      ['FULFILLMENT', handler],
      ['CATCH_UP', handler],
    ]);
    const worker = `test-${String(this.processors.length)}`;
    const made = new Processor({ db: this.db, clock: this.clock, worker, handlers, pollMs: 3_600_000, ...options });
    this.processors.push(made);
    return made;
  }

  tasks(): Promise<z.output<typeof row>[]> {
    return this.db.sql.rows(row)`SELECT * FROM retry_queue ORDER BY id`;
  }

  only(): Promise<z.output<typeof row>> {
    return this.db.sql.one(row)`SELECT * FROM retry_queue`;
  }

  enqueue(orderId = newId(), dueAt?: Date): Promise<void> {
    return this.db.transaction('test.enqueue', (tx) =>
      this.events.enqueue(tx, {
        type: 'FULFILLMENT',
        storeId: this.storeId,
        payload: { order_id: orderId },
        dedupeKey: orderId,
        ...(dueAt ? { dueAt } : {}),
      }),
    );
  }
}
