import { isDeepStrictEqual } from 'node:util';
import { until } from '@forma3d/testing';
import { z } from 'zod';
import type { OrderDetail } from './product-answers.setup';
import type { Product } from './product.setup';

/** How far production is when somebody changes their mind. */
export const STAGES = ['nothing', 'queued', 'printing', 'complete', 'fulfilled'] as const;
export type Stage = (typeof STAGES)[number];

/** Of an order of 2 × CUP and 1 × SAUCER, each unit one print. */
export const EDITS = {
  'cancelled in Shopify': 'the order is cancelled in Shopify',
  'cancelled by an operator': 'an operator cancels it here and in Shopify',
  'quantity lowered': '1 of the 2 CUP is taken off',
  'line removed': 'the SAUCER is taken off',
  'quantity raised': '1 more CUP is added',
  'line added': '1 LID is added',
} as const;
export type Edit = keyof typeof EDITS;
export const EDIT_NAMES = Object.keys(EDITS) as Edit[];

/** How an order ends, after everything that was left to do was done. */
export interface End {
  production: 'CANCELLED' | 'COMPLETED';
  /** Print jobs by status. */
  prints: { COMPLETED?: number; CANCELLED?: number };
  /** Prints that were on a printer when nobody wanted them any more: a person was told. */
  flagged: number;
  /** Units that Shopify has fulfilled. */
  shipped: number;
  /** What the one who changed their mind was answered; other than 200 it changes nothing. */
  answer: 200 | 409;
}

const end = (production: End['production'], prints: End['prints'], shipped: number, more: Partial<End> = {}): End => ({ production, prints, shipped, flagged: 0, answer: 200, ...more });
const unchanged = end('COMPLETED', { COMPLETED: 3 }, 3);
const grown = end('COMPLETED', { COMPLETED: 4 }, 4);

/** The expected end of every edit at every stage. On printers, what an operator cancelled is stopped there; what Shopify cancelled is let finish. */
export const MATRIX: Record<Stage, Record<Edit, End>> = {
  nothing: {
    'cancelled in Shopify': end('CANCELLED', {}, 0),
    'cancelled by an operator': end('CANCELLED', {}, 0),
    'quantity lowered': end('COMPLETED', { COMPLETED: 2 }, 2),
    'line removed': end('COMPLETED', { COMPLETED: 2 }, 2),
    'quantity raised': grown,
    'line added': grown,
  },
  queued: {
    'cancelled in Shopify': end('CANCELLED', { CANCELLED: 3 }, 0),
    'cancelled by an operator': end('CANCELLED', { CANCELLED: 3 }, 0),
    'quantity lowered': end('COMPLETED', { COMPLETED: 2, CANCELLED: 1 }, 2),
    'line removed': end('COMPLETED', { COMPLETED: 2, CANCELLED: 1 }, 2),
    'quantity raised': grown,
    'line added': grown,
  },
  printing: {
    'cancelled in Shopify': end('CANCELLED', { COMPLETED: 3 }, 0, { flagged: 3 }),
    'cancelled by an operator': end('CANCELLED', { CANCELLED: 3 }, 0, { flagged: 3 }),
    'quantity lowered': end('COMPLETED', { COMPLETED: 3 }, 2, { flagged: 1 }),
    'line removed': end('COMPLETED', { COMPLETED: 3 }, 2, { flagged: 1 }),
    'quantity raised': grown,
    'line added': grown,
  },
  complete: {
    'cancelled in Shopify': end('CANCELLED', { COMPLETED: 3 }, 0),
    'cancelled by an operator': end('CANCELLED', { COMPLETED: 3 }, 0),
    'quantity lowered': end('COMPLETED', { COMPLETED: 3 }, 2),
    'line removed': end('COMPLETED', { COMPLETED: 3 }, 2),
    'quantity raised': grown,
    'line added': grown,
  },
  fulfilled: {
    'cancelled in Shopify': { ...unchanged, answer: 409 },
    'cancelled by an operator': { ...unchanged, answer: 409 },
    'quantity lowered': unchanged,
    'line removed': unchanged,
    'quantity raised': grown,
    'line added': grown,
  },
};

export const isCancelled = ({ production }: End): boolean => production === 'CANCELLED';

/** The matrix as people read it; docs/cancellation.md holds exactly this. */
export function matrixInWords(): string {
  const cell = ({ production, prints, flagged, shipped, answer }: End): string => {
    if (answer === 409) return 'refused (409); nothing changes';
    const made = Object.entries(prints).map(([status, n]) => `${String(n)} ${status === 'COMPLETED' ? 'printed' : 'cancelled'}`);
    return [
      production === 'CANCELLED' ? '**cancelled**' : '**completed**',
      made.length > 0 ? made.join(', ') : 'nothing printed',
      ...(flagged > 0 ? [`${String(flagged)} flagged`] : []),
      `${String(shipped)} shipped`,
    ].join('; ');
  };
  const row = (...cells: string[]): string => `| ${cells.join(' | ')} |`;
  return [row('change', ...STAGES), row('---', ...STAGES.map(() => '---')), ...EDIT_NAMES.map((edit) => row(edit, ...STAGES.map((stage) => cell(MATRIX[stage][edit]))))].join('\n');
}

const counted = z.object({ what: z.string(), n: z.coerce.number() });

/** An order that goes through one cell of the matrix. */
export class MatrixOrder {
  answer: End['answer'] = 200;

  private constructor(
    private readonly product: Product,
    readonly stage: Stage,
    readonly edit: Edit,
    readonly id: string,
  ) {}

