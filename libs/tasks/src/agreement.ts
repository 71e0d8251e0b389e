import { SUBSCRIPTIONS, TASK_TYPES, type TaskType } from '@forma3d/contracts';

/**
 * Compares the handlers found with the contracts: every task type has exactly one handler, and every subscribed type is
 * a task type. Answers what is wrong, in words; the start fails unless the list is empty.
 */
export function disagreements(handled: readonly string[]): string[] {
  const known = new Set<string>(TASK_TYPES);
  const problems: string[] = [];
  for (const type of TASK_TYPES) {
    const count = handled.filter((each) => each === type).length;
    if (count === 0) problems.push(`task type ${type} has no handler${subscribers(type)}`);
    if (count > 1) problems.push(`task type ${type} has ${String(count)} handlers`);
  }
  for (const type of new Set(handled)) {
    if (!known.has(type)) problems.push(`handler for ${type}, which is no task type`);
  }
  return problems;
}

function subscribers(type: TaskType): string {
  const events = Object.entries(SUBSCRIPTIONS)
    .filter(([, types]) => (types as readonly TaskType[]).includes(type))
    .map(([event]) => event);
  return events.length > 0 ? ` (wanted by ${events.join(', ')})` : '';
}
