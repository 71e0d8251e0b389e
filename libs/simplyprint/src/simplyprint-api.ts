import {
  failureOfLostAnswer,
  failureOfNetwork,
  failureOfStatus,
  networkCode,
  OutsideError,
  retryAfterMs,
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
      const timeout = AbortSignal.timeout(options.timeoutMs);
      const query = call.query ? `?${new URLSearchParams(call.query).toString()}` : '';
      let status: number;
      let retryAfter: string | null;
      let text: string;
      try {
        const response = await fetch(`${base}/${call.path}${query}`, {
          method: call.method,
          headers: { accept: 'application/json', ...credentials, ...(call.body ? { 'content-type': 'application/json' } : {}) },
          body: call.body ? JSON.stringify(call.body) : null,
          signal: signal ? AbortSignal.any([signal, timeout]) : timeout,
          redirect: 'manual',
        });
        status = response.status;
        retryAfter = response.headers.get('retry-after');
        // Under the same timeout: a body can stall as well as a connection.
        text = await response.text();
      } catch (error) {
        const reason = timeout.aborted
          ? `no answer within ${options.timeoutMs} ms`
          : signal?.aborted
            ? 'given up by the caller'
            : `network error ${networkCode(error) ?? 'of unknown kind'}`;
        throw failed(call, failureOfNetwork(error, call.writes), reason, {}, error);
      }

      const answer = parseEnvelope(text);
      const said = answer?.message ? `: ${answer.message}` : '';
      const refusedByEnvelope = answer?.status === false || answer?.success === false;
      const effective = refusedByEnvelope && status < 300 ? (answer.code ?? 400) : status;
      const failure = failureOfStatus(effective < 300 && refusedByEnvelope ? 400 : effective, call.writes);
      if (failure !== null) {
        const wait = retryAfterMs(retryAfter) ?? (failure === 'throttled' ? DEFAULT_WAIT_MS : null);
        if (failure === 'throttled' && wait !== null) bill = { blockedForMs: wait };
        if (failure === 'refused') bill = { refused: true };
        throw failed(call, failure, `answered ${status}${said}`, {
          httpStatus: status,
          ...(wait === null ? {} : { retryAfterMs: wait }),
          ...(answer?.message ? { userErrors: [{ field: null, message: answer.message }] } : {}),
        });
      }
      if (answer === null) {
        throw failed(call, failureOfLostAnswer(call.writes), 'answered something that is no JSON', { httpStatus: status });
      }
      const parsed = schema.safeParse(answer);
      if (parsed.success) return parsed.data;
      const issue = parsed.error.issues[0];
      // A write did its work all the same: the caller must look.
      const unexpected = call.writes ? 'unknown' : 'permanent';
      throw failed(call, unexpected, `unexpected answer at ${issue?.path.join('.')}: ${issue?.message}`, { httpStatus: status });
    } finally {
      await payTheBill(bill);
    }
  };
}

function authorization({ auth, apiKey, companyId }: SimplyPrintClientOptions): Record<string, string> {
  return auth === 'basic'
    ? { authorization: `Basic ${Buffer.from(`${companyId}:${apiKey}`).toString('base64')}` }
    : { 'x-api-key': apiKey };
}

function parseEnvelope(text: string): z.output<typeof envelope> | null {
  try {
    return envelope.safeParse(JSON.parse(text)).data ?? null;
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
