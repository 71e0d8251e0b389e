import {
  failureOfLostAnswer,
  failureOfNetwork,
  failureOfStatus,
  networkCode,
  OutsideError,
  retryAfterMs,
  storableJson,
  type OutsideBill,
  type OutsideErrorFacts,
  type OutsideFailure,
} from '@forma3d/kernel';
import { z } from 'zod';

import type { SimplyPrintClientOptions } from './simplyprint-types';

/** One call: which endpoint, and where its fields go. SimplyPrint never merges query and body. */
export interface SimplyPrintCall {
  /** `queue/AddItem`; also the operation's name in errors. */
  path: string;
  method: 'GET' | 'POST';
  /** Many of its reads are POST, so the method does not tell. */
  writes: boolean;
  query?: Record<string, string>;
  body?: Record<string, unknown>;
}

/** Makes a call and answers with its envelope's fields, checked. Rejects with an `OutsideError`. */
export type AskSimplyPrint = <Schema extends z.ZodType>(
  call: SimplyPrintCall,
  schema: Schema,
  signal?: AbortSignal,
) => Promise<z.output<Schema>>;

const DEFAULT_WAIT_MS = 1_000;

/** `status: false` is a failure, also with HTTP 200; a `code` beside it, where there is one, speaks as a status. */
const envelope = z.looseObject({
  status: z.boolean().optional(),
  success: z.boolean().optional(),
  message: z.string().nullish(),
  code: z.number().int().nullish(),
});

/** One account's API over the runtime's own fetch, which keeps connections open. */
export function connectSimplyPrint(options: SimplyPrintClientOptions): AskSimplyPrint {
  const base = `${options.baseUrl.replace(/\/+$/, '')}/${encodeURIComponent(options.companyId)}`;
  const credentials = authorization(options);

  return async (call, schema, signal) => {
    const payTheBill = await options.gate.enter(
      { storeId: options.storeId, system: 'simplyprint', operation: call.path, timeoutMs: options.timeoutMs, cost: 1 },
      signal,
    );
    let bill: OutsideBill = {};
    try {
      const answer = await send(base, credentials, call, options.timeoutMs, signal);
      const fields = judge(call, answer);
      bill = { refused: false };
      const parsed = schema.safeParse(fields);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      // A write did its work all the same: the caller must look.
      const failure = call.writes ? 'unknown' : 'permanent';
      throw failed(call, failure, `unexpected answer at ${issue?.path.join('.')}: ${issue?.message}`, { httpStatus: answer.status });
    } catch (error) {
      if (error instanceof OutsideError) bill = billOf(error);
      throw error;
    } finally {
      await payTheBill(bill);
    }
  };
}

interface Answer {
  status: number;
  retryAfter: string | null;
  text: string;
}

async function send(
  base: string,
  credentials: Record<string, string>,
  call: SimplyPrintCall,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(timeoutMs);
  const query = call.query ? `?${new URLSearchParams(call.query).toString()}` : '';
  try {
    const response = await fetch(`${base}/${call.path}${query}`, {
      method: call.method,
      headers: { accept: 'application/json', ...credentials, ...(call.body ? { 'content-type': 'application/json' } : {}) },
      body: call.body ? JSON.stringify(call.body) : null,
      signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
      redirect: 'manual',
    });
    // Read under the same timeout: a body can stall as well as a connection.
    return { status: response.status, retryAfter: response.headers.get('retry-after'), text: await response.text() };
  } catch (error) {
    const reason = timeout.aborted
      ? `no answer within ${timeoutMs} ms`
      : signal?.aborted
        ? 'given up by the caller'
        : `network error ${networkCode(error) ?? 'of unknown kind'}`;
    throw failed(call, failureOfNetwork(error, call.writes), reason, {}, error);
  }
}

/** The fields of a good answer; throws what a bad one means. */
function judge(call: SimplyPrintCall, answer: Answer): z.output<typeof envelope> {
  const fields = parseEnvelope(answer.text);
  const saysNo = fields?.status === false || fields?.success === false;
  const status = saysNo && answer.status < 300 ? spokenStatus(fields.code) : answer.status;
  const failure = failureOfStatus(status, call.writes);
  if (failure !== null) {
    const wait = retryAfterMs(answer.retryAfter) ?? (failure === 'throttled' ? DEFAULT_WAIT_MS : null);
    const message = fields?.message ?? null;
    throw failed(call, failure, `answered ${answer.status}${message ? `: ${message}` : ''}`, {
      httpStatus: answer.status,
      ...(wait === null ? {} : { retryAfterMs: wait }),
      ...(message ? { userErrors: [{ field: null, message }] } : {}),
    });
  }
  if (fields !== null) return fields;
  throw failed(call, failureOfLostAnswer(call.writes), 'answered something that is no JSON', { httpStatus: answer.status });
}

/** A refusal with HTTP 200 is a plain no, unless it says a code of its own. */
function spokenStatus(code: number | null | undefined): number {
  return typeof code === 'number' && code >= 400 && code < 600 ? code : 400;
}

function billOf({ failure, retryAfterMs: wait }: OutsideError): OutsideBill {
  if (failure === 'refused') return { refused: true };
  // A plain no comes from behind the check of the key.
  if (failure === 'permanent') return { refused: false };
  return failure === 'throttled' && wait !== undefined ? { blockedForMs: wait } : {};
}

function authorization({ auth, apiKey, companyId }: SimplyPrintClientOptions): Record<string, string> {
  return auth === 'basic'
    ? { authorization: `Basic ${Buffer.from(`${companyId}:${apiKey}`).toString('base64')}` }
    : { 'x-api-key': apiKey };
}

function parseEnvelope(text: string): z.output<typeof envelope> | null {
  try {
    return envelope.safeParse(JSON.parse(storableJson(text))).data ?? null;
  } catch {
    // Not JSON: a proxy's error page, of no use to anyone.
    return null;
  }
}

function failed(
  call: SimplyPrintCall,
  failure: OutsideFailure,
  what: string,
  facts: Pick<OutsideErrorFacts, 'httpStatus' | 'retryAfterMs' | 'userErrors'> = {},
  cause?: unknown,
): OutsideError {
  return new OutsideError(
    { system: 'simplyprint', operation: call.path, failure, ...facts },
    `SimplyPrint, ${call.path}: ${what}`,
    cause === undefined ? undefined : { cause },
  );
}
