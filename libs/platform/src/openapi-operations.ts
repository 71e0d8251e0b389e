import type { OpenAPIObject } from '@nestjs/swagger';
import { problem } from '@forma3d/contracts';
import { z } from 'zod';
import { titleOf } from './problem';
import type { ProblemCode } from './problem-status';

/** Marks an operation that needs no credential; set by `@Public()`, gone from the finished document. */
export const PUBLIC_OPERATION = 'x-public';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'] as const;

type Operation = NonNullable<OpenAPIObject['paths'][string]['get']> & { [PUBLIC_OPERATION]?: boolean };

const STORE_HEADER = {
  name: 'X-Store-Id',
  in: 'header',
  required: false,
  description: 'Which store, where there are several.',
  schema: { type: 'string', format: 'uuid' },
} as const;

const REFUSALS: Record<number, { description: string; code: ProblemCode; example: object }> = {
  400: { description: 'The request cannot be read.', code: 'malformed', example: { detail: 'The request cannot be read.' } },
  401: { description: 'No valid credential.', code: 'unauthorized', example: { detail: 'A valid bearer token is needed here.' } },
  404: { description: 'There is no such thing in this store.', code: 'not-found', example: { detail: 'There is no such thing.' } },
  409: { description: 'The present state does not allow it.', code: 'conflict', example: { detail: 'The present state does not allow it.' } },
  413: { description: 'The body is larger than 1 MiB.', code: 'too-large', example: { detail: 'The body is larger than this address takes.' } },
  415: { description: 'The body is not JSON in UTF-8.', code: 'unsupported-media-type', example: { detail: 'The body must be UTF-8.' } },
  422: {
    description: 'The input is not valid; `errors` names the fields.',
    code: 'invalid',
    example: { detail: 'The input is not valid.', errors: [{ path: 'limit', message: 'Too big: expected number to be <=100' }] },
  },
  503: { description: 'Not just now, because the database or an outside system cannot be asked. Try again soon.', code: 'not-ready', example: { detail: 'The database cannot be reached. Try again soon.' } },
};
const CORRELATION = '2f1c6f0a-6d2e-4a53-9a5e-0d3c1f6f4c11';

/** Adds to every operation what holds for all of them: problems, the credential, the store header. */
export function completeOperations(document: OpenAPIObject): OpenAPIObject {
  const schemas = { ...document.components?.schemas, Problem: problemSchema() };
  for (const [address, item] of Object.entries(document.paths)) {
    for (const method of METHODS) {
      const operation: Operation | undefined = item[method];
      if (operation) complete(operation, address);
    }
  }
  return { ...document, components: { ...document.components, schemas } };
}

function complete(operation: Operation, address: string): void {
  const open = operation[PUBLIC_OPERATION] === true;
  delete operation[PUBLIC_OPERATION];
  if (open) operation.security = [];
  else if (address.startsWith('/api/')) operation.parameters = [...(operation.parameters ?? []), STORE_HEADER];
  nameTheAnswer(operation);
  for (const status of refusalsOf(operation, address, open)) operation.responses[status] ??= refusal(status);
  // A route's own words for a refusal stand; what a refusal looks like is the same for all.
  for (const [status, answer] of Object.entries(operation.responses)) {
    if (Number(status) >= 400 && answer !== undefined && 'description' in answer && answer.content === undefined) answer.content = refusal(Number(status)).content;
  }
}

/** `@ZodResponse` without a status says "default", which would also stand for every refusal; routes that answer otherwise than 200 say so. */
function nameTheAnswer({ responses }: Operation): void {
  const { default: answer } = responses;
  if (answer === undefined || Object.keys(responses).some((status) => status.startsWith('2'))) return;
  delete responses['default'];
  responses[200] = 'description' in answer && answer.description === '' ? { ...answer, description: 'Done.' } : answer;
}

function refusalsOf(operation: Operation, address: string, open: boolean): number[] {
  const takesInput = operation.requestBody !== undefined || (operation.parameters ?? []).some((each) => each !== STORE_HEADER);
  return [
    ...(operation.requestBody === undefined ? [] : [400, 413, 415]),
    ...(open ? [] : [401]),
    ...(address.includes('{') ? [404] : []),
    ...(takesInput ? [422] : []),
    ...(address.startsWith('/api/') ? [503] : []),
  ];
}

function refusal(status: number) {
  const { description, code, example } = REFUSALS[status] ?? { description: 'Refused.', code: 'conflict' as const, example: {} };
  const own = { type: `urn:forma3d:problem:${code}`, title: titleOf(status), status, code, correlation_id: CORRELATION, ...example };
  return { description, content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' }, example: own } } };
}

function problemSchema(): NonNullable<NonNullable<OpenAPIObject['components']>['schemas']>[string] {
  const { $schema: _unwanted, ...schema } = z.toJSONSchema(problem);
  return {
    ...(schema as object),
    additionalProperties: true,
    description: 'RFC 9457. Refusals may carry more members, e.g. the present state.',
    example: {
      type: 'urn:forma3d:problem:invalid',
      title: 'Invalid input',
      status: 422,
      code: 'invalid',
      detail: 'The input is not valid.',
      correlation_id: CORRELATION,
      errors: [{ path: 'parts.0.copies_per_unit', message: 'Too small: expected number to be >=1' }],
    },
  };
}
