/** The resources of topics whose name has an underscore; the enum does not say where the resource ends. */
const LONG_RESOURCES = ['bulk_operations', 'fulfillment_orders', 'fulfillment_events', 'order_transactions', 'inventory_items', 'inventory_levels'];

/** `orders/create` → `ORDERS_CREATE`, the spelling of `WebhookSubscriptionTopic`. */
export function topicToEnum(topic: string): string {
  return topic.replace('/', '_').toUpperCase();
}

/** `FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE` → `fulfillment_orders/order_routing_complete`, as deliveries spell it. */
export function topicFromEnum(name: string): string {
  const lower = name.toLowerCase();
  const resource = LONG_RESOURCES.find((each) => lower.startsWith(`${each}_`)) ?? lower.split('_', 1)[0] ?? lower;
  return `${resource}/${lower.slice(resource.length + 1)}`;
}
