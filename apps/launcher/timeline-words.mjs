/** The events of an order's timeline as a person would tell them; null for those that only repeat another. */
const WORDS = {
  'order.created': () => 'the webhook has arrived and the order is recorded',
  'order.paid': () => 'it is paid: production may start',
  'order.updated': () => null,
  'order.status-changed': ({ new_status }) => `the order is ${new_status.replace('_', ' ')}`,
  'order.production-changed': ({ counts }) => (counts ? `${counts.completed} of ${counts.wanted} prints complete` : null),
  'order.ready-for-fulfillment': () => 'every print is complete: ready for fulfillment',
  'order.needs-attention': ({ message }) => `a person is needed: ${message}`,
  'queue-item.added': ({ amount, file_name, found }) =>
    `${amount} print${amount === 1 ? '' : 's'} of ${file_name ?? 'a file'} ${found ? 'found again in' : 'put into'} SimplyPrint's queue`,
  'print-job.status-changed': ({ new_status, printer }) => (new_status === 'PRINTING' ? `${printer ?? 'a printer'} starts printing` : null),
  'print-job.completed': () => null,
  'print-job.failed': ({ will_reprint }) => `a print failed${will_reprint ? '; it is printed again' : ''}`,
  'print-job.reprint-started': () => 'the failed print is queued again',
  'fulfillment.created': ({ adopted }) => (adopted ? 'a fulfillment made elsewhere is taken over' : 'the fulfillment is created in Shopify'),
  'fulfillment.retrying': ({ reason }) => `the fulfillment is tried again: ${reason}`,
  'fulfillment.failed': ({ reason }) => `the fulfillment failed: ${reason}`,
  'alert.sent': ({ kind }) => `the operator gets a mail (${kind})`,
};

/** @param {{ type: string, payload?: Record<string, unknown> }} entry */
export function wordsFor({ type, payload = {} }) {
  const words = WORDS[type];
  return words ? words(payload) : type.replaceAll(/[.-]/g, ' ');
}
