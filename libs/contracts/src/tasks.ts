import { z } from 'zod';
import type { EventType } from './events';
import { ALERT_KINDS, NOTIFICATION_CHANNELS } from './notifications';

const id = z.uuid();
const ofOrder = z.object({ order_id: id });
const ofStore = z.object({});
const ofDelivery = z.object({ delivery_id: id });

interface TaskDefinition {
  payload: z.ZodType;
  /** Failures after which the task ends as FAILED. 20 (over seven hours) for work that calls outside. */
  maxAttempts: number;
  /** Seconds after which the processor stops renewing the task's lease. */
  maxSeconds: number;
  /** The longest wait after a failure, in seconds, where a backoff of up to an hour is too long. */
  longestWaitSeconds?: number;
  /** No order waits for it: what it asks of an outside system gives way, when the budget there is short, to all other calls. */
  background?: true;
}

const INSIDE = { maxAttempts: 5, maxSeconds: 60 };
const OUTSIDE = { maxAttempts: 20, maxSeconds: 120 };
/** Comes by the clock and stands in for what gets lost: one that failed must not be slower than one that was never asked for. A week of failures. */
const PERIODIC = { maxAttempts: 10_000, maxSeconds: 120, longestWaitSeconds: 60 };

/**
 * Every kind of work that must happen, with the shape of its payload. A payload says what the work is about, not what
 * was true when it was enqueued: handlers read the present state.
 */
export const TASKS = {
  /** A delivered Shopify webhook that concerns an order: record what it says. */
  ORDER_WEBHOOK: { payload: ofDelivery, ...INSIDE },
  /** A delivered SimplyPrint webhook: move the print job, or wake the sweep. */
  SIMPLYPRINT_WEBHOOK: { payload: ofDelivery, ...INSIDE },
  /** Ask Shopify for one order as it is now, and record it; only while what changed at `updated_at`, if that is given, is not known. */
  ORDER_REFRESH: {
    payload: z.object({ shopify_order_id: z.string(), updated_at: z.iso.datetime().optional() }),
    ...OUTSIDE,
    background: true,
  },
  /** Something happened to a fulfillment order (routed, held, released): find the order that it belongs to, and go on with it. */
  ROUTING_NEWS: { payload: z.object({ shopify_fulfillment_order_id: z.string() }), ...OUTSIDE },
  /** Ask Shopify which orders changed since the last one seen. */
  CATCH_UP: { payload: ofStore, ...PERIODIC, background: true },
  /** Decide which prints an order wants now, and make, add or withdraw them. */
  PRODUCTION_PLAN: { payload: ofOrder, ...OUTSIDE },
  /** Release the orders of a store that wait for product mappings which are there by now. */
  MAPPING_RELEASE: { payload: ofStore, ...INSIDE },
  /** Add one queue item to SimplyPrint. */
  PRINT_JOB_CREATION: { payload: z.object({ queue_item_id: id }), ...OUTSIDE },
  /** Take not-started prints out of SimplyPrint's queue. */
  CANCELLATION: { payload: z.object({ queue_item_id: id }), ...OUTSIDE },
  /** Stop a print that a printer has been given already, as long as that printer still has it. */
  PRINT_STOP: { payload: z.object({ print_job_id: id }), ...OUTSIDE },
  /** Have Shopify cancel an order that a person cancelled here, and see to it that it did. */
  SHOPIFY_CANCELLATION: { payload: ofOrder, ...OUTSIDE },
  /** Compare our active print jobs of a store with SimplyPrint's printers, queue and job history. */
  PRINT_JOB_SWEEP: { payload: ofStore, ...PERIODIC },
  /** Fulfill what is ready and still unfulfilled of an order. */
  FULFILLMENT: { payload: ofOrder, ...OUTSIDE },
  /** Note that people should know of an event: the first of a quiet time goes out at once, the others are gathered. */
  ALERT: { payload: z.object({ event_id: id }), ...INSIDE },
  /** Ten minutes are over: send what was gathered meanwhile. */
  ALERT_BURST: { payload: z.object({ batch_id: id, kind: z.enum(ALERT_KINDS) }), ...INSIDE },
  /** Tell people of one or many alerts of a kind, by one channel. */
  NOTIFICATION: { payload: z.object({ batch_id: id, channel: z.enum(NOTIFICATION_CHANNELS) }), ...OUTSIDE },
  /** Mail the operator what a day brought. */
  DAILY_SUMMARY: { payload: z.object({ day: z.iso.date() }), ...OUTSIDE },
  /** Check our webhook subscriptions at Shopify and SimplyPrint, and re-create what is missing. */
  WEBHOOK_SUBSCRIPTIONS: { payload: ofStore, ...OUTSIDE, background: true },
  /** Open and close what needs a person for the time that it has lasted, and close what has lost its cause. */
  ATTENTION_CHECK: { payload: ofStore, ...INSIDE },
  /** Delete what is past its retention. */
  CLEAN_UP: { payload: ofStore, ...INSIDE },
  /** Delete stored deliveries that are past their retention. */
  DELIVERY_CLEAN_UP: { payload: ofStore, ...INSIDE },
  /** The app was uninstalled from the shop: nothing is asked of Shopify any more, and people are told. */
  APP_UNINSTALLED: { payload: ofDelivery, ...INSIDE },
  /** Shopify passes on that a customer wants their data, or that those of a customer or of the whole shop must go. */
  PRIVACY_REQUEST: { payload: ofDelivery, maxAttempts: 20, maxSeconds: 600 },
} as const satisfies Record<string, TaskDefinition>;