  static async place(product: Product, stage: Stage, edit: Edit): Promise<MatrixOrder> {
    const lines = [{ sku: 'CUP', quantity: 2 }, { sku: 'SAUCER', quantity: 1 }];
    return new MatrixOrder(product, stage, edit, await product.order(lines, stage === 'nothing' ? { paid: false } : {}));
  }

  when(test: (order: OrderDetail) => boolean): Promise<OrderDetail> {
    return this.product.oursWhen(this.id, test);
  }

  async statuses(): Promise<Record<string, number>> {
    const order = await this.product.ours(this.id);
    const rows = await this.product.db.sql.rows(counted)`SELECT status AS what, count(*) AS n FROM print_job WHERE order_id = ${order.id} GROUP BY 1`;
    return Object.fromEntries(rows.map(({ what, n }) => [what, n]));
  }

  async untilPrints(status: string): Promise<void> {
    await until(async () => (await this.statuses())[status] === 3, { timeoutMs: 15_000, everyMs: 20, what: `three prints ${status}` });
  }

  /** Somebody changes their mind. */
  async change(): Promise<void> {
    if (this.edit === 'cancelled by an operator') {
      const { status } = await this.product.api('POST', `/api/v1/cancellations/order/${(await this.product.ours(this.id)).id}`, { reason: 'customer', cancel_in_shopify: true });
      this.answer = z.literal([200, 409]).parse(status);
    } else {
      this.answer = await this.inShopify().then(() => 200 as const, (error: unknown) => (/: 409 /.test(String(error)) ? 409 : Promise.reject(error instanceof Error ? error : new Error(String(error)))));
    }
    if (this.answer === 200) await this.heard();
  }

  /** What is fulfilled cannot be edited away, but returned. */
  private inShopify(): Promise<unknown> {
    const merchant = (act: string, body: unknown): Promise<unknown> => this.product.control('POST', `/orders/${this.id}/${act}`, body);
    const fewer = (sku: string, quantity: number): Promise<unknown> =>
      this.stage === 'fulfilled' ? merchant('refund', { lines: [{ sku, quantity: 1 }] }) : merchant('edit', { lines: [{ sku, quantity }] });
    switch (this.edit) {
      case 'quantity lowered':
        return fewer('CUP', 1);
      case 'line removed':
        return fewer('SAUCER', 0);
      case 'quantity raised':
        return merchant('edit', { lines: [{ sku: 'CUP', quantity: 3 }] });
      case 'line added':
        return merchant('edit', { lines: [{ sku: 'LID', quantity: 1 }] });
      default:
        return merchant('cancel', {});
    }
  }

  private async heard(): Promise<void> {
    const units = { 'quantity lowered': 2, 'line removed': 2, 'quantity raised': 4, 'line added': 4 } as const;
    await this.when((order) =>
      this.edit === 'cancelled in Shopify' || this.edit === 'cancelled by an operator'
        ? order.status === 'cancelled'
        : order.lines.reduce((sum, line) => sum + z.number().parse(line['current_quantity']), 0) === units[this.edit],
    );
    const { flagged } = MATRIX[this.stage][this.edit];
    if (flagged > 0) await until(async () => (await this.end()).flagged === flagged, { timeoutMs: 10_000, what: 'the running prints to be flagged' });
  }

  /** What an operator has done about it so far, and what is left is done: paid, released, stopped. */
  async goOn(): Promise<void> {
    if (isCancelled(MATRIX[this.stage][this.edit])) {
      if (this.stage === 'printing' && this.edit === 'cancelled by an operator') await this.stopAll();
      return;
    }
    if (this.stage === 'nothing') await this.product.control('POST', `/orders/${this.id}/pay`);
    if (this.stage === 'complete') await this.product.control('POST', `/orders/${this.id}/release`);
  }

  private async stopAll(): Promise<void> {
    const order = await this.product.ours(this.id);
    const ids = await this.product.db.sql.rows(z.object({ id: z.string() }))`SELECT id FROM print_job WHERE order_id = ${order.id}`;
    for (const { id } of ids) await this.product.api('POST', `/api/v1/print-jobs/${id}/stop`);
    await this.untilPrints('CANCELLED');
  }

  async end(): Promise<End & { attention: number; cancelledTold: number }> {
    const order = await this.product.ours(this.id);
    const shop = await this.product.shopOrder(this.id);
    const told = (type: string) => order.timeline.filter((entry) => entry.type === type);
    return {
      production: order.production_status as End['production'],
      prints: await this.statuses(),
      flagged: told('cancellation.needs-review').reduce((sum, entry) => sum + z.array(z.string()).parse(entry.payload['print_job_ids']).length, 0),
      shipped: shop.fulfillments.flatMap((each) => each.lines).reduce((sum, line) => sum + line.quantity, 0),
      answer: this.answer,
      attention: order.attention.length,
      cancelledTold: told('order.cancelled').length,
    };
  }

  /** Waits for the expected end; answers what there is instead when it does not come. */
  async ended(): Promise<Awaited<ReturnType<MatrixOrder['end']>>> {
    let last = await this.end();
    await until(
      async () => {
        last = await this.end();
        return isDeepStrictEqual(last, this.expected());
      },
      { timeoutMs: 20_000, everyMs: 50 },
    ).catch(() => undefined);
    return last;
  }

  expected(): Awaited<ReturnType<MatrixOrder['end']>> {
    const expected = MATRIX[this.stage][this.edit];
    return { ...expected, attention: 0, cancelledTold: isCancelled(expected) ? 1 : 0 };
  }
}
