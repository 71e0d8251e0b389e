/**
 * Topics subscribed through the Admin API. The privacy topics are not among them: Shopify takes those from the app's own
 * configuration only. Made in this order: what asks for no scope first.
 */
export const subscribedTopics = [
  'app/uninstalled',
  'orders/create',
  'orders/paid',
  'orders/updated',
  'orders/edited',
  'orders/cancelled',
  'refunds/create',
  'fulfillments/create',
  'fulfillments/update',
  'fulfillment_orders/order_routing_complete',
  'bulk_operations/finish',
] as const;
