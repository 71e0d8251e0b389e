import { z } from 'zod';

import type {
  SimplyPrintFile,
  SimplyPrintJob,
  SimplyPrintJobDetails,
  SimplyPrintJobStatus,
  SimplyPrintPrinter,
  SimplyPrintQueueItem,
} from './simplyprint-types';

/** What SimplyPrint answers, read leniently: the documentation is of 2024, the service moves on. */

/** Our custom field; it ties a queue item and its jobs to the row that asked for them. */
export const MARKER_FIELD = 'forma3d_queue_item';

/** Numbers there, text here; short, so that an index takes it. */
export const outsideId = z.union([z.number(), z.string().min(1).max(100)]).transform(String);
const idOrNull = outsideId.nullish().transform((id) => id ?? null);
const text = z.string().nullish().transform((value) => value ?? null);
const LARGEST_COUNT = 2_147_483_647;
/** Whole, and no more than a column of 32 bits takes. */
const count = z.coerce.number().nullish().transform((value) => Math.trunc(Math.min(Math.max(value ?? 0, 0), LARGEST_COUNT)));
const percentage = count.transform((value) => Math.min(value, 100));

/** ISO text in the history, seconds in details. */
const dateOrNull = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    if (value === null || value === undefined || value === '') return null;
    const date = typeof value === 'number' ? new Date(value * 1_000) : new Date(value);
    // Years that a database does not write are none of a print.
    return date.getUTCFullYear() >= 1 && date.getUTCFullYear() <= 9_999 ? date : null;
  });

const customField = z.looseObject({ id: z.unknown().optional(), customFieldId: z.unknown().optional(), value: z.unknown().optional() });
type CustomField = z.output<typeof customField>;
/** A list in the queue and the history; an object, or nothing, elsewhere. */
const customFields = z
  .unknown()
  .optional()
  .transform((fields): CustomField[] => {
    const list: unknown[] = Array.isArray(fields) ? fields : [];
    return list.flatMap((field) => {
      const parsed = customField.safeParse(field);
      return parsed.success ? [parsed.data] : [];
    });
  });
const textValue = z.union([z.string(), z.looseObject({ string: z.string() }).transform((value) => value.string)]);

/** Other people's fields may hold anything; only ours is read. */
function markerIn(fields: CustomField[]): string | null {
  const ours = fields.find((field) => field.id === MARKER_FIELD || field.customFieldId === MARKER_FIELD);
  return textValue.safeParse(ours?.value).data || null;
}

const queueItem = z
  .looseObject({
    id: outsideId,
    filename: text,
    filesystem_id: text,
    left: count,
    printed: count,
    group: idOrNull,
    note: text,
    customFields,
    custom_fields: customFields,
  })
  .transform(
    (item): SimplyPrintQueueItem => ({
      id: item.id,
      filename: item.filename ?? '',
      filesystemId: item.filesystem_id,
      left: item.left,
      printed: item.printed,
      group: item.group,
      note: item.note,
      marker: markerIn(item.customFields) ?? markerIn(item.custom_fields),
    }),
  );

/** The newer `{ queue: [...], total, page }` and the older `{ queue: { fits, items } }`, which has no pages. */
export const queueAnswer = z
  .looseObject({
    queue: z.union([z.array(queueItem), z.looseObject({ items: z.array(queueItem) })]),
    total: z.coerce.number().nullish(),
    page_amount: z.coerce.number().nullish(),
  })
  .transform(({ queue, total, page_amount }) => ({
    items: Array.isArray(queue) ? queue : queue.items,
    total: total ?? null,
    pages: page_amount ?? (Array.isArray(queue) ? null : 1),
  }));

const printer = z
  .looseObject({
    id: outsideId,
    printer: z.looseObject({ name: text, state: text, online: z.union([z.boolean(), z.number()]).nullish() }),
    job: z.looseObject({ id: outsideId, uid: text, state: text, percentage }).nullish(),
  })
  .transform(
    ({ id, printer: about, job }): SimplyPrintPrinter => ({
      id,
      name: about.name ?? id,
      state: about.state ?? 'unknown',
      online: Boolean(about.online),
      job: job ? { id: job.id, uid: job.uid, state: job.state ?? 'unknown', percentage: job.percentage } : null,
    }),
  );
