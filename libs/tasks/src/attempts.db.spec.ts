import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Engine } from './engine.setup';
import { done, giveUp, retry, snooze, type Outcome } from './outcome';

const engine = new Engine(useDatabase().url());

const attemptRow = z.object({ attempt: z.number(), started_at: z.date().nullable(), ended_at: z.date(), error: z.string() });
const attempts = () => engine.db.sql.rows(attemptRow)`SELECT attempt, started_at, ended_at, error FROM task_attempt ORDER BY attempt`;
const written = async () => (await attempts()).map(({ attempt, error }) => `${String(attempt)}: ${error}`);

/** Answers the outcomes one after the other, a day apart. */
async function run(...outcomes: Outcome[]): Promise<void> {
  const left = [...outcomes];
  const processor = engine.processor(() => left.shift() ?? done);
  while (left.length > 0) {
    await processor.drained();
    engine.clock.advance(86_400_000);
  }
}

it('a first attempt that succeeds leaves no trace beside its task', async () => {
  await engine.enqueue();
  await run(done);
  expect(await engine.only()).toMatchObject({ status: 'COMPLETED' });
  expect(await attempts()).toEqual([]);
});

it('each failed attempt is noted with its time and its error, the last one too', async () => {
  await engine.enqueue();
  const startedAt = engine.clock.now();
  await run(retry('Shopify answered 503'), retry('Shopify answered 502'), giveUp('Shopify answered 404'));
  expect(await written()).toEqual(['1: Shopify answered 503', '2: Shopify answered 502', '3: Shopify answered 404']);
  expect((await attempts())[0]).toMatchObject({ started_at: startedAt, ended_at: startedAt });
});

it('tells how long an attempt took', async () => {
  await engine.enqueue();
  const startedAt = engine.clock.now();
  await engine.processor(() => {
    engine.clock.advance(4_000);
    return retry('slow, and in vain');
  }).drained();
  expect(await attempts()).toMatchObject([{ started_at: startedAt, ended_at: engine.clock.now() }]);
});

it('waiting is no attempt', async () => {
  await engine.enqueue();
  await run(snooze('on hold', 1_000), retry('Shopify answered 503'), done);
  expect(await written()).toEqual(['2: Shopify answered 503']);
});

it('the death of a process is an attempt like any other', async () => {
  await engine.enqueue();
  await engine.db.sql`
    UPDATE retry_queue SET status = 'PROCESSING', attempt = 1, started_at = ${engine.clock.now()}, lease_until = now() - interval '1 s'`;
  const processor = engine.processor(() => done);
  await processor.reap();
  await processor.drained();
  expect(await written()).toEqual(['1: the process that worked on it died or lost its lease']);
  expect(await engine.only()).toMatchObject({ status: 'COMPLETED', attempt: 3 });
});

it('what keeps killing its process is noted once an attempt, the last one as what ended it', async () => {
  await engine.enqueue();
  await engine.db.sql`
    UPDATE retry_queue SET status = 'PROCESSING', attempt = 20, failures = max_attempts - 1, lease_until = now() - interval '1 s'`;
  await engine.processor(() => done).reap();
  expect(await written()).toEqual(['21: the process that worked on it kept dying']);
  expect(await engine.only()).toMatchObject({ status: 'FAILED' });
});

it('an attempt whose task has gone on elsewhere is not noted', async () => {
  await engine.enqueue();
  const processor = engine.processor(async () => {
    await engine.db.sql`UPDATE retry_queue SET attempt = attempt + 1`;
    return retry('too late');
  });
  await processor.drained();
  expect(await attempts()).toEqual([]);
});