export type TaskType = keyof typeof TASKS;

/** Whether the calls of such a task give way to others; of no task (a person's request) they do not. */
export function isBackground(type: string | undefined): boolean {
  const tasks: Readonly<Record<string, TaskDefinition>> = TASKS;
  return type !== undefined && Object.hasOwn(tasks, type) && tasks[type]?.background === true;
}

/** Tasks that tell people. Their own failure is shown, not told: it would be another notification that cannot be sent, for ever. */
export const TELLING_TASKS: ReadonlySet<TaskType> = new Set<TaskType>(['ALERT', 'ALERT_BURST', 'NOTIFICATION']);

/** What the attention item about such tasks is about: those by one channel share one, or each about another would have to be told, and so on. */
export function tellingSubject(type: TaskType, channel: string | null): string {
  return channel === null ? type : `${type} ${channel}`;
}

export type TaskPayload<T extends TaskType> = z.infer<(typeof TASKS)[T]['payload']>;
export const TASK_TYPES = Object.keys(TASKS) as [TaskType, ...TaskType[]];

/**
 * What happens when: event type → task types written in the transaction of the event, the same in every process. A task
 * made by an event is de-duplicated by what it is about (`SUBSCRIBED_PAYLOADS`), so that a burst of events is one task.
 */
export const SUBSCRIPTIONS = {
  'order.created': ['PRODUCTION_PLAN'],
  'order.paid': ['PRODUCTION_PLAN'],
  // FULFILLMENT too: fulfillments made elsewhere, holds released, quantities edited.
  'order.updated': ['PRODUCTION_PLAN', 'FULFILLMENT'],
  // Collected or shipped: some orders are fulfilled only then.
  'order.status-changed': ['FULFILLMENT'],
  'order.production-changed': [],
  'order.ready-for-fulfillment': ['FULFILLMENT'],
  'order.cancelled': ['PRODUCTION_PLAN', 'FULFILLMENT'],
  'order.needs-attention': ['ALERT'],
  'product-mapping.saved': ['MAPPING_RELEASE'],
  'queue-item.added': [],
  'print-job.status-changed': [],
  'print-job.completed': [],
  // What of it needs a person is an item of its own, which is told.
  'print-job.failed': [],
  'print-job.reprint-started': [],
  'print-job.needs-review': ['ALERT'],
  'fulfillment.created': [],
  'fulfillment.updated': [],
  'fulfillment.retrying': [],
  'fulfillment.failed': ['ALERT'],
  'fulfillment.forced': ['FULFILLMENT'],
  'fulfillment.cancelled': [],
  'task.failed': ['ALERT'],
  'cancellation.needs-review': ['ALERT'],
  'sync.failed': ['ALERT'],
  'metrics.drift-corrected': ['ALERT'],
  // What Shopify did not tell of meanwhile is asked for at once.
  'webhook-subscription.lost': ['ALERT', 'CATCH_UP'],
  'store.uninstalled': ['ALERT'],
  'store.reinstalled': ['CATCH_UP'],
  'privacy.redacted': [],
  // Writes its own tasks: a test neither waits for others nor holds them up.
  'notifications.tested': [],
  'alert.sent': [],
} as const satisfies Record<EventType, readonly TaskType[]>;

