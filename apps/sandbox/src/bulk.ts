import { appendFileSync, createReadStream, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync, type ReadStream } from 'node:fs';
import { join } from 'node:path';

import { execute, Kind } from 'graphql';
import { z } from 'zod';

import { loadAdminSchema } from './admin-schema';
import { connection } from './admin-connection';
import { idOf } from './admin-gid';
import { resolveField, resolveType } from './admin-resolve';
import type { Args, Node } from './admin-node';
import { BulkRefusal, planBulkQuery, type BulkQuery } from './bulk-query';
import type { Faults } from './faults';
import type { Shop } from './shop';
import type { BulkRecord } from './shop-types';
import { gid, shopifyJson } from './shopify-json';

/** Five queries at once per app and shop from version 2026-01 on. */
const MOST_AT_ONCE = 5;

/** How long an operation stays CREATED, and RUNNING at the least: long enough to be seen by someone who polls. */
const STEP_MS = 150;

const pageSchema = z.object({
  edges: z.array(z.object({ node: z.record(z.string(), z.unknown()) })),
  pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullable() }),
});
const nestedSchema = z.object({ edges: z.array(z.object({ node: z.record(z.string(), z.unknown()) })) });

/** Bulk operations: `bulkOperationRunQuery`, polling, cancelling, and the JSONL files they leave. */
export class BulkOperations {
  constructor(
    private readonly shop: Shop,
    private readonly faults: Faults,
    private readonly folder: string,
    /** Root fields of queries, which a bulk query runs on too. */
    private readonly queries: Record<string, unknown>,
  ) {}

  /** Operations that were under way when the sandbox stopped have failed, as after an outage of Shopify's. */
  failUnfinished(): void {
    for (const bulk of this.shop.data.bulkOperations) {
      if (isActive(bulk)) this.end(bulk, 'FAILED', 'INTERNAL_SERVER_ERROR');
    }
  }

  api(baseUrl: string) {
    const { shop } = this;
    const show = (bulk: BulkRecord) => this.node(bulk, baseUrl);
    const find = (id: unknown) => shop.data.bulkOperations.find((each) => each.id === idOf(id, 'BulkOperation'));
    return {
      query: {
        bulkOperation: (args: Args) => {
          const found = find(args.id);
          return found ? show(found) : null;
        },
        currentBulkOperation: () => {
          const last = shop.data.bulkOperations.at(-1);
          return last ? show(last) : null;
        },
        bulkOperations: (args: Args) => connection(shop.data.bulkOperations, args, show),
      },
      mutation: {
        bulkOperationRunQuery: (args: Args) => this.run(String(args.query), args.groupObjects === true, show),
        bulkOperationCancel: (args: Args) => {
          const found = find(args.id);
          if (!found) return { bulkOperation: null, userErrors: [{ field: ['id'], message: 'Bulk operation does not exist.' }] };
          if (isActive(found)) {
            found.status = 'CANCELING';
            shop.changed();
            shop.scheduler.after(STEP_MS, () => this.end(found, 'CANCELED', null));
          }
          return { bulkOperation: show(found), userErrors: [] };
        },
      },
    };
  }

  /** The result file of an operation, or null. */
  open(id: string): { stream: ReadStream; size: number } | null {
    const bulk = this.shop.data.bulkOperations.find((each) => each.id === id);
    const file = this.file(id);
    if (!bulk?.hasFile || !existsSync(file)) return null;
    return { stream: createReadStream(file), size: statSync(file).size };
  }

  private run(query: string, grouped: boolean, show: (bulk: BulkRecord) => Node) {
    const refused = (message: string, code: string) => ({ bulkOperation: null, userErrors: [{ field: ['query'], message, code }] });
    if (grouped) return refused('The sandbox does not group objects: ask with groupObjects: false.', 'INVALID');
    const active = this.shop.data.bulkOperations.filter(isActive);
    if (active.length >= MOST_AT_ONCE) {
      const ids = active.map((bulk) => gid('BulkOperation', bulk.id)).join(', ');
      const message = `A bulk query operation for this app and shop is already in progress: ${ids}.`;
      return { bulkOperation: null, userErrors: [{ field: null, message, code: 'OPERATION_IN_PROGRESS' }] };
    }
    let plan: BulkQuery;
    try {
      plan = planBulkQuery(loadAdminSchema(), query);
    } catch (error) {
      if (error instanceof BulkRefusal) return refused(error.message, 'INVALID');
      throw error;
    }
    const bulk: BulkRecord = {
      id: this.shop.newId(),
      query,
      status: 'CREATED',
      errorCode: null,
      createdAt: this.shop.now(),
      completedAt: null,
      objectCount: 0,
      rootObjectCount: 0,
      fileSize: null,
      hasFile: false,
    };
    this.shop.data.bulkOperations.push(bulk);
    this.shop.changed();
    const slow = this.faults.strike('shopify', 'slow', 'bulk');
    this.shop.scheduler.after(STEP_MS, () => {
      if (bulk.status !== 'CREATED') return;
      bulk.status = 'RUNNING';
      this.shop.changed();
      this.shop.scheduler.after(slow?.delay_ms ?? STEP_MS, () => this.page(bulk, plan, null));
    });
    return { bulkOperation: show(bulk), userErrors: [] };
  }

