import type { Outcome, ProcessorLog, Task } from '@forma3d/tasks';
import type { TaskFailures } from './task-failures';

type Say = (facts: object, message: string) => void;

/** Tells the log how tasks end: quietly when well, with the reason when not. */
export function processorLog(logger: Record<'debug' | 'info' | 'warn' | 'error', Say>, failures: TaskFailures): ProcessorLog {
  return {
    trouble: (message, error) => {
      logger.error({ err: error }, message);
    },
    outcome: (task, outcome, ms) => {
      failures.returned(task, outcome);
      const facts = { task: task.type, task_id: task.id, store_id: task.storeId, order_id: task.orderId, ms: Math.round(ms) };
      const words = `${task.type} ${SAID[outcome.kind]}`;
      if (outcome.kind === 'done') logger.debug(facts, words);
      else if (outcome.kind === 'snooze') logger.info({ ...facts, why: outcome.why, after_ms: outcome.afterMs }, words);
      else logger.warn({ ...facts, why: outcome.why, ...tries(task) }, words);
    },
  };
}

const SAID: Record<Outcome['kind'], string> = {
  done: 'is done',
  snooze: 'waits',
  retry: 'failed and will be tried again',
  giveUp: 'failed for good',
};

function tries(task: Task): { failures: number; max_attempts: number } {
  return { failures: task.failures + 1, max_attempts: task.maxAttempts };
}
