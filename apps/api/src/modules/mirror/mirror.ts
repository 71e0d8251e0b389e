import type { Tx } from '@forma3d/database';
import { newId, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { ShopifyOrder } from '@forma3d/shopify';
import { Inject, Injectable } from '@nestjs/common';
import { mirrorRows } from './mirror-rows';
import { compareHeaders, insertProducts, writeHeaders, writeLines, writeRefunds } from './mirror.repository';

/**
 * What became of one report of an order:
 * - `written`: new, or newer than what stood.
 * - `unchanged`: says what stands already.
 * - `older`: came late; nothing was touched.
 * - `unclear`: of the same second as what stands, and different. Shopify's clock has no finer, so only asking it tells.
 */
export type MirrorOutcome = 'written' | 'unchanged' | 'older' | 'unclear';

/** What the shop says now of its orders: the only source of all analytics. */
@Injectable()
export class Mirror {
  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Writes reports of orders, one or thousands, in the caller's transaction: only newer ones overwrite, unchanged rows
   * are not rewritten, lines and refunds that are no longer reported stay. An order that came by GraphQL (it knows its
   * fulfillment orders) was read from Shopify itself and beats a webhook of the same second.
   *
   * @returns what became of each, by Shopify's order id
   */
  async upsert(tx: Tx, storeId: string, orders: readonly ShopifyOrder[]): Promise<Map<string, MirrorOutcome>> {
    const asked = await this.write(tx, storeId, orders.filter((order) => order.fulfillmentOrders !== null), true);
    const told = await this.write(tx, storeId, orders.filter((order) => order.fulfillmentOrders === null), false);
    return new Map([...told, ...asked]);
  }

  private async write(
    tx: Tx,
    storeId: string,
    orders: readonly ShopifyOrder[],
    authoritative: boolean,
  ): Promise<Map<string, MirrorOutcome>> {
    const outcomes = new Map<string, MirrorOutcome>();
    if (orders.length === 0) return outcomes;
    const rows = mirrorRows(orders);
    const now = this.clock.now();
    const written = await writeHeaders(tx, storeId, rows.headers.map(withId), authoritative, now);
    // Whose lines are to be compared: those written, and of an authoritative report also those that look unchanged.
    const headerIds = new Map(written.map((header) => [header.shopify_id, header.id]));
    for (const header of written) outcomes.set(header.shopify_id, 'written');
    const others = rows.headers.filter((header) => !outcomes.has(header.shopify_id));
    if (others.length > 0) {
      for (const header of await compareHeaders(tx, storeId, others)) {
        outcomes.set(header.shopify_id, header.outcome);
        if (authoritative && header.outcome !== 'older') headerIds.set(header.shopify_id, header.id);
      }
    }
    const ofHeader = <T extends { order_id: string }>(row: T): (T & { id: string; order_header_id: string })[] => {
      const headerId = headerIds.get(row.order_id);
      return headerId === undefined ? [] : [{ ...row, id: newId(), order_header_id: headerId }];
    };
    const lines = rows.lines.flatMap(ofHeader);
    const refunds = rows.refunds.flatMap(ofHeader);
    if (lines.length > 0) await writeLines(tx, storeId, lines);
    if (refunds.length > 0) await writeRefunds(tx, storeId, refunds);
    if (lines.length > 0 && rows.products.length > 0) await insertProducts(tx, storeId, rows.products.map(withId), now);
    return outcomes;
  }
}

function withId<T>(row: T): T & { id: string } {
  return { ...row, id: newId() };
}
