import { randomUUID } from 'node:crypto';
import { attentionPage, retryAllAnswer, retryQueueDetail, retryQueuePage, retryQueueStats, type RetryQueueDetail } from '@forma3d/contracts';
import { expect } from '@playwright/test';
import { Given, Then, When, type Scenario } from '../scenario';
import { ours } from './orders';

const QUEUE = '/api/v1/retry-queue';
/** The task that a scenario is about. */
const known = new WeakMap<Scenario, RetryQueueDetail>();

function taskOf(scenario: Scenario): RetryQueueDetail {
  const task = known.get(scenario);
  if (!task) throw new Error('No task has been looked at in this scenario.');
  return task;
}

Given('SimplyPrint refuses to take prints', async ({ scenario }) => {
  await scenario.product.fault({ target: 'simplyprint', kind: 'error', operation: 'queue/AddItem', status: 422 });
});

Then('its {string} stands in the retry queue as failed, with {string}', async ({ scenario }, type: string, words: string) => {
  const { id } = await ours(scenario);
  const { data } = await scenario.product.get(retryQueuePage, `${QUEUE}?order_id=${id}&type=${type}&status=FAILED`);
  expect(data[0]).toMatchObject({ type, status: 'FAILED', order_name: scenario.order.name });
  expect(data[0]?.last_error).toContain(words);
  known.set(scenario, await scenario.product.get(retryQueueDetail, `${QUEUE}/${data[0]?.id ?? ''}`));
});

Then('the task tells what it is about, and of each attempt when it was, how long it took and how it ended', async ({ scenario }) => {
  const task = taskOf(scenario);
  expect(task.payload).toEqual({ order_id: (await ours(scenario)).id });
  expect(task.attempts).toHaveLength(task.attempts_total);
  for (const attempt of task.attempts) {
    expect(Date.parse(attempt.started_at ?? '')).toBeLessThanOrEqual(Date.parse(attempt.ended_at ?? ''));
    expect(attempt.duration_ms).toBeGreaterThanOrEqual(0);
    expect(attempt.error).not.toBe('');
  }
});

Then('the order needs a person, who is told which calls help', async ({ scenario }) => {
  const { id } = await ours(scenario);
  const { data } = await scenario.product.get(attentionPage, `/api/v1/attention?order_id=${id}`);
  expect(data).toMatchObject([{ kind: 'fulfillment-failed', order_name: scenario.order.name }]);
  const calls = data.flatMap((item) => item.actions.map(({ method, href }) => `${method} ${href}`));
  expect(calls).toContain(`POST /api/v1/fulfillments/order/${id}`);
  for (const link of data.flatMap((item) => item.actions).filter(({ method }) => method === 'GET')) {
    expect((await scenario.product.ask('GET', link.href)).status, link.href).toBe(200);
  }
});

When('the operator has the task tried again', async ({ scenario }) => {
  scenario.answer = await scenario.product.ask('POST', `${QUEUE}/${taskOf(scenario).id}/retry`);
});

When('the operator discards the task', async ({ scenario }) => {
  scenario.answer = await scenario.product.ask('POST', `${QUEUE}/${taskOf(scenario).id}/discard`);
});

When('the operator has all failed {string} tried again', async ({ scenario }, type: string) => {
  scenario.answer = await scenario.product.ask('POST', `${QUEUE}/retry-all`, { type, failed_from: taskOf(scenario).created_at });
});

When('the operator looks at the retry queue in figures', async ({ scenario }) => {
  scenario.answer = await scenario.product.ask('GET', `${QUEUE}/stats`);
});

When('the operator lists the tasks of a type that does not exist', async ({ scenario }) => {
  scenario.answer = await scenario.product.ask('GET', `${QUEUE}?type=NOTHING`);
});

When('the operator looks at a task that does not exist', async ({ scenario }) => {
  scenario.answer = await scenario.product.ask('GET', `${QUEUE}/${randomUUID()}`);
});

Then('the answer is 200, a task that is {string}', ({ scenario }, status: string) => {
  expect(scenario.answer.status, JSON.stringify(scenario.answer.body)).toBe(200);
  const { id } = taskOf(scenario);
  const task = retryQueueDetail.parse(scenario.answer.body);
  // Tried again, it may be through before the answer is written.
  expect(task.id).toBe(id);
  expect(status === 'PENDING' ? ['PENDING', 'PROCESSING', 'COMPLETED'] : [status]).toContain(task.status);
});

Then('the answer is 200, with {int} tasks tried again, one after the other', ({ scenario }, count: number) => {
  expect(scenario.answer.status, JSON.stringify(scenario.answer.body)).toBe(200);
  const answer = retryAllAnswer.parse(scenario.answer.body);
  expect(answer).toMatchObject({ retried: count, skipped: 0, remaining: 0 });
  expect(Date.parse(answer.last_due_at ?? '') - Date.parse(answer.first_due_at ?? '')).toBe((count - 1) * 250);
});

Then('the answer is 200, the queue in figures', ({ scenario }) => {
  expect(scenario.answer.status).toBe(200);
  const stats = retryQueueStats.parse(scenario.answer.body);
  expect(stats.completed_last_hour).toBe(stats.types.reduce((sum, type) => sum + type.completed_last_hour, 0));
});
