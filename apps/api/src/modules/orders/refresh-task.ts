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
