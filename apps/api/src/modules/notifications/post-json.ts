import { lookup as resolve, type LookupAddress } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { LookupFunction } from 'node:net';
import { networkCode, retryAfterMs } from '@forma3d/kernel';
import { giveUp, retry, done, type Outcome } from '@forma3d/tasks';
import { isPrivateHost, isPublicAddress } from './private-addresses';

export interface PostOptions {
  headers?: Readonly<Record<string, string>>;
  /** From the look-up of the name to the answer, in milliseconds. */
  timeoutMs: number;
  signal: AbortSignal;
  /** Whether addresses of this machine and its networks may be reached: in the sandbox alone. */
  privateAllowed: boolean;
}

const PRIVATE = 'EPRIVATE';
const USER_AGENT = 'Forma3D-Connect';
const AGAIN = new Set([408, 425, 429]);

/**
 * Posts JSON to an address that somebody typed in. Redirects are not followed, the answer's body is not read, and the address
 * that the name leads to is looked at in the same look-up that connects: a name cannot first be public and then private.
 *
 * @returns done for 2xx; retry for 408, 425, 429, 5xx, timeouts and network errors; giveUp for all other answers and for private
 *   addresses. Reasons name status and error code, never the address, which is a secret.
 */
export async function postJson(to: string, body: string, options: PostOptions): Promise<Outcome> {
  const url = new URL(to);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return giveUp('the address is not http or https');
  if (!options.privateAllowed && isPrivateHost(url.hostname)) return giveUp(PRIVATE_WORDS);
  try {
    const { status, wait } = await answerOf(url, body, options);
    if (status >= 200 && status < 300) return done;
    const why = `answered ${String(status)}`;
    return AGAIN.has(status) || status >= 500 ? retry(why, wait ?? undefined) : giveUp(why);
  } catch (error) {
    const code = networkCode(error);
    return code === PRIVATE ? giveUp(PRIVATE_WORDS) : retry(`was not reached: ${code ?? (error instanceof Error ? error.name : 'no reason given')}`);
  }
}

const PRIVATE_WORDS = 'the address leads to this machine or a private network';

function answerOf(url: URL, body: string, { headers, timeoutMs, signal, privateAllowed }: PostOptions): Promise<{ status: number; wait: number | null }> {
  return new Promise((fulfil, reject) => {
    const request = (url.protocol === 'https:' ? requestHttps : requestHttp)(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), 'user-agent': USER_AGENT, ...headers },
        // A connection of its own, which ends with the answer.
        agent: false,
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
        ...(privateAllowed ? {} : { lookup: publicOnly }),
      },
      (answer) => {
        fulfil({ status: answer.statusCode ?? 0, wait: retryAfterMs(answer.headers['retry-after'] ?? null) });
        answer.destroy();
      },
    );
    request.once('error', reject);
    request.end(body);
  });
}

/** Like dns.lookup, for addresses that everybody reaches; a name that also leads elsewhere is refused whole. */
const publicOnly: LookupFunction = (hostname, options, callback) => {
  resolve(hostname, { ...options, all: true }, (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error || !first) {
      callback(error ?? Object.assign(new Error('no address'), { code: 'ENOTFOUND' }), '', 0);
    } else if (!addresses.every(({ address }) => isPublicAddress(address))) {
      callback(Object.assign(new Error('not a public address'), { code: PRIVATE }), '', 0);
    } else if (options.all) {
      callback(null, addresses);
    } else {
      callback(null, first.address, first.family);
    }
  });
};
