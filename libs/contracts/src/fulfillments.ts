import { z } from 'zod';
import { dayOrMoment } from './dates';
import { pageOf, pageQuery } from './pagination';
import { FULFILLMENT_PHASES } from './states';

export const FULFILLMENT_PROVIDERS = ['shopify', 'manual'] as const;

const id = z.uuid();
const time = z.iso.datetime();

export const fulfillmentView = z
  .object({
    id,
    order_id: id,
    provider: z.enum(FULFILLMENT_PROVIDERS),
    phase: z.enum(FULFILLMENT_PHASES),
    shopify_fulfillment_id: z.string().nullable(),
    location_id: z.string().nullable().meta({ description: 'Shopify’s location; an order with several has a fulfillment for each.' }),
    adopted: z.boolean().meta({ description: 'Made by somebody else, and found.' }),
    forced: z.boolean(),
    notify_customer: z.boolean(),
    lines: z.array(z.object({ shopify_line_item_id: z.string(), quantity: z.number().int() })),
    tracking: z.object({ number: z.string(), url: z.string().nullable(), company: z.string().nullable() }).nullable(),
    error: z.string().nullable(),
    created_at: time,
    updated_at: time,
    succeeded_at: time.nullable(),
    failed_at: time.nullable(),
  })
  .meta({
    id: 'Fulfillment',
    example: {
      id: '019a5f0e-7a00-7000-8000-000000000001',
      order_id: '019a5f0e-7a00-7000-8000-000000000002',
      provider: 'shopify',
      phase: 'succeeded',
      shopify_fulfillment_id: '4711',
      location_id: '101',
      adopted: false,
      forced: false,
      notify_customer: true,
      lines: [{ shopify_line_item_id: '901', quantity: 2 }],
      tracking: { number: '3SABC123', url: 'https://track.example/3SABC123', company: 'bpost' },
      error: null,
      created_at: '2026-11-02T09:00:00.000Z',
      updated_at: '2026-11-02T09:00:00.400Z',
      succeeded_at: '2026-11-02T09:00:00.400Z',
      failed_at: null,
    },
  });
export type FulfillmentView = z.output<typeof fulfillmentView>;
export const fulfillmentPage = pageOf(fulfillmentView).meta({ id: 'FulfillmentPage' });

/** `from` and `to` bound when the fulfillment was begun; days are the store's, and the last one counts whole. */
export const fulfillmentListQuery = pageQuery.extend({
  phase: z.enum(FULFILLMENT_PHASES).optional(),
  order_id: id.optional(),
  provider: z.enum(FULFILLMENT_PROVIDERS).optional(),
  from: dayOrMoment.optional().meta({ example: '2026-11-01' }),
  to: dayOrMoment.optional().meta({ example: '2026-11-30' }),
});
export type FulfillmentListQuery = z.output<typeof fulfillmentListQuery>;

const printable = (most: number) =>
  z
    .string()
    .trim()
    .min(1)
    .max(most)
    .regex(/^[^\p{Cc}]+$/u, 'must hold printable characters only');

export const trackingInput = z
  .strictObject({
    number: printable(100),
    url: z.url({ protocol: /^https?$/ }).max(2_000).optional(),
    company: printable(100).optional(),
  })
  .meta({ id: 'Tracking', example: { number: '3SABC123', url: 'https://track.example/3SABC123', company: 'bpost' } });

/** What a person asks for when they fulfill an order by hand. An empty body is one too; a misspelled name is none. */
export const createFulfillment = z
  .strictObject({
    notify_customer: z.boolean().default(true).meta({ description: 'Shopify mails the customer.' }),
    tracking: trackingInput.optional(),
  })
  .meta({ id: 'CreateFulfillment', example: { notify_customer: true } });
export type CreateFulfillmentBody = z.output<typeof createFulfillment>;

/** The same, produced or not. Print jobs are left alone unless it says otherwise. */
export const forceFulfillment = createFulfillment
  .extend({
    cancel_remaining: z.boolean().default(false).meta({
      description: 'Once it is fulfilled, prints that are not done are taken back: those that have not started are cancelled, those on a printer are flagged.',
    }),
  })
  .meta({ id: 'ForceFulfillment', example: { notify_customer: true } });

export type ForceFulfillmentBody = z.output<typeof forceFulfillment>;

export const fulfillmentAnswer = z
  .object({
    success: z.boolean().meta({ description: 'Everything of ours that can be fulfilled now is fulfilled.' }),
    message: z.string(),
    fulfillment: fulfillmentView.nullable().meta({ description: 'The latest of the order.' }),
  })
  .meta({ id: 'FulfillmentAnswer' });
export type FulfillmentAnswer = z.output<typeof fulfillmentAnswer>;
