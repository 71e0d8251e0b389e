import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';

import { execute, getOperationAST, GraphQLError, parse, validate, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { z } from 'zod';

import { actualCost, MOST_POINTS, PointBucket, requestedCost } from './admin-cost';
import { refusedPayload, shopMutations } from './admin-mutations';
import { adminNodes } from './admin-nodes';
import { shopQueries } from './admin-queries';
import { resolveField, resolveType } from './admin-resolve';
import { loadAdminSchema } from './admin-schema';
import { subscriptionApi } from './admin-subscriptions';
import { BulkOperations } from './bulk';
import type { Faults } from './faults';
import { baseUrlOf, dropConnection, readBody, sendJson } from './http';
import { afterDelay, httpFault } from './http-faults';
import type { SandboxSettings } from './settings';
import type { Shop } from './shop';
import { API_VERSION } from './shopify-webhooks';

const requestSchema = z.object({
  query: z.string(),
  variables: z.record(z.string(), z.unknown()).nullish(),
  operationName: z.string().nullish(),
});

/** The Admin GraphQL API of the simulated shop: authentication, faults, validation, points, execution. */
export class AdminApi {
  readonly bucket: PointBucket;
  readonly bulk: BulkOperations;
  private readonly queries: Record<string, unknown>;
  private readonly mutations: Record<string, unknown>;

  constructor(
    private readonly shop: Shop,
    private readonly faults: Faults,
    private readonly settings: Pick<SandboxSettings, 'shopifyToken'> & { pointsPerSecond: number; bulkFolder: string },
  ) {
    const nodes = adminNodes(shop);
    const subscriptions = subscriptionApi(shop);
    this.queries = { ...shopQueries(nodes), ...subscriptions.query };
    this.mutations = { ...shopMutations(nodes), ...subscriptions.mutation };
    this.bulk = new BulkOperations(shop, faults, settings.bulkFolder, this.queries);
    this.bucket = new PointBucket(shop.scheduler, settings.pointsPerSecond * 20, settings.pointsPerSecond);
  }

  /** `POST /admin/api/{version}/graphql.json`. Whatever version was asked for, the answer comes in ours and says so, as after a retired one. */
  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const headers = { 'X-Shopify-API-Version': API_VERSION };
    const text = await readBody(request);
    const isOurs = sameText(String(request.headers['x-shopify-access-token'] ?? ''), this.settings.shopifyToken);
    if (!isOurs || this.shop.data.uninstalled === true) {
      sendJson(response, 401, { errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' }, headers);
      return;
    }
    const parsed = parseRequest(text);
    if (!parsed) {
      sendJson(response, 400, { errors: { query: 'Required parameter missing or invalid' } }, headers);
      return;
    }
    const { document, operation, variables } = parsed;
    const fields = operation ? rootFields(operation) : [];
    const fault = httpFault(this.faults, 'shopify', fields);
    if (fault.outage) {
      if (fault.outage.status) sendJson(response, fault.outage.status, { errors: 'Service Unavailable' }, headers);
      else dropConnection(response);
      return;
    }
    await afterDelay(this.shop.scheduler, fault.delayMs);
    const refusal = fault.error;
    if (refusal && !(refusal.user_error !== undefined && operation?.operation === 'mutation')) {
      sendJson(response, refusal.status ?? 500, { errors: refusal.message ?? 'Internal Server Error' }, headers);
      return;
    }
    const body = this.answer(document, operation, variables, baseUrlOf(request), {
      refuseWith: refusal?.user_error ?? null,
      throttle: fault.throttle !== null,
    });
    if (fault.lostAnswer) dropConnection(response);
    else sendJson(response, 200, body, headers);
  }

  private answer(
    document: DocumentNode | GraphQLError,
    operation: OperationDefinitionNode | null,
    variables: Record<string, unknown>,
    baseUrl: string,
    fault: { refuseWith: string | null; throttle: boolean },
  ): unknown {
    if (document instanceof GraphQLError) return { errors: [document.toJSON()] };
    const schema = loadAdminSchema();
    const problems = validate(schema, document);
    if (problems.length > 0) return { errors: problems.map((problem) => shopifyError(problem)) };
    if (!operation) return { errors: [{ message: 'An operation name is required' }] };
    const isMutation = operation.operation === 'mutation';
    const requested = Math.max(1, requestedCost(schema, document, operation, variables));
    if (requested > MOST_POINTS) {
      const message = `Query cost is ${requested}, which exceeds the single query max cost limit (${MOST_POINTS}).`;
      return {
        errors: [{ message, extensions: { code: 'MAX_COST_EXCEEDED', cost: requested, maxCost: MOST_POINTS } }],
        extensions: { cost: { requestedQueryCost: requested, actualQueryCost: null, throttleStatus: this.bucket.status() } },
      };
    }
    if (fault.throttle || !this.bucket.take(requested)) {
      const status = this.bucket.status();
      // A fault looks as if others had used the points up: one second's worth is missing.
      const missing = Math.min(status.currentlyAvailable, Math.max(0, requested - status.restoreRate));
      const throttleStatus = fault.throttle ? { ...status, currentlyAvailable: missing } : status;
      return {
        errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED', documentation: 'https://shopify.dev/api/usage/rate-limits' } }],
        extensions: { cost: { requestedQueryCost: requested, actualQueryCost: null, throttleStatus } },
      };
    }
    const bulk = this.bulk.api(baseUrl);
    const { refuseWith } = fault;
    const mutations = { ...this.mutations, ...bulk.mutation };
    const result = execute({
      schema,
      document,
      operationName: operation.name?.value ?? null,
      variableValues: variables,
      rootValue: isMutation
        ? refuseWith === null
          ? mutations
          : Object.fromEntries(Object.keys(mutations).map((name) => [name, () => refusedPayload(refuseWith)]))
        : { ...this.queries, ...bulk.query },
      fieldResolver: resolveField,
      typeResolver: resolveType,
    });
    if (result instanceof Promise) throw new Error('Resolvers of the sandbox answer at once.');
    const actual = actualCost(result.data, requested, isMutation);
    this.bucket.giveBack(requested - actual);
    return {
      ...(result.data === undefined ? {} : { data: result.data }),
      ...(result.errors ? { errors: result.errors.map((error) => error.toJSON()) } : {}),
      extensions: { cost: { requestedQueryCost: requested, actualQueryCost: actual, throttleStatus: this.bucket.status() } },
    };
  }
}

interface ParsedRequest {
  document: DocumentNode | GraphQLError;
  operation: OperationDefinitionNode | null;
  variables: Record<string, unknown>;
}

function parseRequest(text: string): ParsedRequest | null {
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    return null;
  }
  const request = requestSchema.safeParse(raw);
  if (!request.success) return null;
  const { query, variables, operationName } = request.data;
  try {
    const document = parse(query);
    return { document, operation: getOperationAST(document, operationName) ?? null, variables: variables ?? {} };
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    return { document: error, operation: null, variables: {} };
  }
}

/** Names of the root fields, whatever their aliases: what faults are addressed by. */
function rootFields(operation: OperationDefinitionNode): string[] {
  return operation.selectionSet.selections.flatMap((each) => (each.kind === 'Field' ? [each.name.value] : []));
}

/** Shopify names the kind of a validation error in `extensions.code`; the common one also in its own words. */
function shopifyError(error: GraphQLError): unknown {
  const { message, locations } = error.toJSON();
  const unknownField = /^Cannot query field "(\w+)" on type "(\w+)"/.exec(message);
  if (unknownField) {
    const [, fieldName, typeName] = unknownField;
    return {
      message: `Field '${fieldName ?? ''}' doesn't exist on type '${typeName ?? ''}'`,
      locations,
      extensions: { code: 'undefinedField', typeName, fieldName },
    };
  }
  return { message, locations, extensions: { code: 'invalidDocument' } };
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