export const printersAnswer = z.looseObject({ data: z.array(printer), page_amount: z.coerce.number().nullish() });

/** Words of the history and, should they turn up there, of printers and webhooks. Anything else is still going on. */
const ENDED: Readonly<Record<string, SimplyPrintJobStatus>> = {
  done: 'done',
  finished: 'done',
  completed: 'done',
  failed: 'failed',
  error: 'failed',
  cancelled: 'cancelled',
  canceled: 'cancelled',
};

/** Costs are decimals in the account's currency, whose minor unit SimplyPrint always reckons as a hundredth. */
const cents = (amount: number | null | undefined): number | null =>
  amount === null || amount === undefined ? null : Math.round(amount * 100);
const cost = z
  .union([z.number(), z.looseObject({ total_cost: z.number().nullish() })])
  .nullish()
  .transform((value) => cents(typeof value === 'number' ? value : value?.total_cost));

const namedPrinter = z
  .union([outsideId, z.looseObject({ id: outsideId, name: text })])
  .nullish()
  .transform((value) => (typeof value === 'object' && value !== null ? value : { id: value ?? null, name: null }));

const job = z
  .looseObject({
    id: outsideId,
    uid: text,
    status: z.string(),
    queueItem: z.looseObject({ id: outsideId }).nullish(),
    customFields,
    printer: namedPrinter,
    filename: text,
    filesystem_id: text,
    startDate: dateOrNull,
    endDate: dateOrNull,
    currentPercentage: percentage,
    cost,
  })
  .transform(
    (each): SimplyPrintJob => ({
      id: each.id,
      uid: each.uid,
      status: ENDED[each.status.toLowerCase()] ?? 'ongoing',
      queueItemId: each.queueItem?.id ?? null,
      marker: markerIn(each.customFields),
      printerId: each.printer.id,
      printerName: each.printer.name,
      filename: each.filename ?? '',
      filesystemId: each.filesystem_id,
      startedAt: each.startDate,
      endedAt: each.endDate,
      percentage: each.currentPercentage,
      costCents: each.cost,
    }),
  );
export const jobsAnswer = z.looseObject({ data: z.array(job), page_amount: z.coerce.number().nullish() });

export const jobAnswer = z.looseObject({
  job: z
    .looseObject({
      id: outsideId,
      state: z.string(),
      percentage,
      printer: namedPrinter,
      failedReason: text,
      cancelInfo: z.looseObject({ reason: z.union([z.string(), z.number()]).nullish(), comment: text }).nullish(),
      cost,
    })
    .transform(
      (each): SimplyPrintJobDetails => ({
        id: each.id,
        state: each.state,
        percentage: each.percentage,
        printerId: each.printer.id,
        printerName: each.printer.name,
        failedReason: each.failedReason,
        cancelReason: each.cancelInfo?.reason === null || each.cancelInfo?.reason === undefined ? null : String(each.cancelInfo.reason),
        cancelComment: each.cancelInfo?.comment ?? null,
        costCents: each.cost,
      }),
    ),
});

export const addItemAnswer = z.looseObject({ created_id: outsideId });

export const groupsAnswer = z.looseObject({ list: z.array(z.looseObject({ id: outsideId, name: z.string() })) });

export const filesAnswer = z.looseObject({
  files: z.array(
    z
      .looseObject({ id: outsideId, name: z.string(), ext: text })
      .transform(({ id, name, ext }): SimplyPrintFile => ({ id, name, ext })),
  ),
});

export const customFieldsAnswer = z.looseObject({
  data: z.array(
    z.looseObject({ id: outsideId, fieldId: z.string(), enabled: z.boolean().nullish() }),
  ),
  page_amount: z.coerce.number().nullish(),
});

export const webhooksAnswer = z.looseObject({
  data: z.array(
    z.looseObject({
      id: outsideId,
      url: z.string(),
      events: z.array(z.string()),
      secret: z.string().nullish(),
      enabled: z.union([z.boolean(), z.number()]).nullish(),
    }),
  ),
});

export const webhookAnswer = z.looseObject({ webhook: z.looseObject({ id: outsideId }) });

/** A call that answers with its envelope alone. */
export const nothing = z.looseObject({});
