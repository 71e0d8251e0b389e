import type { ActionLink, TaskStatus } from '@forma3d/contracts';

/** What may be done with a task as it stands: both what is offered and what is allowed. */
export const mayRetry = ({ status }: { status: TaskStatus }): boolean => status === 'FAILED' || status === 'DISCARDED' || status === 'PENDING';
export const mayDiscard = ({ status, failures }: { status: TaskStatus; failures: number }): boolean =>
  status === 'FAILED' || (status === 'PENDING' && failures > 0);

export function actionsOf(task: { id: string; status: TaskStatus; failures: number }): ActionLink[] {
  const post = (act: string, label: string): ActionLink => ({ method: 'POST', href: `/api/v1/retry-queue/${task.id}/${act}`, label });
  return [
    ...(mayRetry(task) ? [post('retry', task.status === 'PENDING' ? 'Try now' : 'Try again')] : []),
    ...(mayDiscard(task) ? [post('discard', 'Discard')] : []),
  ];
}
