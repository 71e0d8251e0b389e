import { z } from 'zod';

/** How we stand with the outside systems of a store: installed or not, and subscribed to what. */
export const installation = z
  .object({
    shop_domain: z.string().nullable(),
    installed: z.boolean(),
    uninstalled_at: z.iso.datetime().nullable(),
    reinstalled_at: z.iso.datetime().nullable(),
    api_version: z.string().meta({ description: 'The version of the Admin API that is asked for.' }),
    subscriptions: z.array(
      z.object({
        system: z.enum(['shopify', 'simplyprint']),
        topic: z.string().meta({ example: 'orders/create' }),
        url: z.string().meta({ description: 'Where it delivers.' }),
        since: z.iso.datetime().meta({ description: 'When it was made, or first seen.' }),
        seen_at: z.iso.datetime().meta({ description: 'When it was there last; looked at each start and daily.' }),
      }),
    ),
  })
  .meta({
    id: 'Installation',
    example: {
      shop_domain: 'something.myshopify.com',
      installed: true,
      uninstalled_at: null,
      reinstalled_at: null,
      api_version: '2026-10',
      subscriptions: [
        {
          system: 'shopify',
          topic: 'orders/create',
          url: 'https://connect.example.com/webhooks/shopify',
          since: '2026-11-01T09:00:00.000Z',
          seen_at: '2026-11-21T04:20:00.000Z',
        },
      ],
    },
  });
export type InstallationView = z.output<typeof installation>;

export const installationCheck = z
  .object({ message: z.string() })
  .meta({ id: 'InstallationCheck', example: { message: 'Shopify and SimplyPrint are being looked at.' } });
export type InstallationCheck = z.output<typeof installationCheck>;
