import { z } from 'zod';
import { pageOf, pageQuery } from './pagination';

/** Something that needs a person, still open. */
export const attentionItem = z
  .object({
    id: z.uuid(),
    kind: z.string().meta({ example: 'unmapped-lines' }),
    subject_id: z.string().meta({ description: 'What it is about: an order, a print job, a task.' }),
    order_id: z.uuid().nullable(),
    order_name: z.string().nullable().meta({ example: '#1001' }),
    message: z.string(),
    details: z.record(z.string(), z.unknown()),
    opened_at: z.iso.datetime(),
  })
  .meta({
    id: 'AttentionItem',
    example: {
      id: '0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e',
      kind: 'unmapped-lines',
      subject_id: '0193f3a0-1111-7c1a-9d2e-3f4a5b6c7d8e',
      order_id: '0193f3a0-1111-7c1a-9d2e-3f4a5b6c7d8e',
      order_name: '#1001',
      message: 'Order #1001 waits: MUG-RED has no product mapping.',
      details: {},
      opened_at: '2026-11-21T09:00:00.000Z',
    },
  });
export type AttentionItem = z.output<typeof attentionItem>;
export const attentionPage = pageOf(attentionItem).meta({ id: 'AttentionPage' });
export const attentionQuery = pageQuery;
export type AttentionQuery = z.output<typeof attentionQuery>;
