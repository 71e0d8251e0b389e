import { z } from 'zod';
import { ending } from './crash-orders.setup';
import type { CrashJourney, CrashWorld } from './crash-world.setup';

const LONG_DONE = 'done long ago';

/** A task that died workers left, and one that was done long ago, as the API's clock has it. */
async function leaveTasks(world: CrashWorld): Promise<void> {
  const now = Date.now() + world.aheadMs;
  await world.product.db.sql`
    INSERT INTO retry_queue (id, type, status, store_id, payload, attempt, failures, max_attempts, due_at, lease_until, finished_at, last_error)
    SELECT gen_random_uuid(), 'CLEAN_UP', status, store.id, '{}', 5, failures, 5, ${new Date(now - 1_000)}, lease_until, finished_at, ${LONG_DONE}
    FROM store, (VALUES
      ('COMPLETED', 0, NULL::timestamptz, ${new Date(now - 8 * 86_400_000)}::timestamptz),
      ('PROCESSING', 4, now() - interval '1 s', NULL)) AS left_behind (status, failures, lease_until, finished_at)`;
}

const isThere = async (world: CrashWorld, lastError: string): Promise<boolean> =>
  (await world.product.db.sql.rows(z.object({ id: z.string() }))`
    SELECT id FROM retry_queue WHERE status = 'COMPLETED' AND last_error = ${lastError}`).length > 0;

const slots = async (world: CrashWorld, name: string): Promise<boolean> =>
  (await world.product.db.sql.rows(z.object({ name: z.string() }))`SELECT name FROM cron_slot WHERE name = ${name}`).length > 0;

/** What the clock does by itself. */
export const nightJourneys: readonly CrashJourney[] = [
  {
    name: 'a night, with a task that nobody could end',
    startsAt: '02:59:00',
    travel: async (world) => {
      // The start makes up for the night before.
      await world.settled();
      await leaveTasks(world);
      await world.letPass(70);
      await world.mail('Task Failed');
      await world.until('the old task to be deleted', async () => !(await isThere(world, LONG_DONE)));
      await world.until('the catch-up', () => slots(world, 'catch-up'));
      await world.until('the sweep', () => slots(world, 'sweep'));
    },
    ending: ending({
      told: { 'task.failed': 1 },
      mails: ['[Forma3D.Connect] Task Failed: Action Required'],
      failed: ['CLEAN_UP: the process that worked on it kept dying'],
      attention: ['task-failed'],
    }),
  },
  {
    name: 'an early morning',
    startsAt: '04:19:00',
    travel: async (world) => {
      await world.settled();
      await world.letPass(70);
      // One at the start, and one of the day.
      await world.until('the daily look at the subscriptions', async () => (await world.tasks('WEBHOOK_SUBSCRIPTIONS')).length === 2);
    },
    ending: ending({}),
  },
];