  /** One page of the root connection, then the next in another turn of the event loop, so that a long operation blocks nobody. */
  private page(bulk: BulkRecord, plan: BulkQuery, after: string | null): void {
    if (bulk.status !== 'RUNNING') return;
    if (this.faults.strike('shopify', 'error', 'bulk')) {
      this.end(bulk, 'FAILED', 'INTERNAL_SERVER_ERROR');
      return;
    }
    const answer = execute({
      schema: loadAdminSchema(),
      document: { kind: Kind.DOCUMENT, definitions: [plan.paged] },
      rootValue: this.queries,
      variableValues: { after },
      fieldResolver: resolveField,
      typeResolver: resolveType,
    });
    if (answer instanceof Promise || answer.errors || !answer.data) {
      this.end(bulk, 'FAILED', 'INTERNAL_SERVER_ERROR');
      return;
    }
    const { edges, pageInfo } = pageSchema.parse(answer.data[plan.rootKey]);
    const roots: string[] = [];
    const children: string[] = [];
    for (const { node } of edges) flatten(node, null, plan.nested, roots, children);
    mkdirSync(this.folder, { recursive: true });
    // Ungrouped: parents come first, their children anywhere after them.
    if (roots.length > 0) appendFileSync(this.file(bulk.id), `${roots.join('\n')}\n`);
    if (children.length > 0) appendFileSync(this.childFile(bulk.id), `${children.join('\n')}\n`);
    bulk.rootObjectCount += roots.length;
    bulk.objectCount += roots.length + children.length;
    if (pageInfo.hasNextPage) setImmediate(() => this.page(bulk, plan, pageInfo.endCursor));
    else this.end(bulk, 'COMPLETED', null);
  }

  private end(bulk: BulkRecord, status: BulkRecord['status'], errorCode: BulkRecord['errorCode']): void {
    const [file, childFile] = [this.file(bulk.id), this.childFile(bulk.id)];
    if (existsSync(childFile)) {
      if (!existsSync(file)) writeFileSync(file, '');
      appendFileSync(file, readFileSync(childFile));
      rmSync(childFile);
    }
    bulk.hasFile = existsSync(file);
    bulk.fileSize = bulk.hasFile ? statSync(file).size : null;
    bulk.status = status;
    bulk.errorCode = errorCode;
    bulk.completedAt = this.shop.now();
    this.shop.emit({ topic: 'bulk_operations/finish', bulkId: bulk.id });
  }

  private node(bulk: BulkRecord, baseUrl: string): Node {
    const link = bulk.hasFile ? `${baseUrl}/bulk/${bulk.id}.jsonl` : null;
    return {
      __typename: 'BulkOperation',
      id: gid('BulkOperation', bulk.id),
      type: 'QUERY',
      query: bulk.query,
      status: bulk.status,
      errorCode: bulk.errorCode,
      createdAt: bulk.createdAt,
      completedAt: bulk.completedAt,
      objectCount: String(bulk.objectCount),
      rootObjectCount: String(bulk.rootObjectCount),
      fileSize: bulk.fileSize === null ? null : String(bulk.fileSize),
      url: bulk.status === 'COMPLETED' ? link : null,
      partialDataUrl: bulk.status === 'FAILED' || bulk.status === 'CANCELED' ? link : null,
    };
  }

  private file(id: string): string {
    return join(this.folder, `${id}.jsonl`);
  }

  private childFile(id: string): string {
    return join(this.folder, `${id}.children.jsonl`);
  }
}

function isActive(bulk: BulkRecord): boolean {
  return ['CREATED', 'RUNNING', 'CANCELING'].includes(bulk.status);
}

/** One flat line per object: connections inside it become lines of their own that name their parent. */
function flatten(node: Record<string, unknown>, parentId: unknown, nested: Set<string>, own: string[], below: string[]): void {
  const flat: Record<string, unknown> = {};
  const children: Record<string, unknown>[] = [];
  for (const [key, value] of Object.entries(node)) {
    const inner = nested.has(key) ? nestedSchema.safeParse(value) : null;
    if (inner?.success) children.push(...inner.data.edges.map((edge) => edge.node));
    else flat[key] = value;
  }
  if (parentId !== null) flat.__parentId = parentId;
  own.push(shopifyJson(flat));
  for (const child of children) flatten(child, node.id ?? null, nested, below, below);
}
