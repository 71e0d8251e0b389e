import { ALERTS, EVENT_TYPES, EVENTS, type AlertKind, type EventType, type TaskType } from '@forma3d/contracts';
import { timestamptz, uuid } from '@forma3d/database';
import { z } from 'zod';

/** An event of the log as far as an alert needs it. */
export const alertedEvent = z.object({
  id: uuid,
  type: z.enum(EVENT_TYPES as [EventType, ...EventType[]]),
  occurred_at: timestamptz,
  store_id: uuid,
  order_id: uuid.nullable(),
  payload: z.unknown(),
});
export type AlertedEvent = z.output<typeof alertedEvent>;

/** What people are told of one event, in plain words. What a kind is called and how serious it is stands in ALERTS. */
export interface Alert {
  kind: AlertKind;
  message: string;
  details: { label: string; value: string }[];
}

/** Attention items by the alert that they are; null where an event of its own tells of the cause. */
const ATTENTION_ALERTS: Readonly<Record<string, AlertKind | null>> = {
  'fulfillment-failed': null,
  'print-failed': 'print-failed',
  'print-needs-review': null,
  'cancellation-needs-review': null,
  'cancelled-but-fulfilled': 'cancelled-but-fulfilled',
  'shopify-cancel-refused': 'shopify-cancel-refused',
  'task-failed': null,
  'unmapped-lines': 'unmapped-product',
  'queue-item-unclear': 'queue-item-unclear',
  'task-struggling': 'task-struggling',
  'credentials-refused': 'credentials-refused',
  'shop-uninstalled': null,
  'api-version-drift': 'api-version-drift',
  'data-request': 'data-requested',
};
/** Tasks whose failure means something to the business, which is told, and counted, instead. */
export const TASKS_TOLD_OTHERWISE: readonly string[] = ['FULFILLMENT', 'PRINT_JOB_CREATION', 'SHOPIFY_CANCELLATION'] satisfies TaskType[];

const alert = (kind: AlertKind, details: Record<string, string | number> = {}, message: string = ALERTS[kind].message): Alert => ({
  kind,
  message,
  details: Object.entries(details).map(([label, value]) => ({ label, value: String(value) })),
});

/** The alert that an event asks for, or null when people need not be told of it. */
export function alertOf(event: Pick<AlertedEvent, 'type' | 'payload'>): Alert | null {
  switch (event.type) {
    case 'fulfillment.failed': {
      const { reason } = EVENTS['fulfillment.failed'].parse(event.payload);
      return alert('fulfillment-failed', { Reason: reason });
    }
    case 'print-job.needs-review': {
      const { reason, print_job_id: id } = EVENTS['print-job.needs-review'].parse(event.payload);
      return alert('print-needs-review', { Reason: reason, 'Print job': id });
    }
    case 'cancellation.needs-review': {
      const { reason, print_job_ids: ids } = EVENTS['cancellation.needs-review'].parse(event.payload);
      return alert('cancellation-needs-review', { Reason: reason, Prints: ids.length });
    }
    case 'order.needs-attention': {
      const { kind, message } = EVENTS['order.needs-attention'].parse(event.payload);
      const alerted = Object.hasOwn(ATTENTION_ALERTS, kind) ? ATTENTION_ALERTS[kind] : 'attention-needed';
      return alerted ? alert(alerted, {}, message) : null;
    }
    case 'task.failed': {
      const task = EVENTS['task.failed'].parse(event.payload);
      if (TASKS_TOLD_OTHERWISE.includes(task.task_type)) return null;
      return alert('task-failed', { Task: task.task_type, Attempts: task.failures, Reason: task.reason });
    }
    default:
      return alertOfStore(event);
  }
}

/** Alerts that are about a store as a whole. */
function alertOfStore(event: Pick<AlertedEvent, 'type' | 'payload'>): Alert | null {
  switch (event.type) {
    case 'sync.failed': {
      const { reason, run_id: run } = EVENTS['sync.failed'].parse(event.payload);
      return alert('sync-failed', { Reason: reason, Run: run });
    }
    case 'metrics.drift-corrected': {
      const drift = EVENTS['metrics.drift-corrected'].parse(event.payload);
      return alert('metrics-drift', { From: drift.start_date, To: drift.end_date, 'Figures corrected': drift.cells_corrected });
    }
    case 'webhook-subscription.lost': {
      const { system, topics } = EVENTS['webhook-subscription.lost'].parse(event.payload);
      return alert('webhook-subscription-lost', { System: system === 'shopify' ? 'Shopify' : 'SimplyPrint', Topics: topics.join(', ') });
    }
    case 'store.uninstalled': {
      const { shop_domain: domain } = EVENTS['store.uninstalled'].parse(event.payload);
      return alert('shop-uninstalled', { Shop: domain });
    }
    case 'notifications.tested':
      return alert('test');
    default:
      return null;
  }
}
