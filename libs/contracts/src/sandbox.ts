import { z } from 'zod';

/** Bodies and answers of the sandbox's own calls (`/control/…`), for tests and for people. Not part of the product's API. */

const cents = z.number().int().min(0);
const quantity = z.number().int().min(1).max(10_000);

/** One bought line. An unknown SKU becomes a product on the fly. Everything but `sku` and `quantity` may be left out. */
export const sandboxLineSchema = z.strictObject({
  /** Null: a line without SKU. */
  sku: z.string().min(1).max(255).nullable(),
  quantity,
  price_cents: cents.optional(),
  vendor: z.string().max(255).nullable().optional(),
  title: z.string().min(1).max(255).optional(),
  discount_cents: cents.optional(),
  /** 0.21 for 21 %. */
  tax_rate: z.number().min(0).max(1).optional(),
  gift_card: z.boolean().optional(),
  tip: z.boolean().optional(),
  /** Handle of a fulfillment service: `manual` is the shop itself, `pack-and-post` the third party. */
  fulfillment_service: z.string().min(1).optional(),
  /** Name or id of the location that the line is routed to. */
  location: z.string().min(1).optional(),
  variant_id: z.null().optional(),
  /** A line typed in by hand: neither product nor variant. */
  custom: z.boolean().optional(),
  requires_shipping: z.boolean().optional(),
  delivery: z.enum(['SHIPPING', 'PICK_UP', 'RETAIL', 'LOCAL']).optional(),
});
export type SandboxLine = z.infer<typeof sandboxLineSchema>;

export const sandboxOrderSchema = z.strictObject({
  lines: z.array(sandboxLineSchema).min(1).max(250),
  fulfilment_type: z.enum(['shipping', 'pickup', 'retail', 'local']).default('shipping'),
  paid: z.boolean().default(true),
  customer: z
    .strictObject({
      first_name: z.string().nullable().optional(),
      last_name: z.string().nullable().optional(),
      email: z.string().nullable().optional(),
      phone: z.string().nullable().optional(),
    })
    .nullable()
    .optional(),
  shipping_address: z.null().optional(),
  placed_at: z.iso.datetime({ offset: true }).optional(),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .optional(),
  shipping_cents: cents.optional(),
  taxes_included: z.boolean().optional(),
  test: z.boolean().optional(),
  source_name: z.string().min(1).optional(),
  note: z.string().nullable().optional(),
  tags: z.array(z.string()).optional(),
  /** The fulfillment orders are on hold as soon as they exist. */
  hold: z.boolean().optional(),
  /** The fulfillment orders are scheduled for then. */
  fulfill_at: z.iso.datetime({ offset: true }).optional(),
  /** A numeric id of the caller's choice, e.g. one above 2^53. */
  id: z
    .string()
    .regex(/^[1-9]\d{0,18}$/)
    .optional(),
});
export type SandboxOrder = z.infer<typeof sandboxOrderSchema>;

/** A line of an order by its SKU or by its line item id. */
const lineReference = { sku: z.string().min(1).optional(), line_item_id: z.string().regex(/^\d+$/).optional() };

/** Gives units, shipping or a plain amount back. Without `restock_type` unfulfilled units are cancelled, others returned. */
export const sandboxRefundSchema = z.strictObject({
  lines: z
    .array(z.strictObject({ ...lineReference, quantity, restock_type: z.enum(['cancel', 'return', 'no_restock']).optional() }))
    .default([]),
  shipping_cents: cents.optional(),
  /** Tied to no line. */
  amount_cents: cents.optional(),
  note: z.string().nullable().optional(),
});
export type SandboxRefund = z.infer<typeof sandboxRefundSchema>;

/** The quantity that each named line shall have now; a SKU that the order does not have is added. */
export const sandboxEditSchema = z.strictObject({
  lines: z
    .array(
      z.strictObject({
        ...lineReference,
        quantity: z.number().int().min(0).max(10_000),
        price_cents: cents.optional(),
        vendor: z.string().nullable().optional(),
      }),
    )
    .min(1),
  /** Whether the customer pays for what was added at once. */
  paid: z.boolean().default(true),
});
export type SandboxEdit = z.infer<typeof sandboxEditSchema>;

export const sandboxCancelSchema = z.strictObject({
  reason: z.enum(['customer', 'declined', 'fraud', 'inventory', 'other', 'staff']).default('customer'),
  refund: z.boolean().default(true),
  restock: z.boolean().default(true),
});
export type SandboxCancel = z.infer<typeof sandboxCancelSchema>;

/** The lines to hold; none means every open fulfillment order, whole. */
export const sandboxHoldSchema = z.strictObject({
  reason: z.string().default('OTHER'),
  lines: z.array(z.strictObject({ ...lineReference, quantity })).optional(),
});
export type SandboxHold = z.infer<typeof sandboxHoldSchema>;

/** A fulfillment made by the merchant; none of `lines` means everything open at each location. */
export const sandboxFulfillSchema = z.strictObject({
  lines: z.array(z.strictObject({ ...lineReference, quantity })).optional(),
  notify: z.boolean().default(true),
  tracking: z
    .strictObject({ number: z.string().min(1), url: z.string().optional(), company: z.string().optional() })
    .optional(),
});
export type SandboxFulfill = z.infer<typeof sandboxFulfillSchema>;

