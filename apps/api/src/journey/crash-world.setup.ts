import { until, type UntilOptions } from '@forma3d/testing';
import { z } from 'zod';
import type { ApiProcess } from './api-process.setup';
import type { OrderDetail } from './product-answers.setup';
import { ADMIN_TOKEN, POT, type Product } from './product.setup';

const LONG_MS = 60_000;
/** What is told once of each thing that happens once, however often a process dies meanwhile. */
const TOLD_ONCE = [
  'order.created', 'order.ready-for-fulfillment', 'order.cancelled', 'queue-item.added', 'print-job.completed', 'print-job.failed',
  'fulfillment.created', 'fulfillment.updated', 'fulfillment.failed', 'task.failed', 'store.uninstalled', 'store.reinstalled', 'privacy.redacted',
];

/** What a journey ended in, as Shopify, the farm, the mailbox and our own records have it. */
export interface Ending {
  shopify: { status: string; fulfillments: number; units: number }[];
  farm: { added: number; left: number; prints: number };
  /** Print jobs of ours by status. */
  prints: Record<string, number>;
  told: Record<string, number>;
  /** Subjects of the mails, each once: a mail may come twice after a crash, and carries the same Message-ID then. */
  mails: string[];
  /** What people did, as the audit has it. */
  done: Record<string, number>;
  failed: string[];
  attention: string[];
}

/** A way to go with the whole product, whose API may die at any point of it. */
export interface CrashJourney {
  name: string;
  /** The time of day, UTC, at which its API believes to be started; without, the real one. */
  startsAt?: string;
  /** Settings of its API beside those that make journeys quick. */
  env?: Record<string, string>;
  /** To the very end: resolves when what the journey is about has come about. */
  travel(world: CrashWorld): Promise<void>;
  /** How it has to end, wherever the process died on the way. */
  ending: Ending;
}

const counted = z.object({ what: z.string(), n: z.coerce.number() });
const mailbox = z.object({ mails: z.array(z.looseObject({ subject: z.string() })) });

/** What travellers do and see. Everything that the API is asked is asked again while it is away. */
export class CrashWorld {
  /** How often somebody did something a second time, because no answer had come. */
  repeats = 0;

  constructor(
    readonly product: Product,
    private readonly api: () => ApiProcess,
  ) {}

  /** Waits patiently: a death, a lease and a restart may lie between. */
  until<T>(what: string, look: () => T, options: UntilOptions = {}): ReturnType<typeof until<T>> {
    return until(look, { timeoutMs: LONG_MS, everyMs: 50, what, ...options });
  }

  /** As a person does it: once more when no answer came, and content when it turns out to be done (409) or gone (404). */
  act(method: string, path: string, body?: unknown): Promise<unknown> {
    let unanswered = false;
    return this.until(`${method} ${path}`, async () => {
      const before = unanswered;
      const answer = await this.product.api(method, path, body).catch((error: unknown) => {
        unanswered = true;
        throw error;
      });
      if (before) this.repeats += 1;
      const fine = answer.status < 300 || (unanswered && (answer.status === 409 || answer.status === 404));
      if (!fine) throw new Error(`${String(answer.status)} ${JSON.stringify(answer.body)}`);
      return { body: answer.body };
    }).then((answer) => answer.body);
  }

