import { EVENT_TYPES, EVENTS, SEVERITIES, type EventType, type Severity } from '@forma3d/contracts';
import { timestamptz, uuid } from '@forma3d/database';
import { z } from 'zod';

/** An event of the log as far as an alert needs it. */
export const alertedEvent = z.object({
  id: uuid,
  type: z.enum(EVENT_TYPES as [EventType, ...EventType[]]),
  severity: z.enum(SEVERITIES),
  occurred_at: timestamptz,
  store_id: uuid,
  order_id: uuid.nullable(),
  payload: z.unknown(),
});
export type AlertedEvent = z.output<typeof alertedEvent>;

/** What people are told, in plain words. */
export interface Alert {
  /** Alerts of one kind can be told apart from others, switched and counted. */
  kind: string;
  /** The headline, as in the subject. */
  type: string;
  message: string;
  details: { label: string; value: string }[];
  severity: Severity;
}

/** Attention items whose cause is told of by an event of its own. */
const TOLD_OTHERWISE = new Set(['fulfillment-failed', 'print-failed', 'print-needs-review', 'task-failed']);
/** Tasks whose failure means something to the business, which is told instead. */
const TASKS_TOLD_OTHERWISE = new Set(['FULFILLMENT', 'PRINT_JOB_CREATION', 'NOTIFICATION']);

const ATTENTION_TYPES: Readonly<Record<string, string>> = {
  'unmapped-lines': 'Unmapped Product',
  'queue-item-unclear': 'Print Queue Unclear',
  'print-needs-review': 'Print Needs Review',
  'task-struggling': 'Task Struggling',
  'credentials-refused': 'Credentials Refused',
};

/** The alert that an event asks for, or null when people need not be told of it. */
export function alertOf(event: AlertedEvent): Alert | null {
  const { severity } = event;
  switch (event.type) {
    case 'fulfillment.failed': {
      const { reason } = EVENTS['fulfillment.failed'].parse(event.payload);
      return {
        kind: 'fulfillment-failed',
        type: 'Fulfillment Failed',
        message: 'The order could not be fulfilled in Shopify. It is not tried again by itself: please look, and fulfill it by hand.',
        details: [{ label: 'Reason', value: reason }],
        severity,
      };
    }
    case 'print-job.failed': {
      const { reason, will_reprint: again, print_job_id: id } = EVENTS['print-job.failed'].parse(event.payload);
      if (again) return null;
      return {
        kind: 'print-failed',
        type: 'Print Failed',
        message: 'A print failed for good. Please retry it, or set its status, so that the order can go on.',
        details: [{ label: 'Reason', value: reason ?? 'none given' }, { label: 'Print job', value: id }],
        severity,
      };
    }
    case 'print-job.needs-review': {
      const { reason, print_job_id: id } = EVENTS['print-job.needs-review'].parse(event.payload);
      return {
        kind: 'print-needs-review',
        type: 'Print Needs Review',
        message: 'A print needs a decision of yours.',
        details: [{ label: 'Reason', value: reason }, { label: 'Print job', value: id }],
        severity,
      };
    }
    case 'order.needs-attention': {
      const { kind, message } = EVENTS['order.needs-attention'].parse(event.payload);
      if (TOLD_OTHERWISE.has(kind)) return null;
      return { kind, type: ATTENTION_TYPES[kind] ?? 'Attention Needed', message, details: [], severity };
    }
    case 'task.failed': {
      const task = EVENTS['task.failed'].parse(event.payload);
      if (TASKS_TOLD_OTHERWISE.has(task.task_type)) return null;
      return {
        kind: 'task-failed',
        type: 'Task Failed',
        message: 'Work in the background failed for good. Please look at it, and replay or discard it.',
        details: [
          { label: 'Task', value: task.task_type },
          { label: 'Attempts', value: String(task.failures) },
          { label: 'Reason', value: task.reason },
        ],
        severity,
      };
    }
    default:
      return null;
  }
}
