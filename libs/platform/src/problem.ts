import { HttpException } from '@nestjs/common';
import type { Problem } from '@forma3d/contracts';
import { troubleOf, type DatabaseTrouble, type TroubleKind } from '@forma3d/database';
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
  417: 'Expectation failed',
  422: 'Invalid input',
  429: 'Too many requests',
  431: 'Headers too large',
  500: 'Something went wrong here',
  502: 'An outside system failed',
  503: 'Not ready',
};

/** The name of a kind of refusal. */
export const titleOf = (status: number): string => TITLES[status] ?? 'Refused';

/** What a thrown thing means for the caller, and what of it belongs in the log. */
export interface ProblemFound {
  body: Problem & Record<string, unknown>;
  /** It is our fault. */
  unexpected: boolean;
  /** It is PostgreSQL's. */
  trouble?: DatabaseTrouble;
}

export function problemOf(error: unknown, correlationId: string): ProblemFound {
  if (error instanceof DomainError) {
    const { code } = error as DomainError;
    const status = statusOf(code);
    if (status !== undefined) return { body: body(status, code, error.message, correlationId, error.details), unexpected: false };
  }
  if (error instanceof OutsideError) {
    return { body: body(503, 'not-ready', `${error.system} could not be asked just now. Try again soon.`, correlationId), unexpected: false };
  }
  const trouble = troubleOf(error);
  if (trouble) return { body: body(503, 'not-ready', TROUBLE[trouble.kind], correlationId), unexpected: false, trouble };
  const refusal = frameworkRefusal(error);
  if (refusal) return { body: body(refusal.status, refusal.code, refusal.detail, correlationId), unexpected: false };
  return { body: body(500, 'internal', 'An unexpected error. The correlation id finds it in the log.', correlationId), unexpected: true };
}

const TROUBLE: Readonly<Record<TroubleKind, string>> = {
  away: 'The database cannot be reached. Try again soon.',
  busy: 'The database is too busy. Try again soon.',
  unknown: 'The database went away while this was being saved. Look whether it was saved before you try again.',
};

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
