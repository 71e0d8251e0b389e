import { z } from 'zod';
import { ORDER_STATUSES, PRODUCTION_STATUSES } from './states';

/** An operator cancels an order. Nothing is refunded or restocked: that stays the merchant's decision. */
export const cancelOrder = z
  .strictObject({
    reason: z.string().trim().min(3).max(500).meta({ description: 'Kept in the order’s timeline and the audit: no personal data.' }),
    cancel_in_shopify: z.boolean().default(false).meta({ description: 'Also cancel it in Shopify, without refund, restock or mail.' }),
  })
  .meta({ id: 'CancelOrder', example: { reason: 'The customer changed their mind.', cancel_in_shopify: true } });
export type CancelOrderBody = z.output<typeof cancelOrder>;

/** How cancelling in Shopify stands: asked for, done there, or refused for good. */
export const SHOPIFY_CANCELLATIONS = ['requested', 'cancelled', 'refused'] as const;

const count = z.number().int().nonnegative();

/** What became of the prints of a cancelled order, as it is now: asked again, it tells how far SimplyPrint has come. */
export const cancellationResult = z
  .object({
    order_id: z.uuid(),
    status: z.enum(ORDER_STATUSES),
    production_status: z.enum(PRODUCTION_STATUSES),
    cancelled_jobs: count.meta({ description: 'SimplyPrint has confirmed that these will not be printed.' }),
    requested_jobs: count.meta({ description: 'Asked back or to be stopped; SimplyPrint has not confirmed yet.' }),
    flagged_jobs: count.meta({ description: 'On a printer: a person stops each, or lets it finish.' }),
    already_completed_jobs: count.meta({ description: 'Printed before.' }),
    shopify: z.enum(SHOPIFY_CANCELLATIONS).nullable().meta({ description: 'Null when it was not asked for.' }),
    shopify_error: z.string().nullable().meta({ description: 'Why Shopify refused.' }),
  })
  .meta({
    id: 'CancellationResult',
    example: {
      order_id: '0193f3a0-1111-7c1a-9d2e-3f4a5b6c7d8e',
      status: 'cancelled',
      production_status: 'CANCELLED',
      cancelled_jobs: 0,
      requested_jobs: 6,
      flagged_jobs: 2,
      already_completed_jobs: 4,
      shopify: 'requested',
      shopify_error: null,
    },
  });
export type CancellationResult = z.output<typeof cancellationResult>;
