import { restLine } from './rest-line';
import { restTime } from './rest-money';
import type { FulfillmentRecord, OrderRecord } from './shop-types';
import { gid, restId } from './shopify-json';

/** The body of `fulfillments/create` and `fulfillments/update`, also inside orders. */
export function restFulfillment(order: OrderRecord, fulfillment: FulfillmentRecord): Record<string, unknown> {
  const index = order.fulfillments.indexOf(fulfillment) + 1;
  const { company, numbers, urls } = fulfillment.tracking;
  return {
    id: restId(fulfillment.id),
    admin_graphql_api_id: gid('Fulfillment', fulfillment.id),
    created_at: restTime(fulfillment.createdAt),
    location_id: restId(fulfillment.locationId),
    name: `#${order.number}.${index}`,
    order_id: restId(order.id),
    origin_address: {},
    receipt: {},
    service: fulfillment.service,
    shipment_status: null,
    status: fulfillment.status.toLowerCase(),
    tracking_company: company,
    tracking_number: numbers[0] ?? null,
    tracking_numbers: numbers,
    tracking_url: urls[0] ?? null,
    tracking_urls: urls,
    updated_at: restTime(fulfillment.updatedAt),
    line_items: fulfillment.lines.flatMap((entry) => {
      const line = order.lines.find((candidate) => candidate.id === entry.lineItemId);
      return line ? [restLine(order, line, entry.quantity)] : [];
    }),
  };
}
