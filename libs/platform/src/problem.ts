import { types } from 'node:util';
import { HttpException } from '@nestjs/common';
import type { Problem } from '@forma3d/contracts';
import { DomainError, OutsideError } from '@forma3d/kernel';
import { PROBLEM_STATUS, statusOf, type ProblemCode } from './problem-status';

const TITLES: Record<number, string> = {
  400: 'Malformed request',
  401: 'Not signed in',
  403: 'Not allowed',
  404: 'Not found',
  405: 'Method not allowed',
  408: 'Too slow',
  409: 'Conflict with the present state',
  413: 'Too large',
  415: 'Unsupported media type',
  422: 'Invalid input',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Something went wrong here',
  502: 'An outside system failed',
  503: 'Not ready',
};

/** The name of a kind of refusal. */
export const titleOf = (status: number): string => TITLES[status] ?? 'Refused';

/** What a thrown thing means for the caller; `unexpected` when it is our fault and belongs in the log. */
export function problemOf(error: unknown, correlationId: string): { body: Problem & Record<string, unknown>; unexpected: boolean } {
  if (error instanceof DomainError) {
    const { code } = error as DomainError;
    const status = statusOf(code);
    if (status !== undefined) return { body: body(status, code, error.message, correlationId, error.details), unexpected: false };
  }
  if (isUnreachableDatabase(error)) {
    return { body: body(503, 'not-ready', 'The database cannot be reached. Try again soon.', correlationId), unexpected: false };
  }
  if (error instanceof OutsideError) {
    return { body: body(503, 'not-ready', `${error.system} could not be asked just now. Try again soon.`, correlationId), unexpected: false };
  }
  const refusal = frameworkRefusal(error);
  if (refusal) return { body: body(refusal.status, refusal.code, refusal.detail, correlationId), unexpected: false };
  return { body: body(500, 'internal', 'An unexpected error. The correlation id finds it in the log.', correlationId), unexpected: true };
}

function body(status: number, code: string, detail: string, correlationId: string, details: Record<string, unknown> = {}) {
  const own = { type: `urn:forma3d:problem:${code}`, title: titleOf(status), status, code, detail, correlation_id: correlationId };
  // Own members come first, for those who read it, and last, so that no detail replaces them.
  return { ...own, ...details, ...own };
}

/** Words of our own for what Nest and Fastify refuse: theirs repeat input and name internals. */
const REFUSALS: Partial<Record<number, [ProblemCode, string]>> = {
  400: ['malformed', 'The request cannot be read.'],
  401: ['unauthorized', 'A valid credential is needed here.'],
  403: ['forbidden', 'This is not allowed.'],
  404: ['not-found', 'There is nothing at this address.'],
  405: ['method-not-allowed', 'This address does not take that method.'],
  408: ['request-timeout', 'The request took too long to arrive.'],
  413: ['too-large', 'The body is larger than this address takes.'],
  415: ['unsupported-media-type', 'The body must be JSON (Content-Type: application/json).'],
  422: ['invalid', 'The input is not valid.'],
  429: ['too-many-requests', 'Too many requests. Try again later.'],
  431: ['headers-too-large', 'The address and headers are larger than this server takes.'],
  503: ['not-ready', 'Not ready. Try again soon.'],
};

function frameworkRefusal(error: unknown): { status: number; code: ProblemCode; detail: string } | undefined {
  const status = error instanceof HttpException ? error.getStatus() : fastifyStatus(error);
  if (status === undefined || (status >= 500 && status !== 503)) return undefined;
  const [code, detail] = REFUSALS[status] ?? ['malformed', 'The request cannot be read.'];
  return { status: PROBLEM_STATUS[code], code, detail };
}

/** Fastify's own errors (body limit, content type, malformed JSON …) carry a code and the status. */
function fastifyStatus(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error) || typeof error.statusCode !== 'number') return undefined;
  return error.statusCode;
}

/** Connection refused or lost, or PostgreSQL starting, stopping or full (SQLSTATE classes 08, 53 and 57P). */
const UNREACHABLE = /^(ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|ETIMEDOUT|08...|53[23]00|57P0[1-3])$/;

export function isUnreachableDatabase(error: unknown): boolean {
  if (!types.isNativeError(error) || error instanceof OutsideError) return false;
  if ('code' in error && typeof error.code === 'string' && UNREACHABLE.test(error.code)) return true;
  // pg and pg-pool give these no code.
  return /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Cannot use a pool after)/.test(error.message);
}
