import { z } from 'zod';

// What the API and the sandbox answer, as far as tests look at it.

const timelineEntry = z.looseObject({ type: z.string(), payload: z.record(z.string(), z.unknown()) });
export const orderDetail = z.looseObject({
  id: z.string(),
  name: z.string(),
  status: z.string(),
  production_status: z.string(),
  fulfilment_type: z.string(),
  lines: z.array(z.looseObject({ sku: z.string().nullable(), wanted: z.number().nullable(), exclusion: z.string().nullable() })),
  timeline: z.array(timelineEntry),
  attention: z.array(z.looseObject({ kind: z.string() })),
});
export type OrderDetail = z.output<typeof orderDetail>;

export const shopOrder = z.looseObject({
  id: z.string(),
  name: z.string(),
  display_fulfillment_status: z.string(),
  fulfillment_orders: z.array(z.looseObject({ id: z.string(), status: z.string() })),
  fulfillments: z.array(
    z.looseObject({ id: z.string(), status: z.string(), notified: z.boolean(), lines: z.array(z.looseObject({ quantity: z.number() })) }),
  ),
});
export type ShopOrder = z.output<typeof shopOrder>;

export const farm = z.looseObject({
  queue: z.array(z.looseObject({ id: z.union([z.string(), z.number()]).transform(String), left: z.number() })),
  jobs: z.array(z.looseObject({ id: z.union([z.string(), z.number()]).transform(String), state: z.string().optional(), status: z.string().optional() })),
  calls: z.record(z.string(), z.number()),
});
export type Farm = z.output<typeof farm>;
