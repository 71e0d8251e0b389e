import { canMove, type Transitions } from '@forma3d/kernel';
import { EVENT_TYPES, type EventType } from './events';
import { ALERT_KINDS, ALERTS } from './notifications';
import { FULFILLMENT, PICKUP_ORDER, PRINT_JOB, SHIPPING_ORDER } from './states';
import { DELIVERY_TASKS, isBackground, SUBSCRIPTIONS, TASKS, TASK_TYPES, type TaskType } from './tasks';

/** What each event says, as one would tell it; a new event does not compile until it has its words. */
const EVENT_WORDS: Record<EventType, string> = {
  'order.created': 'An order was recorded for the first time.',
  'order.paid': 'It is paid.',
  'order.updated': 'Quantities, lines or the fulfilment type changed.',
  'order.status-changed': 'The order moved along its lifecycle.',
  'order.production-changed': 'The production status changed.',
  'order.ready-for-fulfillment': 'Everything that is ours to make is made.',
  'order.cancelled': 'The order was cancelled.',
  'order.needs-attention': 'Something was opened that needs a person.',
  'product-mapping.saved': 'A product mapping was saved.',
  'queue-item.added': 'SimplyPrint has a queue item of ours.',
  'print-job.status-changed': 'A print moved on.',
  'print-job.completed': 'A print is done.',
  'print-job.failed': 'A print failed.',
  'print-job.reprint-started': 'A failed print is made again.',
  'print-job.needs-review': 'SimplyPrint started a print once too often.',
  'fulfillment.created': 'Shopify has a fulfillment.',
  'fulfillment.updated': 'Shopify has its tracking number.',
  'fulfillment.retrying': 'Fulfilling ran into trouble and goes on by itself.',
  'fulfillment.failed': 'Fulfilling failed for good.',
  'fulfillment.forced': 'A person had the order fulfilled whatever was made.',
  'fulfillment.cancelled': 'A fulfillment was cancelled.',
  'task.failed': 'A task failed for good.',
  'cancellation.needs-review': 'Prints that are no longer wanted are on a printer already.',
  'sync.failed': 'A sync with Shopify failed.',
  'metrics.drift-corrected': 'Figures differed from their source and were corrected.',
  'webhook-subscription.lost': 'Webhook subscriptions of ours were gone.',
  'store.uninstalled': 'The app was uninstalled from the shop.',
  'store.reinstalled': 'Shopify accepts us again after that.',
  'privacy.redacted': 'Personal data were redacted.',
  'notifications.tested': 'A person asked for a test of the ways to people.',
  'alert.sent': 'People were told.',
};

/** What each task does. */
const TASK_WORDS: Record<TaskType, string> = {
  ORDER_WEBHOOK: 'records what a Shopify delivery says of an order',
  SIMPLYPRINT_WEBHOOK: 'moves the print, or wakes the sweep when the job is unknown',
  ORDER_REFRESH: 'reads one order from Shopify and records it',
  ROUTING_NEWS: 'finds the order that Shopify routed, held or released, and goes on with it',
  CATCH_UP: 'asks Shopify which orders changed since the last one seen',
  PRODUCTION_PLAN: 'makes, keeps or withdraws prints until they are what the order wants',
  MAPPING_RELEASE: 'plans the orders that waited for product mappings which are there by now',
  PRINT_JOB_CREATION: 'adds one queue item to SimplyPrint',
  CANCELLATION: 'takes prints that have not started out of SimplyPrint',
  PRINT_STOP: 'stops a print on its printer, which must still have it',
  SHOPIFY_CANCELLATION: 'has Shopify cancel an order that a person cancelled here',
  PRINT_JOB_SWEEP: 'compares our prints under way with SimplyPrint',
  FULFILLMENT: 'fulfills what is ready and still open',
  ALERT: 'sends an alert out, or gathers it with others of its kind',
  ALERT_BURST: 'sends out together what was gathered in ten minutes',
  NOTIFICATION: 'tells people of one or many alerts by mail, chat or webhook',
  DAILY_SUMMARY: 'mails the operator what a day brought',
  WEBHOOK_SUBSCRIPTIONS: 'checks our subscriptions outside and makes what is missing',
  ATTENTION_CHECK: 'opens what has needed a person for too long, and closes what has lost its cause',
  CLEAN_UP: 'deletes tasks that are past their retention',
  DELIVERY_CLEAN_UP: 'deletes stored deliveries that are past their retention',
  APP_UNINSTALLED: 'marks the store, so that nothing is asked of Shopify',
  PRIVACY_REQUEST: 'has a person answer who asks for their data, or redacts what must go',
};

