import { z } from 'zod';

/** What a person can do about something: a call of this API. */
export const actionLink = z
  .object({
    method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']),
    href: z.string().meta({ description: 'A path of this API.' }),
    label: z.string(),
  })
  .meta({ id: 'ActionLink', example: { method: 'POST', href: '/api/v1/retry-queue/0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e/retry', label: 'Try again' } });
export type ActionLink = z.output<typeof actionLink>;
