import { seedProducts, LOCATIONS } from './shop-catalogue';
import type { Scheduler } from './scheduler';
import type {
  FulfillmentOrderRecord,
  FulfillmentRecord,
  Id,
  LocationRecord,
  OrderRecord,
  ProductRecord,
  ShopData,
  VariantRecord,
} from './shop-types';

/** Something that the merchant or the customer did; becomes webhooks. The same `eventId` joins all of one action. */
export type ShopEvent =
  | { topic: OrderTopic; order: OrderRecord }
  | { topic: 'orders/edited'; order: OrderRecord; additions: EditDelta[]; removals: EditDelta[] }
  | { topic: 'refunds/create'; order: OrderRecord; refundId: Id }
  | { topic: 'fulfillments/create' | 'fulfillments/update'; order: OrderRecord; fulfillment: FulfillmentRecord }
  | {
      topic: 'fulfillment_orders/order_routing_complete' | 'fulfillment_orders/placed_on_hold' | 'fulfillment_orders/hold_released';
      order: OrderRecord;
      fulfillmentOrder: FulfillmentOrderRecord;
    }
  | { topic: 'bulk_operations/finish'; bulkId: Id }
  | { topic: 'app/uninstalled' | 'shop/redact' }
  | { topic: 'customers/data_request' | 'customers/redact'; order: OrderRecord };

export type OrderTopic = 'orders/create' | 'orders/paid' | 'orders/updated' | 'orders/cancelled' | 'orders/fulfilled';

export interface EditDelta {
  id: Id;
  delta: number;
}

/** A request that makes no sense for this shop: no such order, nothing left to refund. Says so in plain words. */
export class ShopRefusal extends Error {
  constructor(
    readonly status: 404 | 409 | 422,
    message: string,
  ) {
    super(message);
  }
}

/** ISO 8601 with second precision: Shopify keeps no fractions, so two changes within a second look equally old. */
export function shopTime(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The simulated shop's state, with what is needed to find things in it. Rules live in the `shop-*` files. */
export class Shop {
  data: ShopData;
  /** Rises with every change. */
  version = 0;
  private orderIndex = new Map<Id, OrderRecord>();
  private listeners: ((events: ShopEvent[]) => void)[] = [];
  private changeListeners: (() => void)[] = [];

  constructor(
    readonly scheduler: Scheduler,
    readonly domain: string,
    saved?: ShopData,
    /** How long Shopify takes to route an order, in milliseconds: fulfillment orders do not exist yet at `orders/create`. */
    readonly routingDelayMs: number = 250,
  ) {
    this.data = saved ?? emptyShop(scheduler.now());
    this.reindex();
  }

  /** No orders, the catalogue as on the first day. Webhook subscriptions stay unless all is to go; ids are never given out twice. */
  reset(everything: boolean): void {
    const { nextId, nextNumber, subscriptions, everSubscribed } = this.data;
    const kept = everything ? {} : { subscriptions, everSubscribed };
    this.data = { ...emptyShop(this.scheduler.now()), nextId, nextNumber, ...kept };
    this.reindex();
    this.changed();
  }

  onEvents(listener: (events: ShopEvent[]) => void): void {
    this.listeners.push(listener);
  }

  onChange(listener: () => void): void {
    this.changeListeners.push(listener);
  }

  /** Tells of one action, however many topics it touches. */
  emit(...events: ShopEvent[]): void {
    this.changed();
    for (const listener of this.listeners) listener(events);
  }

  changed(): void {
    this.version += 1;
    for (const listener of this.changeListeners) listener();
  }

  now(): string {
    return shopTime(this.scheduler.now());
  }

  newId(): Id {
    this.data.nextId += 1;
    return String(this.data.nextId);
  }

  /** Never goes back, also when the wall clock does. */
  touch(order: OrderRecord): void {
    const now = this.now();
    if (now > order.updatedAt) order.updatedAt = now;
  }

  addOrder(order: OrderRecord): void {
    this.data.orders.push(order);
    this.orderIndex.set(order.id, order);
  }

  findOrder(id: Id): OrderRecord | undefined {
    return this.orderIndex.get(id);
  }

  /** @throws ShopRefusal 404 */
  order(id: Id): OrderRecord {
    const order = this.findOrder(id);
    if (!order) throw new ShopRefusal(404, `There is no order ${id}.`);
    return order;
  }

  findFulfillmentOrder(id: Id): { order: OrderRecord; fulfillmentOrder: FulfillmentOrderRecord } | undefined {
    for (const order of this.newestFirst()) {
      const fulfillmentOrder = order.fulfillmentOrders.find((candidate) => candidate.id === id);
      if (fulfillmentOrder) return { order, fulfillmentOrder };
    }
    return undefined;
  }

  findFulfillment(id: Id): { order: OrderRecord; fulfillment: FulfillmentRecord } | undefined {
    for (const order of this.newestFirst()) {
      const fulfillment = order.fulfillments.find((candidate) => candidate.id === id);
      if (fulfillment) return { order, fulfillment };
    }
    return undefined;
  }

  location(id: Id): LocationRecord {
    const location = this.data.locations.find((candidate) => candidate.id === id);
    if (!location) throw new ShopRefusal(422, `There is no location ${id}.`);
    return location;
  }

  findSku(sku: string): { product: ProductRecord; variant: VariantRecord } | undefined {
    for (const product of this.data.products) {
      const variant = product.variants.find((candidate) => candidate.sku === sku);
      if (variant) return { product, variant };
    }
    return undefined;
  }

  private *newestFirst(): Generator<OrderRecord> {
    for (let i = this.data.orders.length - 1; i >= 0; i -= 1) {
      const order = this.data.orders[i];
      if (order) yield order;
    }
  }

  private reindex(): void {
    this.orderIndex = new Map(this.data.orders.map((order) => [order.id, order]));
  }
}

/** Ids start from the clock, so that a shop that starts anew does not give out those of its predecessor again. */
const EPOCH = Date.UTC(2026, 0, 1);

function emptyShop(now: Date): ShopData {
  return {
    nextId: 6_100_000_000_000 + Math.max(0, Math.floor((now.getTime() - EPOCH) / 1000)) * 1000,
    nextNumber: 1001,
    locations: structuredClone(LOCATIONS),
    products: seedProducts(),
    orders: [],
    subscriptions: [],
    everSubscribed: false,
    cancelJobs: [],
    bulkOperations: [],
  };
}
