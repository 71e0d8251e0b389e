import { z } from 'zod';

/** What a person can do about something: a call of this API, with what has to be sent along. */
export const actionLink = z
  .object({
    method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']),
    href: z.string().meta({ description: 'A path of this API.' }),
    label: z.string(),
    body: z.record(z.string(), z.unknown()).optional().meta({ description: 'What to send as it stands. Left out: nothing but what is needed.' }),
    needs: z.array(z.string()).optional().meta({ description: 'Fields of the body that the person has to fill in. Left out: none.' }),
  })
  .meta({
    id: 'ActionLink',
    example: {
      method: 'POST',
      href: '/api/v1/cancellations/order/0193f3a0-1111-7c1a-9d2e-3f4a5b6c7d8e',
      label: 'Ask Shopify again',
      body: { cancel_in_shopify: true },
      needs: ['reason'],
    },
  });
export type ActionLink = z.output<typeof actionLink>;
