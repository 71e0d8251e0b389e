import { createHash } from 'node:crypto';

import { restFulfillment } from './rest-fulfillment';
import { restLine } from './rest-line';
import { restMoney, restMoneySet, restTime } from './rest-money';
import { restRefund } from './rest-refund';
import { displayFulfillmentStatus, financialStatus, lineTax, sum, sumsOf } from './shop-money';
import type { AddressRecord, CustomerRecord, OrderRecord } from './shop-types';
import { gid, restId } from './shopify-json';

/** The order resource of REST version 2026-10, which is what order webhooks carry. */
export function restOrder(order: OrderRecord, shopDomain: string): Record<string, unknown> {
  const { currency } = order;
  const sums = sumsOf(order);
  const token = createHash('md5').update(`order ${order.id}`).digest('hex');
  const zero = restMoneySet(0, currency);
  const price = (name: string, cents: number) => ({
    [name]: restMoney(cents, currency),
    [`${name}_set`]: restMoneySet(cents, currency),
  });
  const taxed = order.lines.filter((line) => line.taxRate > 0);
  return {
    id: restId(order.id),
    admin_graphql_api_id: gid('Order', order.id),
    app_id: 580111,
    browser_ip: null,
    buyer_accepts_marketing: false,
    cancel_reason: order.cancelReason,
    cancelled_at: restTime(order.cancelledAt),
    cart_token: null,
    checkout_id: null,
    checkout_token: null,
    client_details: null,
    closed_at: null,
    confirmation_number: token.slice(0, 9).toUpperCase(),
    confirmed: true,
    contact_email: order.email,
    created_at: restTime(order.createdAt),
    currency,
    ...price('current_subtotal_price', sums.currentSubtotal),
    current_total_additional_fees_set: null,
    ...price('current_total_discounts', sums.currentDiscounts),
    current_total_duties_set: null,
    ...price('current_total_price', sums.currentTotal),
    ...price('current_total_tax', sums.currentTax),
    customer_locale: 'en',
    device_id: null,
    discount_codes: sums.discounts > 0 ? [{ code: 'SANDBOX', amount: restMoney(sums.discounts, currency), type: 'fixed_amount' }] : [],
    duties_included: false,
    email: order.email ?? '',
    estimated_taxes: false,
    financial_status: financialStatus(order).toLowerCase(),
    fulfillment_status: restFulfillmentStatus(order),
    landing_site: null,
    landing_site_ref: null,
    location_id: null,
    merchant_business_entity_id: 'MTI3MTAwMDAwMQ',
    merchant_of_record_app_id: null,
    name: orderName(order),
    note: order.note,
    note_attributes: [],
    number: order.number - 1000,
    order_number: order.number,
    order_status_url: `https://${shopDomain}/71000000/orders/${token}/authenticate?key=sandbox&locale=en`,
    original_total_additional_fees_set: null,
    original_total_duties_set: null,
    payment_gateway_names: order.transactions.length > 0 ? ['bogus'] : [],
    phone: order.phone,
    po_number: null,
    presentment_currency: currency,
    processed_at: restTime(order.processedAt),
    reference: null,
    referring_site: null,
    source_identifier: null,
    source_name: order.sourceName,
    source_url: null,
    ...price('subtotal_price', sums.subtotal),
    tags: order.tags.join(', '),
    tax_exempt: false,
    tax_lines: taxed.length > 0 ? [restTax(order, sum(taxed, (line) => lineTax(line, line.quantity, order.taxesIncluded)), taxed[0]?.taxRate ?? 0)] : [],
    taxes_included: order.taxesIncluded,
    test: order.test,
    token,
    total_cash_rounding_payment_adjustment_set: zero,
    total_cash_rounding_refund_adjustment_set: zero,
    ...price('total_discounts', sums.discounts),
    ...price('total_line_items_price', sum(order.lines.filter((line) => !line.tip), (line) => line.unitPriceCents * line.quantity)),
    total_outstanding: restMoney(Math.max(0, sums.currentTotal - sums.received), currency),
    ...price('total_price', sums.total),
    total_shipping_price_set: restMoneySet(sums.shipping, currency),
    ...price('total_tax', sums.tax),
    total_tip_received: restMoney(sums.tips, currency),
    total_weight: 0,
    updated_at: restTime(order.updatedAt),
    user_id: null,
    billing_address: order.shippingAddress ? restAddress(order.shippingAddress) : null,
    customer: order.customer ? restCustomer(order.customer, order) : null,
    discount_applications:
      sums.discounts > 0
        ? [
            {
              target_type: 'line_item',
              type: 'discount_code',
              value: restMoney(sums.discounts, currency),
              value_type: 'fixed_amount',
              allocation_method: 'across',
              target_selection: 'all',
              code: 'SANDBOX',
            },
          ]
        : [],
    fulfillments: order.fulfillments.map((fulfillment) => restFulfillment(order, fulfillment)),
    line_items: order.lines.map((line) => restLine(order, line)),
    payment_terms: null,
    refunds: order.refunds.map((refund) => restRefund(order, refund)),
    shipping_address: order.shippingAddress ? restAddress(order.shippingAddress) : null,
    shipping_lines: order.shippingLine ? [restShippingLine(order, order.shippingLine)] : [],
  };
}

