import type { SandboxFarmView, SandboxOrderView } from '@forma3d/contracts';

import type { Farm } from './farm';
import { orderName } from './rest-order';
import type { Shop } from './shop';
import { displayFulfillmentStatus, financialStatus, sumsOf } from './shop-money';
import { refundTotal } from './shop-refunds';
import type { OrderRecord } from './shop-types';

/** What Shopify now holds of an order, for people and tests. */
export function orderView(shop: Shop, order: OrderRecord): SandboxOrderView {
  const skuOf = (lineId: string) => order.lines.find((line) => line.id === lineId)?.sku ?? null;
  return {
    id: order.id,
    name: orderName(order),
    created_at: order.createdAt,
    updated_at: order.updatedAt,
    display_financial_status: financialStatus(order),
    display_fulfillment_status: displayFulfillmentStatus(order),
    cancelled_at: order.cancelledAt,
    total_cents: sumsOf(order).total,
    currency: order.currency,
    lines: order.lines.map((line) => ({
      id: line.id,
      sku: line.sku,
      title: line.title,
      quantity: line.quantity,
      current_quantity: line.currentQuantity,
      fulfillment_service: line.service,
    })),
    fulfillment_orders: order.fulfillmentOrders.map((entry) => {
      const location = shop.location(entry.locationId);
      return {
        id: entry.id,
        status: entry.status,
        location: location.name,
        service: location.service,
        delivery_method: entry.delivery,
        prepared_for_pickup: entry.preparedForPickup,
        fulfill_at: entry.fulfillAt,
        lines: entry.lines.map((line) => ({
          id: line.id,
          line_item_id: line.lineItemId,
          sku: skuOf(line.lineItemId),
          total_quantity: line.totalQuantity,
          remaining_quantity: line.remainingQuantity,
        })),
      };
    }),
    fulfillments: order.fulfillments.map((fulfillment) => {
      const { company, numbers, urls } = fulfillment.tracking;
      const tracked = numbers.length > 0 || urls.length > 0;
      return {
        id: fulfillment.id,
        status: fulfillment.status,
        service: fulfillment.service,
        notified: fulfillment.notified,
        tracking: tracked ? { number: numbers[0] ?? null, url: urls[0] ?? null, company } : null,
        lines: fulfillment.lines.map((line) => ({ line_item_id: line.lineItemId, sku: skuOf(line.lineItemId), quantity: line.quantity })),
      };
    }),
    refunds: order.refunds.map((refund) => ({
      id: refund.id,
      total_cents: refundTotal(refund, order),
      paid_back_cents: refund.paidBackCents,
      lines: refund.lines.map((line) => ({
        line_item_id: line.lineItemId,
        sku: skuOf(line.lineItemId),
        quantity: line.quantity,
        restock_type: line.restockType,
      })),
    })),
  };
}

/** Custom field values as plain text. */
function plain(values: Record<string, unknown>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).map(([id, value]) => {
      const inner: unknown = typeof value === 'object' && value !== null ? Object.values(value)[0] : value;
      return [id, String(inner)];
    }),
  );
}

export function farmView(farm: Farm): SandboxFarmView {
  return {
    speed: farm.data.speed,
    queue: farm.data.queue.map((item) => ({
      id: item.id,
      filename: item.filename,
      filesystem_id: item.fileId,
      left: item.left,
      printed: item.printed,
      note: item.note,
      group: item.group,
      custom_fields: plain(item.customFields),
    })),
    printers: farm.data.printers.map((printer) => ({
      id: printer.id,
      name: printer.name,
      state: printer.state,
      job_id: printer.jobId,
    })),
    jobs: farm.data.jobs.map((job) => ({
      id: job.id,
      uid: job.uid,
      status: job.status,
      state: job.state,
      queue_item_id: job.queueItemId,
      filename: job.filename,
      filesystem_id: job.fileId,
      printer_id: job.printerId,
      percentage: farm.percentage(job),
      started_at: job.startedAt === null ? null : new Date(job.startedAt).toISOString(),
      ended_at: job.endedAt === null ? null : new Date(job.endedAt).toISOString(),
      custom_fields: plain(job.customFields),
    })),
    calls: farm.data.calls,
  };
}