export const sandboxCatalogueSchema = z.strictObject({
  orders: z.number().int().min(0).max(200_000).default(500),
  days: z.number().int().min(1).max(1000).default(91),
  vendors: z.number().int().min(1).max(500).default(4),
  seed: z.number().int().default(1),
});
export type SandboxCatalogue = z.infer<typeof sandboxCatalogueSchema>;

export const SANDBOX_FAULT_TARGETS = ['shopify', 'simplyprint', 'smtp', 'webhooks'] as const;
export const SANDBOX_FAULT_KINDS = [
  'outage',
  'throttle',
  'slow',
  'lost-answer',
  'late-answer',
  'error',
  'duplicate',
  'late',
  'drop',
  'reorder',
  'fail-prints',
] as const;

/**
 * One way of misbehaving. `operation` is a GraphQL root field (`fulfillmentCreate`), a SimplyPrint path (`queue/AddItem`), a webhook topic or
 * event (`orders/create`, `shopify:*`, `simplyprint:job.done`), or a file name for `fail-prints`. It ends after `count` times or `for_s` seconds.
 */
export const sandboxFaultSchema = z.strictObject({
  target: z.enum(SANDBOX_FAULT_TARGETS),
  kind: z.enum(SANDBOX_FAULT_KINDS),
  operation: z.string().min(1).optional(),
  /** Probability of each time, 0 to 1; drawn from a seeded generator. */
  rate: z.number().min(0).max(1).default(1),
  count: z.number().int().min(1).optional(),
  for_s: z.number().positive().optional(),
  seed: z.number().int().default(1),
  /** `slow`, `late`, `late-answer`: how long. */
  delay_ms: z.number().int().min(0).max(600_000).optional(),
  /** `error`: the HTTP status (default 500). `outage`: answer with it instead of dropping the connection. */
  status: z.number().int().min(400).max(599).optional(),
  message: z.string().optional(),
  /** `error` on a Shopify mutation: a user error in a good answer. On SimplyPrint: `status: false` with HTTP 200. */
  user_error: z.string().optional(),
  /** `throttle` on SimplyPrint: seconds in Retry-After. */
  retry_after_s: z.number().int().min(0).optional(),
});
export type SandboxFault = z.infer<typeof sandboxFaultSchema>;

/** Empty shop, farm and mailbox, no faults. What apps made for themselves (webhooks, custom fields) goes only with `everything`. */
export const sandboxResetSchema = z.strictObject({ everything: z.boolean().default(false) });

/** What Shopify now holds of one order, as `GET /control/orders` tells it. */
export const sandboxOrderViewSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  display_financial_status: z.string(),
  display_fulfillment_status: z.string(),
  cancelled_at: z.string().nullable(),
  fulfillment_orders: z.array(
    z.looseObject({
      id: z.string(),
      status: z.string(),
      location: z.string(),
      service: z.string().nullable(),
      delivery_method: z.string(),
      prepared_for_pickup: z.boolean(),
      lines: z.array(
        z.looseObject({
          line_item_id: z.string(),
          sku: z.string().nullable(),
          total_quantity: z.number(),
          remaining_quantity: z.number(),
        }),
      ),
    }),
  ),
  fulfillments: z.array(
    z.looseObject({
      id: z.string(),
      status: z.string(),
      notified: z.boolean(),
      tracking: z.object({ number: z.string().nullable(), url: z.string().nullable(), company: z.string().nullable() }).nullable(),
      lines: z.array(z.looseObject({ line_item_id: z.string(), sku: z.string().nullable(), quantity: z.number() })),
    }),
  ),
  refunds: z.array(
    z.looseObject({
      id: z.string(),
      total_cents: z.number(),
      lines: z.array(z.looseObject({ line_item_id: z.string(), sku: z.string().nullable(), quantity: z.number() })),
    }),
  ),
});
export type SandboxOrderView = z.infer<typeof sandboxOrderViewSchema>;

const queueItemView = z.looseObject({
  id: z.number(),
  filename: z.string(),
  filesystem_id: z.string(),
  left: z.number(),
  printed: z.number(),
  note: z.string().nullable(),
  custom_fields: z.record(z.string(), z.string()),
});

/** `GET /control/simplyprint`. `calls` counts accepted calls by path, e.g. `queue/AddItem`. */
export const sandboxFarmViewSchema = z.looseObject({
  speed: z.number(),
  queue: z.array(queueItemView),
  printers: z.array(z.looseObject({ id: z.number(), name: z.string(), state: z.string(), job_id: z.number().nullable() })),
  jobs: z.array(
    z.looseObject({
      id: z.number(),
      uid: z.string(),
      status: z.enum(['ongoing', 'cancelled', 'failed', 'done']),
      state: z.string(),
      queue_item_id: z.number(),
      filename: z.string(),
      printer_id: z.number(),
      custom_fields: z.record(z.string(), z.string()),
    }),
  ),
  calls: z.record(z.string(), z.number()),
});
export type SandboxFarmView = z.infer<typeof sandboxFarmViewSchema>;

export const sandboxMailsSchema = z.object({
  mails: z.array(
    z.object({
      from: z.string(),
      to: z.array(z.string()),
      subject: z.string(),
      text: z.string(),
      html: z.string().nullable(),
      received_at: z.string(),
    }),
  ),
});
export type SandboxMails = z.infer<typeof sandboxMailsSchema>;
