import type { FulfillmentView } from '@forma3d/contracts';
import type { FulfillmentRow } from './fulfillment-row';

const iso = (date: Date | null): string | null => date?.toISOString() ?? null;

/** A fulfillment as the API shows it. */
export function viewOf(row: FulfillmentRow): FulfillmentView {
  return {
    id: row.id,
    order_id: row.orderId,
    provider: row.provider,
    phase: row.phase,
    shopify_fulfillment_id: row.shopifyId,
    location_id: row.locationId,
    adopted: row.adopted,
    forced: row.forced,
    notify_customer: row.notifyCustomer,
    lines: row.lines.map((line) => ({ shopify_line_item_id: line.lineItemId, quantity: line.quantity })),
    tracking:
      row.trackingNumber === null
        ? null
        : { number: row.trackingNumber, url: row.trackingUrl, company: row.trackingCompany },
    error: row.error,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
    succeeded_at: iso(row.succeededAt),
    failed_at: iso(row.failedAt),
  };
}
