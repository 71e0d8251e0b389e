import { z } from 'zod';

/** What a store decides for itself. Every policy has a default, so that a new store works untouched. */
export const storePolicies = z.object({
  /** When production of an order starts. */
  produce_on: z.enum(['paid', 'created']).default('paid'),
  /** Whether lines whose fulfillment order is on hold or scheduled are printed nevertheless. */
  print_on_hold: z.boolean().default(false),
  /** Whether Shopify's test orders are produced. */
  produce_test_orders: z.boolean().default(false),
  /** How often one print is reprinted by itself before an operator decides. */
  reprint_limit: z.number().int().min(0).max(10).default(1),
  /** When a shipping order is fulfilled in Shopify. */
  fulfill_on: z.enum(['production_complete', 'shipped']).default('production_complete'),
  /** Moves of the order's lifecycle that the system makes by itself. */
  system_moves: z
    .object({ accept: z.boolean().default(true), production: z.boolean().default(true), complete: z.boolean().default(true) })
    .prefault({}),
});
export type StorePolicies = z.infer<typeof storePolicies>;
