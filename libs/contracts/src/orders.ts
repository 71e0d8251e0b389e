import { z } from 'zod';
import { attentionItem } from './attention';
import { calendarDay } from './dates';
import { SEVERITIES } from './events';
import { pageOf, pageQuery } from './pagination';
import { FULFILMENT_TYPES, ORDER_STATUSES, PRODUCTION_STATUSES } from './states';

const time = z.iso.datetime();
const cents = z.number().int().meta({ description: "In the currency's minor unit." });

/** Which orders to list. Days are calendar days of the store, both ends included. */
export const orderQuery = pageQuery.extend({
  status: z.enum(ORDER_STATUSES).optional(),
  production_status: z.enum(PRODUCTION_STATUSES).optional(),
  fulfilment_type: z.enum(FULFILMENT_TYPES).optional(),
  attention: z.enum(['true', 'false']).optional().meta({ description: 'Only orders that need a person, or only others.' }),
  q: z.string().trim().min(1).max(100).optional().meta({ description: "Part of the order's name, the customer's name or a SKU." }),
  from: calendarDay.optional().meta({ description: 'Placed on this day or later.' }),
  to: calendarDay.optional().meta({ description: 'Placed on this day or earlier.' }),
});
export type OrderQuery = z.output<typeof orderQuery>;

export const orderProduction = z.object({
  units_wanted: z.number().int().meta({ description: 'Sold units that are ours to make.' }),
  prints_wanted: z.number().int(),
  prints_sent: z.number().int(),
  prints_completed: z.number().int(),
  prints_failed: z.number().int(),
  lines_unmapped: z.number().int(),
  percentage: z.number().int().min(0).max(100).meta({ description: 'Completed of wanted prints.' }),
});

const summary = {
  id: z.uuid(),
  public_id: z.string().meta({ example: 'F3-7K2M9QXW4T8H' }),
  name: z.string().meta({ example: '#1001' }),
  source: z.enum(['shopify', 'direct']),
  status: z.enum(ORDER_STATUSES),
  allowed_transitions: z.array(z.enum(ORDER_STATUSES)).meta({ description: 'Where the status may move from here.' }),
  production_status: z.enum(PRODUCTION_STATUSES),
  fulfilment_type: z.enum(FULFILMENT_TYPES),
  shipping_status: z.string().nullable(),
  financial_status: z.string().nullable().meta({ example: 'PAID' }),
  test: z.boolean(),
  currency: z.string().meta({ example: 'EUR' }),
  total_cents: cents,
  customer_name: z.string().nullable(),
  needs_attention: z.boolean(),
  production: orderProduction,
  placed_at: time,
  paid_at: time.nullable(),
  cancelled_at: time.nullable(),
  fulfilled_at: time.nullable(),
  created_at: time,
  updated_at: time,
};

export const orderSummary = z.object(summary).meta({ id: 'OrderSummary' });
export type OrderSummary = z.output<typeof orderSummary>;
export const orderPage = pageOf(orderSummary).meta({ id: 'OrderPage' });

export const orderLine = z
  .object({
    id: z.uuid(),
    shopify_id: z.string().nullable(),
    title: z.string(),
    variant_title: z.string().nullable(),
    sku: z.string().nullable(),
    variant_id: z.string().nullable(),
    product_id: z.string().nullable(),
    vendor: z.string().nullable(),
    quantity: z.number().int().meta({ description: 'As ordered.' }),
    current_quantity: z.number().int().meta({ description: 'After edits and refunds.' }),
    unit_price_cents: cents,
    discount_cents: cents,
    tax_cents: cents,
    wanted: z.number().int().nullable().meta({ description: 'Units for us to make; null until planned.' }),
    held: z.number().int().meta({ description: 'Of these: on hold or scheduled.' }),
    exclusion: z.string().nullable().meta({ description: 'Why none of it is ours to make.', example: 'gift_card' }),
    unmapped_reason: z.string().nullable().meta({ description: 'Why no product mapping fits.' }),
  })
  .meta({ id: 'OrderLine' });

export const timelineEntry = z
  .object({
    id: z.uuid(),
    occurred_at: time,
    type: z.string().meta({ example: 'order.paid' }),
    severity: z.enum(SEVERITIES),
    actor: z.string().meta({ example: 'system' }),
    payload: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'TimelineEntry' });
export type TimelineEntry = z.output<typeof timelineEntry>;

const customer = z.object({
  id: z.string().nullable(),
  name: z.string().nullable(),
  email: z.string().nullable(),
  phone: z.string().nullable(),
});

const address = z.object({
  name: z.string().nullable(),
  company: z.string().nullable(),
  address1: z.string().nullable(),
  address2: z.string().nullable(),
  zip: z.string().nullable(),
  city: z.string().nullable(),
  province_code: z.string().nullable(),
  country_code: z.string().nullable(),
  phone: z.string().nullable(),
});

/** One order: what was bought, frozen when it was placed, and where the work on it stands. */
export const orderDetail = z
  .object({
    ...summary,
    shopify_id: z.string().nullable(),
    source_name: z.string().nullable(),
    subtotal_cents: cents,
    tax_cents: cents,
    discount_cents: cents,
    shipping_cents: cents,
    shipping_method: z.string().nullable(),
    customer: customer.nullable(),
    shipping_address: address.nullable(),
    note: z.string().nullable(),
    cancel_reason: z.string().nullable(),
    accepted_at: time.nullable(),
    ready_at: time.nullable(),
    completed_at: time.nullable(),
    planned_at: time.nullable(),
    fulfillment: z.object({
      failed: z.boolean().meta({ description: 'The latest fulfillment failed for good.' }),
      shopify_fulfillment_id: z.string().nullable(),
      tracking_number: z.string().nullable(),
      tracking_url: z.string().nullable(),
      tracking_company: z.string().nullable(),
    }),
    lines: z.array(orderLine),
    attention: z.array(attentionItem).meta({ description: 'What of it needs a person.' }),
    timeline: z.array(timelineEntry).meta({ description: 'What happened, oldest first.' }),
  })
  .meta({ id: 'Order' });
export type OrderDetail = z.output<typeof orderDetail>;
