import { TASKS } from '@forma3d/contracts';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Engine } from './engine.setup';
import { done, type Outcome } from './outcome';
import { Queue } from './queue';

const engine = new Engine(useDatabase().url());
describe('a worker that dies or hangs', () => {
  /** Claims as a process would that is killed right after. */
  const claimAndDie = async (leaseMs = 0) => {
    const [task] = await new Queue(engine.db, engine.clock, 'dead', leaseMs).completeAndClaim([], ['FULFILLMENT'], 1);
    if (!task) throw new Error('nothing was due');
    return task;
  };

  it('loses the task to another when the lease runs out', async () => {
    await engine.enqueue();
    await claimAndDie();
    const other = engine.processor(() => done);
    await other.reap();
    await other.drained();
    expect(await engine.only()).toMatchObject({ status: 'COMPLETED', failures: 1 });
  });

  it('loses it with the next poll, however long the leases of the living are', async () => {
    await engine.enqueue();
    await claimAndDie(200);
    const diedAt = performance.now();
    engine.processor(() => done, { leaseMs: 60_000, pollMs: 100 }).start();
    await until(async () => (await engine.only()).status === 'COMPLETED', { timeoutMs: 10_000 });
    expect(performance.now() - diedAt).toBeLessThan(5_000);
  });

  it('keeps the task while the lease holds', async () => {
    await engine.enqueue();
    await claimAndDie(60_000);
    const other = engine.processor(() => done);
    await other.reap();
    await other.drained();
    expect(await engine.only()).toMatchObject({ status: 'PROCESSING', attempt: 1 });
  });

  it('cannot finish what another has taken over', async () => {
    await engine.enqueue();
    const stale = await claimAndDie();
    const queue = new Queue(engine.db, engine.clock, 'other', 60_000);
    await queue.reap(10);
    const [fresh] = await queue.completeAndClaim([], ['FULFILLMENT'], 1);
    await queue.completeAndClaim([stale], [], 0);
    expect(await engine.only()).toMatchObject({ status: 'PROCESSING', attempt: fresh?.attempt });
    await engine.db.transaction('test.late', async (tx) => {
      expect(await queue.fail(tx, stale, 'late')).toBe('lost');
      expect(await queue.postpone(tx, stale, { dueAt: engine.clock.now(), why: 'late', failed: true })).toBe(false);
    });
    expect(await queue.renew([stale])).toEqual(new Set());
  });

  it('over and over ends the task as FAILED', async () => {
    await engine.enqueue();
    const told = jest.fn(() => Promise.resolve());
    const survivor = engine.processor(() => done, { onFailure: told, handlers: new Map() });
    for (let death = 0; death < TASKS.FULFILLMENT.maxAttempts; death += 1) {
      await claimAndDie();
      await survivor.reap();
    }
    expect(await engine.only()).toMatchObject({ status: 'FAILED', failures: TASKS.FULFILLMENT.maxAttempts });
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('for the last time starts anew when the task was asked for again meanwhile', async () => {
    await engine.enqueue();
    await claimAndDie();
    await engine.db.sql`UPDATE retry_queue SET failures = max_attempts - 1, again = true`;
    const survivor = engine.processor(() => done);
    await survivor.reap();
    await survivor.drained();
    expect(await engine.only()).toMatchObject({ status: 'COMPLETED', failures: 0 });
  });

  it('hears of a lost lease by its signal, and its result counts no more', async () => {
    await engine.enqueue();
    let aborted = false;
    const slow = engine.processor(
      (_task, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => { aborted = true; resolve(done); });
          void engine.db.sql`UPDATE retry_queue SET attempt = attempt + 1`;
        }),
      { leaseMs: 150 },
    );
    slow.start();
    await until(() => aborted);
    await until(async () => slow.load === 0);
    expect(await engine.only()).not.toMatchObject({ status: 'COMPLETED' });
  });

  it('is not one that works longer than its lease: the processor renews it', async () => {
    await engine.enqueue();
    let finish: (outcome: Outcome) => void = () => undefined;
    const steady = engine.processor(() => new Promise<Outcome>((resolve) => { finish = resolve; }), { leaseMs: 900 });
    const rival = engine.processor(() => { throw new Error('taken by a rival'); }, { leaseMs: 900 });
    steady.start();
    await until(() => steady.load === 1);
    rival.start();
    const leases = new Set<number>();
    await until(async () => {
      const { until: lease } = await engine.db.sql.one(z.object({ until: z.date().nullable() }))`SELECT lease_until AS until FROM retry_queue`;
      if (lease) leases.add(lease.getTime());
      return leases.size >= 4;
    }, { timeoutMs: 15_000 });
    finish(done);
    await until(async () => (await engine.only()).status === 'COMPLETED');
    expect(await engine.only()).toMatchObject({ attempt: 1, failures: 0 });
  }, 20_000);
});

describe('stopping', () => {
  it('lets what runs finish, and claims no more', async () => {
    await engine.enqueue();
    let finish: (outcome: Outcome) => void = () => undefined;
    const stopping = engine.processor(() => new Promise<Outcome>((resolve) => { finish = resolve; }));
    stopping.wake();
    await until(() => stopping.load === 1);
    const stopped = stopping.stop(10_000);
    await engine.enqueue();
    finish(done);
    await stopped;
    expect((await engine.tasks()).map((task) => task.status).sort()).toEqual(['COMPLETED', 'PENDING']);
  });

  it('hands back what does not finish in time, with no attempt used', async () => {
    await engine.enqueue();
    let aborted = false;
    const stopping = engine.processor((_task, signal) => new Promise<Outcome>(() => { signal.addEventListener('abort', () => { aborted = true; }); }));
    stopping.wake();
    await until(() => stopping.load === 1);
    await stopping.stop(0);
    expect(aborted).toBe(true);
    expect(await engine.only()).toMatchObject({ status: 'PENDING', failures: 0 });
  });
});

describe('a database that is away for a while', () => {
  it('delays the work and loses none of it', async () => {
    const troubles: string[] = [];
    await engine.enqueue();
    await engine.db.sql`ALTER TABLE retry_queue RENAME TO away`;
    const patient = engine.processor(() => done, { pollMs: 20, log: { trouble: (message) => troubles.push(message), outcome: () => undefined } });
    patient.start();
    await until(() => troubles.length > 0);
    await engine.db.sql`ALTER TABLE away RENAME TO retry_queue`;
    await until(async () => (await engine.only()).status === 'COMPLETED');
  });
});
