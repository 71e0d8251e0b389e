import { z } from 'zod';
import { actionLink } from './actions';
import { dayOrMoment } from './dates';
import { pageOf, pageQuery } from './pagination';

/** What can need a person. The subject says which one: an order, a print job, a queue item, a task, an outside system. */
export const ATTENTION_KINDS = [
  'unmapped-lines',
  'print-failed',
  'print-needs-review',
  'cancellation-needs-review',
  'cancelled-but-fulfilled',
  'shopify-cancel-refused',
  'queue-item-unclear',
  'fulfillment-failed',
  'order-on-hold',
  'order-stalled',
  'task-struggling',
  'task-failed',
  'credentials-refused',
  'shop-uninstalled',
  'api-version-drift',
  'data-request',
] as const;
export type AttentionKind = (typeof ATTENTION_KINDS)[number];

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
    actions: z.array(actionLink).meta({ description: 'What can be done about it. It closes by itself when its cause is gone.' }),
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
      details: {
        lines: [
          { line_item_id: '0193f3a0-2222-7c1a-9d2e-3f4a5b6c7d8e', title: 'Mug, red', sku: 'MUG-RED', variant_id: '44012345678', reason: 'no mapping for its SKU or variant' },
        ],
      },
      opened_at: '2026-11-21T09:00:00.000Z',
      actions: [{ method: 'POST', href: '/api/v1/product-mappings', label: 'Say what MUG-RED is printed from', body: { sku: 'MUG-RED' }, needs: ['parts'] }],
    },
  });
export type AttentionItem = z.output<typeof attentionItem>;
export const attentionPage = pageOf(attentionItem).meta({ id: 'AttentionPage' });
export const attentionQuery = pageQuery.extend({
  kind: z.enum(ATTENTION_KINDS).optional(),
  order_id: z.uuid().optional(),
  from: dayOrMoment.optional().meta({ description: 'Opened on this day, or at this time, or later.', example: '2026-11-01' }),
  to: dayOrMoment.optional().meta({ description: 'Opened on this day or earlier, or before this time.', example: '2026-11-30' }),
});
export type AttentionQuery = z.output<typeof attentionQuery>;

/** How much needs a person, by kind. */
export const attentionCounts = z
  .object({
    total: z.number().int(),
    orders: z.number().int().meta({ description: 'Of how many orders.' }),
    kinds: z.array(z.object({ kind: z.string(), count: z.number().int(), oldest_at: z.iso.datetime() })).meta({ description: 'Those alone of which there are any.' }),
  })
  .meta({
    id: 'AttentionCounts',
    example: { total: 3, orders: 2, kinds: [{ kind: 'unmapped-lines', count: 2, oldest_at: '2026-11-21T08:00:00.000Z' }, { kind: 'task-failed', count: 1, oldest_at: '2026-11-21T09:00:00.000Z' }] },
  });
export type AttentionCounts = z.output<typeof attentionCounts>;
