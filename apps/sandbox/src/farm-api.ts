import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { adminCalls } from './farm-admin-calls';
import { productionCalls } from './farm-production-calls';
import { queueCalls } from './farm-queue-calls';
import type { Farm } from './farm';
import { Refused, type Call } from './farm-call';
import type { FarmWebhooks } from './farm-webhooks';
import type { Faults } from './faults';
import { dropConnection, readBody, sendJson } from './http';
import { afterDelay, httpFault } from './http-faults';
import type { SandboxSettings } from './settings';

/**
 * SimplyPrint's API below `/simplyprint/{company}/`. Answers are `{ status, message, … }`; a logical error is HTTP 200 with `status: false`. What
 * stands in the query is never looked for in the body, nor the other way round: a field in the wrong place is as good as missing.
 */
export class FarmApi {
  private readonly calls: Record<string, Call>;

  constructor(
    private readonly farm: Farm,
    webhooks: FarmWebhooks,
    private readonly faults: Faults,
    private readonly settings: Pick<SandboxSettings, 'simplyPrintKey' | 'simplyPrintCompany'>,
  ) {
    this.calls = { ...queueCalls(farm), ...productionCalls(farm), ...adminCalls(farm, webhooks) };
  }

  async handle(request: IncomingMessage, response: ServerResponse, company: string, path: string, query: URLSearchParams): Promise<void> {
    const text = await readBody(request);
    const fault = httpFault(this.faults, 'simplyprint', [path]);
    if (fault.outage) {
      if (fault.outage.status) sendJson(response, fault.outage.status, { status: false, message: 'Service unavailable' });
      else dropConnection(response);
      return;
    }
    await afterDelay(this.farm.scheduler, fault.delayMs);
    if (fault.throttle) {
      const seconds = String(fault.throttle.retry_after_s ?? 2);
      sendJson(response, 429, { status: false, message: 'Too many requests' }, { 'retry-after': seconds });
      return;
    }
    if (fault.error) {
      const { user_error: logical, status, message } = fault.error;
      if (logical !== undefined) sendJson(response, 200, { status: false, message: logical });
      else sendJson(response, status ?? 500, { status: false, message: message ?? 'Internal server error' });
      return;
    }
    if (!this.isAllowed(request.headers.authorization, request.headers['x-api-key'])) {
      sendJson(response, 401, { status: false, message: 'Invalid API key.' });
      return;
    }
    if (company !== this.settings.simplyPrintCompany) {
      sendJson(response, 403, { status: false, message: 'You do not have access to this company.' });
      return;
    }
    const answer = this.answer(request.method ?? 'GET', path, query, text);
    if (fault.lostAnswer) dropConnection(response);
    else sendJson(response, answer.status, answer.body);
  }

  private answer(method: string, path: string, query: URLSearchParams, text: string): { status: number; body: unknown } {
    const refused = (status: number, message: string) => ({ status, body: { status: false, message } });
    const call = this.calls[path];
    if (!call) return refused(404, `The sandbox does not know ${path}.`);
    if (!call.methods.includes(method)) return refused(405, 'Method not allowed');
    const body = parseObject(text);
    if (body === null) return refused(400, 'The body is not a JSON object.');
    try {
      const fields = call.run({ method, query, body });
      this.farm.data.calls[path] = (this.farm.data.calls[path] ?? 0) + 1;
      this.farm.changed();
      return { status: 200, body: { status: true, message: null, ...fields } };
    } catch (error) {
      if (error instanceof Refused) return refused(200, error.message);
      throw error;
    }
  }

  /** `X-API-KEY`, a bearer token, or HTTP Basic with the key as user or as password. */
  private isAllowed(authorization: string | undefined, apiKey: string | string[] | undefined): boolean {
    const offered = typeof apiKey === 'string' ? [apiKey] : [];
    const [, scheme = '', value = ''] = /^(\w+)\s+(.*)$/.exec(authorization ?? '') ?? [];
    if (scheme.toLowerCase() === 'bearer') offered.push(value);
    if (scheme.toLowerCase() === 'basic') {
      const pair = Buffer.from(value, 'base64').toString('utf8');
      const colon = pair.indexOf(':');
      offered.push(pair.slice(0, Math.max(0, colon)), pair.slice(colon + 1));
    }
    const key = Buffer.from(this.settings.simplyPrintKey);
    return offered.some((each) => {
      const bytes = Buffer.from(each);
      return bytes.length === key.length && timingSafeEqual(bytes, key);
    });
  }
}

function parseObject(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}
