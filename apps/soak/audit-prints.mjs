/** Prints: the farm made what the recipes ask for, once, and our prints are the farm's. */

const STATUS = { done: 'COMPLETED', failed: 'FAILED', cancelled: 'CANCELLED', ongoing: 'PRINTING' };
const OPEN = ['PENDING', 'QUEUED', 'ASSIGNED', 'PRINTING'];
/** Webhook lost, the other side away, a process killed: still, nothing may be started so long after the shop cancelled. */
const CANCELLED_FOR_MS = 180_000;

/** The id of our queue item, which SimplyPrint carries in the one custom field that we made. */
const markerOf = ({ custom_fields: fields }) => Object.values(fields)[0];

/** Finished prints by order of Shopify and file: the marker leads to our item, the file is the farm's own word. */
function finished({ farm, itemRow, rows }) {
  const shopifyIds = new Map(rows.orders.map(({ id, shopify_id: shopify }) => [id, shopify]));
  const counts = new Map();
  for (const job of farm.jobs.filter(({ status }) => status === 'done')) {
    const key = `${shopifyIds.get(itemRow.get(markerOf(job))?.order_id)}/${job.filesystem_id}`;
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return counts;
}

function eachPart(evidence, words) {
  const counts = finished(evidence);
  return [...evidence.expected].flatMap(([id, order]) => order.lines.flatMap((line) => line.parts.flatMap((part) => words(order, line, part, counts.get(`${id}/${part.file}`) ?? 0))));
}

/** How many prints were finished for units that were no longer wanted: made before the shop took them back. */
export function surplusOf(evidence) {
  let surplus = 0;
  eachPart(evidence, (_order, _line, { least }, count) => {
    surplus += Math.max(0, count - least);
    return [];
  });
  return surplus;
}

export const printRules = [
  {
    kind: 'lost',
    name: 'every part is printed as often as its recipe asks',
    find: (evidence) => eachPart(evidence, ({ name }, { sku }, { name: part, least }, count) => (count < least ? [`${name}: ${count} of ${least} ${part} (${sku})`] : [])),
  },
  {
    kind: 'doubled',
    name: 'no part is printed more often than it was ever wanted',
    find: (evidence) => eachPart(evidence, ({ name }, { sku }, { name: part, most }, count) => (count > most ? [`${name}: ${count} instead of ${most} ${part} (${sku})`] : [])),
  },
  {
    kind: 'doubled',
    name: 'every queue item was put into SimplyPrint once',
    find: ({ farm, rows }) => {
      const items = new Map();
      for (const each of [...farm.jobs.map((job) => [markerOf(job), job.queue_item_id]), ...farm.queue.map((item) => [markerOf(item), item.id])]) {
        items.set(each[0], (items.get(each[0]) ?? new Set()).add(each[1]));
      }
      const added = farm.calls['queue/AddItem'] ?? 0;
      const linked = rows.queueItems.filter(({ simplyprint_id: id }) => id !== null).length;
      return [
        ...[...items].filter(([, ids]) => ids.size > 1).map(([marker, ids]) => `${marker} is ${[...ids].join(' and ')}`),
        ...(added === linked ? [] : [`SimplyPrint took ${added} items, we know of ${linked}`]),
      ];
    },
  },
  {
    kind: 'wrong',
    name: 'over all orders each file was printed as often as the shop can account for',
    find: ({ farm, expected }) => {
      const parts = [...expected.values()].flatMap(({ lines }) => lines.flatMap((line) => line.parts));
      const files = new Set([...parts.map(({ file }) => file), ...farm.jobs.map(({ filesystem_id: file }) => file)]);
      return [...files].flatMap((file) => {
        const of = parts.filter((part) => part.file === file);
        const [least, most] = ['least', 'most'].map((bound) => of.reduce((sum, part) => sum + part[bound], 0));
        const count = farm.jobs.filter((job) => job.filesystem_id === file && job.status === 'done').length;
        return count < least || count > most ? [`${of[0]?.name ?? file}: ${count}, not ${least} to ${most}`] : [];
      });
    },
  },
  {
    kind: 'wrong',
    name: 'our prints are those of the farm',
    find: ({ farm, itemRow, rows }) => {
      const byJob = new Map(rows.prints.filter((row) => row.simplyprint_job_id !== null).map((row) => [row.simplyprint_job_id, row]));
      const jobs = new Set(farm.jobs.map(({ id }) => String(id)));
      return [
        ...farm.jobs.flatMap((job) => {
          const row = byJob.get(String(job.id));
          if (!row) return [`job ${job.id} (${job.status}) is unknown to us; its marker ${itemRow.has(markerOf(job)) ? 'is known' : 'is not'}`];
          return [
            ...(row.queue_item_id === markerOf(job) ? [] : [`job ${job.id} is bound to a print of another item`]),
            ...(itemRow.get(row.queue_item_id)?.file_id === job.filesystem_id ? [] : [`job ${job.id} prints another file than its item`]),
            ...(row.status === STATUS[job.status] ? [] : [`job ${job.id} is ${job.status}, print ${row.id} ${row.status}`]),
          ];
        }),
        ...[...byJob].filter(([job]) => !jobs.has(job)).map(([job, row]) => `print ${row.id} has job ${job}, which SimplyPrint does not`),
        ...rows.prints.filter((row) => row.status === 'COMPLETED' && row.simplyprint_job_id === null).map((row) => `print ${row.id} is complete without a job`),
      ];
    },
  },
  {
    kind: 'wrong',
    name: 'nothing is printed for what the shop cancelled long ago',
    find: ({ shop, farm, itemRow, orderRow }) => {
      const cancelledAt = new Map(shop.filter(({ cancelled_at: at }) => at !== null).map((order) => [orderRow.get(order.id)?.id, Date.parse(order.cancelled_at)]));
      return farm.jobs.flatMap((job) => {
        const at = cancelledAt.get(itemRow.get(markerOf(job))?.order_id);
        return at !== undefined && Date.parse(job.started_at) - at > CANCELLED_FOR_MS ? [`job ${job.id} started ${((Date.parse(job.started_at) - at) / 1000).toFixed()} s after`] : [];
      });
    },
  },
  {
    kind: 'stuck',
    name: 'no print is under way, and nothing waits in the queue',
    find: ({ farm, rows }) => [
      ...farm.queue.map((item) => `queue item ${item.id} (${item.left} left)`),
      ...farm.jobs.filter(({ status }) => status === 'ongoing').map((job) => `job ${job.id} is ongoing`),
      ...rows.prints.filter(({ status }) => OPEN.includes(status)).map((row) => `print ${row.id} of order ${row.order_id} is ${row.status}`),
    ],
  },
];