type SubscribedTaskType = (typeof SUBSCRIPTIONS)[EventType][number];

interface SubscribingEvent {
  id: string;
  store_id: string;
  aggregate_id: string;
  order_id: string | null;
}

/** The payload of a task that an event makes, and the key under which repeats of it collapse. */
export const SUBSCRIBED_PAYLOADS: {
  readonly [T in SubscribedTaskType]: (event: SubscribingEvent) => { payload: TaskPayload<T>; dedupeKey: string };
} = {
  PRODUCTION_PLAN: aboutItsOrder,
  FULFILLMENT: aboutItsOrder,
  // A file of thousands of mappings is one task.
  MAPPING_RELEASE: (event) => ({ payload: {}, dedupeKey: event.store_id }),
  CATCH_UP: (event) => ({ payload: {}, dedupeKey: event.store_id }),
  ALERT: (event) => ({ payload: { event_id: event.id }, dedupeKey: event.id }),
};

function aboutItsOrder(event: SubscribingEvent): { payload: { order_id: string }; dedupeKey: string } {
  const orderId = event.order_id ?? event.aggregate_id;
  return { payload: { order_id: orderId }, dedupeKey: orderId };
}

/** Which task a delivered webhook becomes; topics that are absent are stored and answered, and cause nothing. */
export const DELIVERY_TASKS: Readonly<Record<string, 'ORDER_WEBHOOK' | 'APP_UNINSTALLED' | 'PRIVACY_REQUEST' | 'SIMPLYPRINT_WEBHOOK'>> = {
  'orders/create': 'ORDER_WEBHOOK',
  'orders/paid': 'ORDER_WEBHOOK',
  'orders/updated': 'ORDER_WEBHOOK',
  'orders/edited': 'ORDER_WEBHOOK',
  'orders/cancelled': 'ORDER_WEBHOOK',
  'refunds/create': 'ORDER_WEBHOOK',
  'fulfillments/create': 'ORDER_WEBHOOK',
  'fulfillments/update': 'ORDER_WEBHOOK',
  'fulfillment_orders/order_routing_complete': 'ORDER_WEBHOOK',
  'app/uninstalled': 'APP_UNINSTALLED',
  'customers/data_request': 'PRIVACY_REQUEST',
  'customers/redact': 'PRIVACY_REQUEST',
  'shop/redact': 'PRIVACY_REQUEST',
  'job.started': 'SIMPLYPRINT_WEBHOOK',
  'job.paused': 'SIMPLYPRINT_WEBHOOK',
  'job.resumed': 'SIMPLYPRINT_WEBHOOK',
  'job.cancelled': 'SIMPLYPRINT_WEBHOOK',
  'job.done': 'SIMPLYPRINT_WEBHOOK',
  'job.failed': 'SIMPLYPRINT_WEBHOOK',
  'queue.delete_item': 'SIMPLYPRINT_WEBHOOK',
  'queue.revive_item': 'SIMPLYPRINT_WEBHOOK',
};
