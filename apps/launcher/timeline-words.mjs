/** The events of an order's timeline as a person would tell them; null for those that only repeat another. */
const WORDS = {
  'order.created': (_payload, name) => `Shopify's webhook has arrived: order ${name} is recorded`,
  'order.paid': () => 'it is paid: production may start',
  'order.updated': () => null,
  'order.status-changed': ({ new_status }) => `the order is ${new_status.replace('_', ' ')}`,
  'order.production-changed': ({ counts }) => (counts?.completed > 0 ? `${counts.completed} of ${counts.wanted} prints complete` : null),
  'order.ready-for-fulfillment': () => 'every print is complete: ready for fulfillment',
  'order.needs-attention': ({ message }) => `a person is needed: ${message}`,
  'queue-item.added': ({ amount, file_name, found }) =>
    `${amount} print${amount === 1 ? '' : 's'} of ${file_name ?? 'a file'} ${found ? 'found again in' : 'put into'} SimplyPrint's queue`,
  'print-job.status-changed': ({ new_status, printer }) => (new_status === 'PRINTING' ? `${printer ?? 'a printer'} starts` : null),
  'print-job.completed': () => null,
  'print-job.failed': ({ will_reprint }) => `a print failed${will_reprint ? '; it is printed again' : ''}`,
  'print-job.reprint-started': () => 'the failed print is queued again',
  'fulfillment.created': ({ adopted }) => (adopted ? 'a fulfillment made elsewhere is taken over' : 'the fulfillment is created in Shopify'),
  'fulfillment.retrying': ({ reason }) => `the fulfillment is tried again: ${reason}`,
  'fulfillment.failed': ({ reason }) => `the fulfillment failed: ${reason}`,
  'alert.sent': ({ kind, channel }) => (channel === 'email' ? `the operator gets a mail (${kind})` : `people are told by ${channel} (${kind})`),
};

/**
 * One line an event, and one for several alike that follow each other.
 *
 * @param {{ type: string, occurred_at: string, payload: Record<string, unknown> }[]} entries
 * @returns {{ words: string, at: number }[]}
 */
export function storyOf(entries, orderName) {
  const story = [];
  for (const { type, occurred_at, payload } of entries) {
    const tell = WORDS[type];
    const words = tell ? tell(payload, orderName) : type.replaceAll(/[.-]/g, ' ');
    if (words === null) continue;
    const last = story.at(-1);
    if (last?.words === words) last.times += 1;
    else story.push({ words, at: Date.parse(occurred_at), times: 1 });
  }
  return story.map(({ words, at, times }) => ({ words: times > 1 ? `${words} (${times} ×)` : words, at }));
}