export function orderName(order: OrderRecord): string {
  return `#${order.number}`;
}

function restFulfillmentStatus(order: OrderRecord): 'fulfilled' | 'partial' | null {
  const status = displayFulfillmentStatus(order);
  return status === 'FULFILLED' ? 'fulfilled' : status === 'PARTIALLY_FULFILLED' ? 'partial' : null;
}

function restTax(order: OrderRecord, cents: number, rate: number): Record<string, unknown> {
  return {
    price: restMoney(cents, order.currency),
    rate,
    title: 'VAT',
    price_set: restMoneySet(cents, order.currency),
    channel_liable: false,
  };
}

function restShippingLine(order: OrderRecord, line: NonNullable<OrderRecord['shippingLine']>): Record<string, unknown> {
  return {
    id: restId(line.id),
    carrier_identifier: null,
    code: line.code,
    current_discounted_price_set: restMoneySet(line.priceCents, order.currency),
    delivery_category: line.deliveryCategory,
    discounted_price: restMoney(line.priceCents, order.currency),
    discounted_price_set: restMoneySet(line.priceCents, order.currency),
    is_removed: false,
    phone: null,
    price: restMoney(line.priceCents, order.currency),
    price_set: restMoneySet(line.priceCents, order.currency),
    requested_fulfillment_service_id: null,
    source: 'shopify',
    title: line.title,
    tax_lines: [],
    discount_allocations: [],
  };
}

function restAddress(address: AddressRecord): Record<string, unknown> {
  return {
    ...address,
    province: null,
    province_code: null,
    address2: null,
    company: null,
    latitude: null,
    longitude: null,
    name: `${address.first_name} ${address.last_name}`.trim(),
  };
}

function restCustomer(customer: CustomerRecord, order: OrderRecord): Record<string, unknown> {
  return {
    id: restId(customer.id),
    email: customer.email,
    created_at: restTime(customer.createdAt),
    updated_at: restTime(order.updatedAt),
    first_name: customer.firstName,
    last_name: customer.lastName,
    state: 'disabled',
    note: null,
    verified_email: true,
    multipass_identifier: null,
    tax_exempt: false,
    phone: customer.phone,
    email_marketing_consent: null,
    sms_marketing_consent: null,
    tags: '',
    currency: order.currency,
    tax_exemptions: [],
    admin_graphql_api_id: gid('Customer', customer.id),
    default_address: order.shippingAddress ? restAddress(order.shippingAddress) : null,
  };
}

