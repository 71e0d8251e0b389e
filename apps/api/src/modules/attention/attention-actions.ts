import { unmappedLinesDetails, type ActionLink, type AttentionKind, type UnmappedLinesDetails } from '@forma3d/contracts';
import type { AttentionRow } from './attention.repository';

type Item = Pick<AttentionRow, 'kind' | 'subject_id' | 'order_id' | 'details'>;

const look = (href: string, label: string): ActionLink => ({ method: 'GET', href: `/api/v1/${href}`, label });
const act = (href: string, label: string, sent: Pick<ActionLink, 'body' | 'needs'> = {}): ActionLink => ({ method: 'POST', href: `/api/v1/${href}`, label, ...sent });

const ofOrder = (item: Item, links: (orderId: string) => ActionLink[]): ActionLink[] => (item.order_id === null ? [] : links(item.order_id));

/** Tasks that tell people share one item, which names none of them. */
function ofTask({ details, subject_id: subject }: Item): ActionLink[] {
  const type = subject.split(' ')[0] ?? '';
  const id = details['task_id'];
  if (id !== subject) {
    return [
      act('retry-queue/retry-all', 'Try those that failed again', { body: { type } }),
      act('retry-queue/discard-all', 'Discard those that failed', { body: { type } }),
      look(`retry-queue?type=${type}`, 'Look at the tasks'),
    ];
  }
  return [act(`retry-queue/${subject}/retry`, 'Try again'), act(`retry-queue/${subject}/discard`, 'Discard'), look(`retry-queue/${subject}`, 'Look at the task')];
}

const acknowledge = (orderId: string): ActionLink => act(`cancellations/order/${orderId}/acknowledge`, 'It is seen to');

const ofPrint = ({ subject_id: id }: Item): ActionLink[] => [
  act(`print-jobs/${id}/force-status`, 'Say what became of it', { needs: ['status', 'reason'] }),
  look(`print-jobs/${id}`, 'Look at the print'),
];

const force = (orderId: string): ActionLink => act(`fulfillments/order/${orderId}/force`, 'Fulfill it whatever is made');

/** Products named by an item about unmapped lines; the inbox has them all. */
const MOST_NAMED = 5;

type UnmappedLine = UnmappedLinesDetails['lines'][number];

/** A mapping is by SKU or by variant: what has neither cannot be mapped. */
function mapIt({ sku, variant_id, title }: UnmappedLine): ActionLink[] {
  if (sku === null && variant_id === null) return [];
  const body = sku === null ? { variant_id } : { sku };
  return [act('product-mappings', `Say what ${sku ?? title} is printed from`, { body, needs: ['parts'] })];
}

function ofUnmapped(item: Item): ActionLink[] {
  const { lines } = unmappedLinesDetails.safeParse(item.details).data ?? { lines: [] };
  const products = new Map(lines.map((line) => [line.sku ?? line.variant_id, line]));
  // Such a line is taken out of the order in Shopify; here there are only ways around it.
  const isStuck = lines.some((line) => mapIt(line).length === 0);
  return [
    ...[...products.values()].flatMap(mapIt).slice(0, MOST_NAMED),
    look('product-mappings/unmapped', 'Look at everything that is not mapped'),
    ...(isStuck ? ofOrder(item, (id) => [force(id), act(`cancellations/order/${id}`, 'Cancel the order', { needs: ['reason'] })]) : []),
  ];
}

/** What can be done about each kind, the most likely first. A kind that is not here leads to its order alone. */
const ACTIONS: Partial<Record<AttentionKind, (item: Item) => ActionLink[]>> = {
  'unmapped-lines': ofUnmapped,
  'print-failed': (item) => [act(`print-jobs/${item.subject_id}/retry`, 'Print it again'), ...ofPrint(item)],
  'print-needs-review': ofPrint,
  'cancellation-needs-review': (item) => [
    act(`print-jobs/${item.subject_id}/stop`, 'Stop it'),
    act(`print-jobs/${item.subject_id}/let-finish`, 'Let it finish'),
    look(`print-jobs/${item.subject_id}`, 'Look at the print'),
  ],
  'cancelled-but-fulfilled': (item) => ofOrder(item, (id) => [acknowledge(id), look(`fulfillments?order_id=${id}`, 'Look at its fulfillments')]),
  'shopify-cancel-refused': (item) =>
    ofOrder(item, (id) => [
      act(`cancellations/order/${id}`, 'Ask Shopify again', { body: { cancel_in_shopify: true }, needs: ['reason'] }),
      acknowledge(id),
    ]),
  'queue-item-unclear': (item) => ofOrder(item, (id) => [look(`print-jobs?order_id=${id}&status=FAILED`, 'Retry its prints, or say what became of them')]),
  'fulfillment-failed': (item) =>
    ofOrder(item, (id) => [
      act(`fulfillments/order/${id}`, 'Fulfill it'),
      force(id),
      look(`fulfillments?order_id=${id}`, 'Look at its fulfillments'),
    ]),
  'order-on-hold': (item) => ofOrder(item, (id) => [look(`fulfillments?order_id=${id}`, 'Look at its fulfillments')]),
  'order-stalled': (item) =>
    ofOrder(item, (id) => [
      look(`retry-queue?order_id=${id}`, 'Look at the work that is open for it'),
      look(`print-jobs?order_id=${id}`, 'Look at its prints'),
      force(id),
    ]),
  'task-struggling': ofTask,
  'task-failed': ofTask,
  'shop-uninstalled': () => [act('installation/check', 'Look whether it is installed again')],
  'api-version-drift': () => [look('installation', 'Look at the connection')],
  'data-request': (item) => [
    look(`privacy/requests/${item.subject_id}/export`, 'Download what is held of the customer'),
    act(`privacy/requests/${item.subject_id}/answered`, 'The customer has it'),
  ],
  'credentials-refused': () => [look('retry-queue?status=PENDING', 'Look at the work that waits')],
};

const isKnown = (kind: string): kind is AttentionKind => Object.hasOwn(ACTIONS, kind);

/** The calls that help with an open item; each is a path of this API, with what it has to be sent. */
export function actionsFor(item: Item): ActionLink[] {
  const own = isKnown(item.kind) ? (ACTIONS[item.kind]?.(item) ?? []) : [];
  return [...own, ...ofOrder(item, (id) => [look(`orders/${id}`, 'Look at the order')])];
}
