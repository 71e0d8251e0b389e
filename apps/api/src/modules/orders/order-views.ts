import type { OrderDetail, OrderQuery, OrderSummary } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { Attention, attentionView } from '../attention';
import { movesFrom } from './lifecycle';
import {
  detailOf,
  linesInView,
  listOrders,
  timelineOf,
  type DetailRow,
  type SummaryRow,
} from './order-views.repository';

/** Orders as people look at them. */
@Injectable()
export class OrderViews {
  constructor(
    private readonly db: Database,
    private readonly attention: Attention,
  ) {}

  /** One row more than `query.limit`, if there are that many; newest first, older than the order `before`. */
  async list(storeId: string, query: OrderQuery, before?: string): Promise<OrderSummary[]> {
    const rows = await listOrders(this.db, storeId, query, before);
    return rows.map(summaryView);
  }

  /** @throws DomainError `order-not-found`, also for an order of another store */
  async get(storeId: string, orderId: string): Promise<OrderDetail> {
    const row = await detailOf(this.db, storeId, orderId);
    if (!row) throw new DomainError('order-not-found', 'There is no such order.');
    const [lines, attention, timeline] = await Promise.all([
      linesInView(this.db, orderId),
      this.attention.ofOrder(storeId, orderId),
      timelineOf(this.db, storeId, orderId),
    ]);
    return { ...detailView(row), lines, attention: attention.map(attentionView), timeline };
  }
}

/** The counters of a row become `production`; everything else of it stays. */
function summaryView<Row extends SummaryRow>(row: Row) {
  const { units_wanted, prints_wanted, prints_sent, prints_completed, prints_failed, lines_unmapped, ...facts } = row;
  return {
    ...facts,
    allowed_transitions: movesFrom({ fulfilmentType: row.fulfilment_type, status: row.status, fulfilledAt: row.fulfilled_at }),
    production: {
      units_wanted,
      prints_wanted,
      prints_sent,
      prints_completed,
      prints_failed,
      lines_unmapped,
      percentage: percentage(row),
    },
  };
}

/** An order that wants no prints is as complete as its status says. */
function percentage(row: SummaryRow): number {
  if (row.prints_wanted === 0) return row.production_status === 'COMPLETED' ? 100 : 0;
  return Math.min(100, Math.floor((100 * row.prints_completed) / row.prints_wanted));
}

function detailView(row: DetailRow): Omit<OrderDetail, 'lines' | 'attention' | 'timeline'> {
  const { fulfillment_failed, shopify_fulfillment_id, tracking_number, tracking_url, tracking_company, ...facts } = row;
  return {
    ...summaryView(facts),
    fulfillment: { failed: fulfillment_failed, shopify_fulfillment_id, tracking_number, tracking_url, tracking_company },
  };
}
