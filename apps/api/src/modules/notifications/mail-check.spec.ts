import { OutsideError } from '@forma3d/kernel';
import { MailReadiness } from '@forma3d/platform';
import { FakeClock } from '@forma3d/testing';
import { MailCheck } from './mail-check';

const clock = new FakeClock();
let looks: number;
let answer: () => Promise<void>;
let logged: unknown[];
beforeEach(() => {
  looks = 0;
  logged = [];
  answer = () => Promise.resolve();
});

const log = { log: (...words: unknown[]) => void logged.push(words), warn: (...words: unknown[]) => void logged.push(words) };
const mailer = {
  check: () => {
    looks += 1;
    return answer();
  },
};
const fails = (failure: 'refused' | 'transient') => () => Promise.reject(new OutsideError({ system: 'smtp', operation: 'check', failure }, 'secret words'));

function checkOf(which: typeof mailer | null = mailer, notificationsEnabled = true): { readiness: MailReadiness; check: MailCheck } {
  const readiness = new MailReadiness();
  const check = new MailCheck(readiness, which, { notificationsEnabled }, clock, log);
  check.onModuleInit();
  return { readiness, check };
}

test('a mail server that is not there, or not wanted, is no trouble and is not asked', async () => {
  expect(await new MailReadiness().check()).toEqual({ status: 'ok', detail: 'not configured' });
  expect(await checkOf(null).readiness.check()).toEqual({ status: 'ok', detail: 'not configured' });
  const { check, readiness } = checkOf(mailer, false);
  check.onApplicationBootstrap();
  expect(await readiness.check()).toEqual({ status: 'ok', detail: 'notifications are off' });
  expect([looks, logged]).toEqual([0, [[{}, 'notifications are off: nobody is told of alerts']]]);
});

test('the start looks, and who asks within a minute gets what was seen', async () => {
  const { check, readiness } = checkOf();
  check.onApplicationBootstrap();
  expect(await Promise.all([readiness.check(), readiness.check()])).toEqual([{ status: 'ok' }, { status: 'ok' }]);
  await readiness.check();
  expect(looks).toBe(1);
  clock.advance(60_000);
  await readiness.check();
  expect(looks).toBe(2);
});

test('trouble is told by its kind, logged once, and looked at again soon', async () => {
  const { readiness } = checkOf();
  answer = fails('refused');
  expect(await readiness.check()).toEqual({ status: 'degraded', detail: 'refuses our credentials' });
  clock.advance(10_000);
  answer = fails('transient');
  expect(await readiness.check()).toEqual({ status: 'degraded', detail: 'cannot be reached' });
  expect(logged).toHaveLength(1);
  expect(JSON.stringify(logged)).not.toContain('secret');
  clock.advance(10_000);
  answer = () => Promise.resolve();
  expect(await readiness.check()).toEqual({ status: 'ok' });
});

test('a mail server that hangs holds nobody up for longer than two seconds', async () => {
  const { readiness } = checkOf();
  let end: () => void = () => undefined;
  answer = () => new Promise((resolve) => { end = resolve; });
  const startedAt = performance.now();
  expect(await readiness.check()).toEqual({ status: 'degraded', detail: 'did not answer in time' });
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  // The look goes on for the next who asks.
  const next = readiness.check();
  end();
  expect(await next).toEqual({ status: 'ok' });
  expect(looks).toBe(1);
});
