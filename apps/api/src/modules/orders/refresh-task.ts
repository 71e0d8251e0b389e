import type { NewTask } from '@forma3d/tasks';

/** Asks Shopify for one order. Any number of reasons to ask, while it is not answered, are one task. */
export function refreshTask(storeId: string, shopifyOrderId: string): NewTask<'ORDER_REFRESH'> {
  return {
    type: 'ORDER_REFRESH',
    storeId,
    payload: { shopify_order_id: shopifyOrderId },
    dedupeKey: `${storeId} order ${shopifyOrderId}`,
  };
}

/**
 * Asks Shopify for an order that changed there, unless its webhook has told of the change by then. Its key is another one: it must not
 * stand in for a reason to ask in any case.
 */
export function refreshUnlessTold(storeId: string, changed: { id: string; updatedAt: Date }, dueAt: Date): NewTask<'ORDER_REFRESH'> {
  return {
    type: 'ORDER_REFRESH',
    storeId,
    payload: { shopify_order_id: changed.id, updated_at: changed.updatedAt.toISOString() },
    dedupeKey: `${storeId} change of order ${changed.id}`,
    dueAt,
  };
}