/** A Mermaid state diagram of a table, its first state as the start. */
function diagramOf<S extends string>(table: Transitions<S>): string {
  const states = Object.keys(table) as S[];
  const lines = [`[*] --> ${states[0] ?? ''}`];
  for (const from of states) {
    for (const to of states) if (canMove(table, from, to)) lines.push(`${from} --> ${to}`);
    if (table[from].length === 0) lines.push(`${from} --> [*]`);
  }
  return ['```mermaid', 'stateDiagram-v2', ...lines.map((line) => `    ${line}`), '```'].join('\n');
}

const code = (word: string): string => `\`${word}\``;
const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;

function eventTable(): string {
  const rows = EVENT_TYPES.map((type) => {
    const tasks: readonly TaskType[] = SUBSCRIPTIONS[type];
    const then = tasks.map((task) => `${code(task)} ${TASK_WORDS[task]}`).join('; ');
    return row(code(type), EVENT_WORDS[type], then === '' ? 'it is told, and nothing must follow' : then);
  });
  return [row('event', 'says', 'then'), row('---', '---', '---'), ...rows].join('\n');
}

function deliveryTable(): string {
  const rows = Object.entries(DELIVERY_TASKS).map(([topic, task]) => row(code(topic), code(task), TASK_WORDS[task]));
  return [row('topic or event', 'task', 'which'), row('---', '---', '---'), ...rows].join('\n');
}

function taskTable(): string {
  const rows = TASK_TYPES.map((type) => {
    const { maxAttempts, maxSeconds } = TASKS[type];
    return row(code(type), TASK_WORDS[type], String(maxAttempts), `${String(maxSeconds)} s`, isBackground(type) ? 'yes' : '');
  });
  return [row('task', 'does', 'attempts', 'longest run', 'gives way'), row('---', '---', '--:', '--:', '---'), ...rows].join('\n');
}

function alertTable(): string {
  const rows = ALERT_KINDS.map((kind) => row(code(kind), ALERTS[kind].type, ALERTS[kind].serious ? 'operator, administrator' : 'operator', ALERTS[kind].message));
  return [row('kind', 'type', 'goes to', 'says'), row('---', '---', '---', '---'), ...rows].join('\n');
}

/** The parts of the documentation that are written from the contracts, by the name of their place in the page. */
export const GENERATED = {
  'docs/architecture/states.md': {
    'print-job': () => diagramOf(PRINT_JOB),
    'pickup-order': () => diagramOf(PICKUP_ORDER),
    'shipping-order': () => diagramOf(SHIPPING_ORDER),
    fulfillment: () => diagramOf(FULFILLMENT),
  },
  'docs/notifications.md': { alerts: alertTable },
  'docs/architecture/what-happens-when.md': { events: eventTable, deliveries: deliveryTable, tasks: taskTable },
} as const satisfies Record<string, Record<string, () => string>>;

/**
 * Puts the generated parts into a page, each between `<!-- generated: NAME -->` and `<!-- end -->`.
 *
 * @throws Error when a part has no place
 */
export function fillPage(page: string, parts: Readonly<Record<string, () => string>>): string {
  return Object.entries(parts).reduce((text, [name, render]) => {
    const place = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`);
    if (!place.test(text)) throw new Error(`the page has no place for ${name}`);
    return text.replace(place, (_whole, begin: string, end: string) => `${begin}\n${render()}\n\n${end}`);
  }, page);
}
