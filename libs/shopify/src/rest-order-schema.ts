import { minorUnitDigits } from '@forma3d/kernel';
import { z } from 'zod';

import { amountText, ID, isDate, quantity as anyQuantity, sku } from './bounded-values';
import { legacyId } from './gid';

/**
 * Shopify's REST order, refund and fulfillment as webhooks carry them (API version 2026-07 and later): only what we
 * read, strict where we depend on it, lenient where real bodies leave things out.
 */

/** An id as number or, beyond 2^53, as the text that `parseBigJson` makes of it. */
const restId = z.union([z.number().int().positive(), z.string().regex(ID)]).transform(String);
const optionalId = restId.nullish().transform((id) => id ?? null);

const withGid = z.looseObject({ admin_graphql_api_id: z.string() });

/** The id out of the global id, where there is one: text, so nobody on the way can have rounded it. */
function idFromGid(body: unknown): unknown {
  const parsed = withGid.safeParse(body);
  const id = parsed.success ? legacyId(parsed.data.admin_graphql_api_id) : null;
  return parsed.success && id !== null ? { ...parsed.data, id } : body;
}

/** A resource with an id of its own. */
function identified<Shape extends z.ZodRawShape>(shape: Shape) {
  return z.preprocess(idFromGid, z.looseObject({ ...shape, id: restId }));
}

/** Shopify takes 500. */
const MOST_LINES = 5_000;

const text = z.string().nullish();
/** "20.00" in most places, 20 or 195.66 in refund lines. */
const amount = z.union([amountText, z.number().transform(String).pipe(amountText)]);
const moneySet = z.looseObject({ shop_money: z.looseObject({ amount }) }).nullish();
const quantity = anyQuantity.nonnegative();
const currencyCode = z.string().refine((code) => {
  try {
    return /^[A-Z]{3}$/i.test(code) && minorUnitDigits(code) <= 3;
  } catch {
    // Intl's RangeError: no currency code.
    return false;
  }
}, 'not a currency');
const date = z.string().transform((value, context) => {
  const parsed = new Date(value);
  if (isDate(parsed)) return parsed;
  context.addIssue({ code: 'custom', message: 'not a date' });
  return z.NEVER;
});

const address = z
  .looseObject({
    name: text,
    company: text,
    address1: text,
    address2: text,
    zip: text,
    city: text,
    province_code: text,
    country_code: text,
    phone: text,
  })
  .nullish();

const taxLine = z.looseObject({ price: amount.nullish(), price_set: moneySet });

const lineItem = identified({
  title: z.string(),
  variant_title: text,
  sku,
  variant_id: optionalId,
  product_id: optionalId,
  vendor: text,
  quantity,
  current_quantity: quantity.nullish(),
  fulfillable_quantity: quantity.nullish(),
  price: amount,
  price_set: moneySet,
  requires_shipping: z.boolean().nullish(),
  gift_card: z.boolean().nullish(),
  tip_payment_gateway: text,
  tip_payment_method: text,
  fulfillment_service: text,
  discount_allocations: z.array(z.looseObject({ amount, amount_set: moneySet })).nullish(),
  tax_lines: z.array(taxLine).nullish(),
});

const refundShape = {
  created_at: date,
  refund_line_items: z
    .array(
      z.looseObject({
        id: optionalId,
        line_item_id: restId,
        quantity,
        restock_type: text,
        subtotal: amount.nullish(),
        subtotal_set: moneySet,
        total_tax: amount.nullish(),
        total_tax_set: moneySet,
      }),
    )
    .nullish(),
  order_adjustments: z.array(z.looseObject({ kind: text, amount, amount_set: moneySet })).nullish(),
  transactions: z
    .array(z.looseObject({ kind: text, status: text, amount: amount.nullish(), currency: text, amount_set: moneySet }))
    .nullish(),
};
/** The body of `refunds/create`. */
export const restRefund = identified({ ...refundShape, order_id: restId });

const fulfillmentShape = {
  status: text,
  created_at: date,
  updated_at: date.nullish(),
  tracking_number: text,
  tracking_url: text,
  tracking_company: text,
  line_items: z.array(identified({ quantity })).nullish(),
};
/** The body of `fulfillments/create` and `fulfillments/update`. */
export const restFulfillment = identified({ ...fulfillmentShape, order_id: restId });

export const restOrder = identified({
  name: z.string(),
  order_number: z.number().int().nullish(),
  created_at: date,
  processed_at: date.nullish(),
  updated_at: date,
  cancelled_at: date.nullish(),
  cancel_reason: text,
  test: z.boolean().nullish(),
  source_name: text,
  currency: currencyCode,
  taxes_included: z.boolean().nullish(),
  financial_status: text,
  fulfillment_status: text,
  total_price: amount,
  total_price_set: moneySet,
  subtotal_price: amount.nullish(),
  subtotal_price_set: moneySet,
  total_tax: amount.nullish(),
  total_tax_set: moneySet,
  total_discounts: amount.nullish(),
  total_discounts_set: moneySet,
  total_shipping_price_set: moneySet,
  total_tip_received: amount.nullish(),
  current_subtotal_price: amount.nullish(),
  current_subtotal_price_set: moneySet,
  current_total_price: amount.nullish(),
  current_total_price_set: moneySet,
  shipping_lines: z
    .array(
      z.looseObject({
        title: text,
        code: text,
        source: text,
        delivery_category: text,
        is_removed: z.boolean().nullish(),
        price: amount.nullish(),
        price_set: moneySet,
      }),
    )
    .nullish(),
  customer: identified({ email: text, first_name: text, last_name: text, phone: text }).nullish(),
  email: text,
  phone: text,
  shipping_address: address,
  note: text,
  tags: text,
  line_items: z.array(lineItem).max(MOST_LINES),
  refunds: z.array(identified(refundShape)).nullish(),
  fulfillments: z.array(identified(fulfillmentShape)).nullish(),
});

export type RestOrder = z.output<typeof restOrder>;
export type RestLineItem = RestOrder['line_items'][number];
export type RestRefund = NonNullable<RestOrder['refunds']>[number];
export type RestFulfillment = NonNullable<RestOrder['fulfillments']>[number];
export type RestAddress = NonNullable<z.output<typeof address>>;
/** `{ shop_money: { amount } }`, or nothing. */
export type RestMoneySet = z.output<typeof moneySet>;