  /** Imports a file of mappings, once more when no answer came. */
  importMappings(csv: string): Promise<unknown> {
    const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'text/csv' };
    return this.until('the import of mappings', async () => {
      const { status } = await fetch(`${this.product.origin}/api/v1/product-mappings/import`, { method: 'POST', headers, body: csv });
      return status === 200 ? true : undefined;
    });
  }

  async map(sku: string): Promise<void> {
    await this.act('POST', '/api/v1/product-mappings', { sku, parts: [{ name: 'pot', file_id: POT }] });
  }

  order(sku: string, quantity: number, more: Record<string, unknown> = {}): Promise<string> {
    return this.product.order([{ sku, quantity }], more);
  }

  merchant(act: string, shopifyId: string, body?: unknown): Promise<unknown> {
    return this.product.control('POST', `/orders/${shopifyId}/${act}`, body);
  }

  fault(fault: Record<string, unknown>): Promise<unknown> {
    return this.product.fault(fault);
  }

  noFaults(): Promise<unknown> {
    return this.product.control('DELETE', '/faults');
  }

  async printersRun(run: boolean): Promise<void> {
    await this.product.control('POST', '/simplyprint/speed', { speed: run ? 6_000 : 0 });
  }

  /** All prints of an order on printers that stand still from then on. */
  async printing(order: OrderDetail): Promise<void> {
    await this.product.control('POST', '/simplyprint/speed', { speed: 10 });
    await this.until('its prints to be on printers', async () => (await this.prints(order.id)).every((print) => print.status === 'PRINTING'), { everyMs: 10 });
    await this.printersRun(false);
  }

  /** Our order for the one in Shopify, once it is as `test` says. */
  ours(shopifyId: string, what: string, test: (order: OrderDetail) => boolean): Promise<OrderDetail> {
    return this.until(what, async () => {
      const order = await this.product.ours(shopifyId);
      return test(order) ? order : undefined;
    });
  }

  /** Everything of it is on its way to the printers, and nothing is under way here. */
  async produced(shopifyId: string, items = 1): Promise<OrderDetail> {
    await this.ours(shopifyId, 'its queue items to be added', (order) => told(order, 'queue-item.added') >= items);
    await this.settled();
    return this.product.ours(shopifyId);
  }

  fulfilled(shopifyId: string, fulfillments = 1): Promise<OrderDetail> {
    return this.ours(shopifyId, 'its fulfillments', (order) => told(order, 'fulfillment.created') >= fulfillments);
  }

  prints(orderId: string): Promise<{ id: string; status: string }[]> {
    return this.product.db.sql.rows(z.object({ id: z.string(), status: z.string() }))`
      SELECT id, status FROM print_job WHERE order_id = ${orderId} ORDER BY id`;
  }

  tasks(type: string): Promise<{ status: string; failures: number }[]> {
    return this.product.db.sql.rows(z.object({ status: z.string(), failures: z.number() }))`
      SELECT status, failures FROM retry_queue WHERE type = ${type} ORDER BY created_at`;
  }

  /** The phases of all fulfillments. */
  async phases(): Promise<string[]> {
    return (await this.product.db.sql.rows(z.object({ phase: z.string() }))`SELECT phase FROM fulfillment`).map((row) => row.phase);
  }

  async trackingNumbers(): Promise<(string | null)[]> {
    return (await this.product.db.sql.rows(z.object({ n: z.string().nullable() }))`SELECT tracking_number AS n FROM fulfillment`).map((row) => row.n);
  }

  /** The states of all queue items. */
  async queueItems(): Promise<string[]> {
    return (await this.product.db.sql.rows(z.object({ state: z.string() }))`SELECT state FROM queue_item`).map((row) => row.state);
  }

  /** The kinds of the open attention items. */
  async open(): Promise<string[]> {
    return (await this.product.db.sql.rows(z.object({ kind: z.string() }))`SELECT kind FROM attention WHERE closed_at IS NULL`).map((row) => row.kind);
  }

  /** No task is due or held, also not by a dead process: its lease has to run out first. */
  async settled(): Promise<void> {
    await this.until('the tasks to be done', () => this.product.settled().then(() => true));
  }

  /** Lets `seconds` go by for the API, once it has nothing to do. */
  async letPass(seconds: number): Promise<void> {
    await this.settled();
    await this.api().moveClock(seconds * 1_000);
  }

  /** Has store-wide tasks run now, as the clock would in a while. */
  async wake(...types: readonly string[]): Promise<void> {
    await this.product.db.sql`
      INSERT INTO retry_queue (id, type, store_id, payload, max_attempts, due_at)
      SELECT gen_random_uuid(), type, store.id, '{}', 5, now() + ${this.aheadMs} * interval '1 ms' FROM store, unnest(${types}::text[]) AS type`;
  }

  /** Milliseconds by which the API's clock is ahead of everybody else's. */
  get aheadMs(): number {
    return this.api().clockMovedMs;
  }

  async mail(subject: string): Promise<void> {
    await this.until(`the mail ${subject}`, async () => (await this.mails()).some((each) => each.includes(subject)));
  }

  private async mails(): Promise<string[]> {
    const { mails } = mailbox.parse(await this.product.control('GET', '/mail'));
    return [...new Set(mails.map((mail) => mail.subject.replace(/Daily Summary: .*/, 'Daily Summary')))].sort();
  }

  async ending(): Promise<Ending> {
    const { product } = this;
    const shop = z.array(z.looseObject({ display_fulfillment_status: z.string(), fulfillments: z.array(z.looseObject({ lines: z.array(z.looseObject({ quantity: z.number() })) })) }));
    const farm = await product.farm();
    const text = z.object({ text: z.string() });
    const failed = await product.db.sql.rows(text)`SELECT type || ': ' || COALESCE(last_error, '') AS text FROM retry_queue WHERE status = 'FAILED' ORDER BY 1`;
    const attention = await product.db.sql.rows(text)`SELECT kind AS text FROM attention WHERE closed_at IS NULL ORDER BY 1`;
    return {
      shopify: shop.parse(await product.control('GET', '/orders')).map((order) => ({
        status: order.display_fulfillment_status,
        fulfillments: order.fulfillments.length,
        units: order.fulfillments.flatMap((each) => each.lines).reduce((sum, line) => sum + line.quantity, 0),
      })),
      farm: { added: farm.calls['queue/AddItem'] ?? 0, left: farm.queue.reduce((sum, item) => sum + item.left, 0), prints: farm.jobs.length },
      prints: asRecord(await product.db.sql.rows(counted)`SELECT status AS what, count(*) AS n FROM print_job GROUP BY 1 ORDER BY 1`),
      told: asRecord(await product.db.sql.rows(counted)`SELECT type AS what, count(*) AS n FROM event WHERE type = ANY (${TOLD_ONCE}) GROUP BY 1 ORDER BY 1`),
      mails: withoutChance(await this.mails()),
      done: asRecord(await product.db.sql.rows(counted)`SELECT entity || ' ' || action AS what, count(*) AS n FROM audit_log WHERE actor <> 'system' GROUP BY 1 ORDER BY 1`),
      failed: failed.map((each) => each.text),
      attention: attention.map((each) => each.text),
    };
  }
}

/**
 * Without what a death may bring about beside. Shopify drops subscriptions while nobody answers for long, which is told; and a call that it
 * refuses before we hear that the app was uninstalled tells of that in other words.
 */
function withoutChance(subjects: readonly string[]): string[] {
  const uninstalled = subjects.some((subject) => subject.includes('Shop Uninstalled'));
  return subjects.filter((subject) => !subject.includes('Webhook Subscription Lost') && !(uninstalled && subject.includes('Credentials Refused')));
}

export function told(order: OrderDetail, type: string): number {
  return order.timeline.filter((entry) => entry.type === type).length;
}

function asRecord(rows: readonly { what: string; n: number }[]): Record<string, number> {
  return Object.fromEntries(rows.map(({ what, n }) => [what, n]));
}
