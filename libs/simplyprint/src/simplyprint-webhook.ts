import { createHash, timingSafeEqual } from 'node:crypto';

import { invalidDelivery } from '@forma3d/kernel';
import { z } from 'zod';

import { outsideId } from './simplyprint-answers';

/** The events that we subscribe to. */
export const WEBHOOK_EVENTS = [
  'job.started',
  'job.paused',
  'job.resumed',
  'job.cancelled',
  'job.done',
  'job.failed',
  'queue.add_item',
  'queue.delete_item',
  'queue.revive_item',
] as const;

/** What a SimplyPrint delivery says. It is a hint to look: the sample's job `state` contradicts its event. */
export interface SimplyPrintDelivery {
  webhookId: string;
  /** `job.done`, `queue.add_item`, `printer.…`, `test` … */
  event: string;
  timestamp: Date;
  jobId: string | null;
  jobUid: string | null;
  queueItemId: string | null;
  printerId: string | null;
  printerName: string | null;
  /** Deliveries carry no id of their own: the same key means the same delivery. */
  dedupeKey: string;
}

/** Names and ids become columns and the key that repeats are known by: short, and without characters that none has. */
const WORD = /^[^\p{Cc}\p{Surrogate}]{1,100}$/u;
const word = z.string().regex(WORD, 'is no name');
const optionalId = outsideId.refine((id) => WORD.test(id), 'is no id').nullish();
/** The last second that is written with four digits of a year. */
const LAST_SECOND = 253_402_300_799;
/** Its name is for people's eyes: one that cannot be shown is left out. */
const printer = z.looseObject({ id: optionalId, name: word.nullish().catch(null) }).nullish();
const delivery = z.looseObject({
  webhook_id: outsideId.refine((id) => WORD.test(id), 'is no id'),
  event: word,
  timestamp: z.number().nonnegative().max(LAST_SECOND),
  data: z
    .looseObject({
      job: z
        .looseObject({
          id: optionalId,
          uid: z.string().regex(/^[^\p{Cc}\p{Surrogate}]{0,100}$/u, 'is no id').nullish(),
          printer_id: optionalId,
          printer,
          queueItem: z.looseObject({ id: optionalId }).nullish(),
        })
        .nullish(),
      queue_item: z.looseObject({ id: optionalId }).nullish(),
      printer,
    })
    // The test event carries an empty list where others carry an object.
    .or(z.array(z.unknown()).transform(() => ({ job: null, queue_item: null, printer: null })))
    .nullish(),
});

/**
 * @param raw the body as it came
 * @throws DomainError `invalid-delivery` when it is none of SimplyPrint's
 */
export function parseSimplyPrintWebhook(raw: Uint8Array | string): SimplyPrintDelivery {
  const text = typeof raw === 'string' ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8');
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // The SyntaxError quotes the body, which is not passed on.
    throw invalidDelivery('SimplyPrint', [{ path: [], message: 'is not JSON' }]);
  }
  const parsed = delivery.safeParse(json);
  if (!parsed.success) throw invalidDelivery('SimplyPrint', parsed.error.issues);
  const { webhook_id: webhookId, event, timestamp, data } = parsed.data;
  const job = data?.job ?? null;
  const jobId = job?.id ?? null;
  const queueItemId = data?.queue_item?.id ?? job?.queueItem?.id ?? null;
  return {
    webhookId,
    event,
    timestamp: new Date(timestamp * 1_000),
    jobId,
    jobUid: job?.uid ?? null,
    queueItemId,
    printerId: job?.printer_id ?? job?.printer?.id ?? data?.printer?.id ?? null,
    printerName: job?.printer?.name ?? data?.printer?.name ?? null,
    dedupeKey: [webhookId, event, jobId ?? queueItemId ?? '-', timestamp].join(':'),
  };
}

/**
 * Whether a delivery carries our secret, verbatim, in `X-SP-Secret` or the older `X-SP-Token`. Compared in constant
 * time; an empty secret matches nothing.
 */
export function verifySimplyPrintSecret(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  secret: string,
): boolean {
  if (secret === '') return false;
  let matches = false;
  for (const [name, value] of Object.entries(headers)) {
    if (!['x-sp-secret', 'x-sp-token'].includes(name.toLowerCase())) continue;
    for (const given of Array.isArray(value) ? value : [value ?? '']) {
      // Digests have one length, so that not even the secret's length shows in the time it takes.
      if (timingSafeEqual(digest(given), digest(secret))) matches = true;
    }
  }
  return matches;
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
