import { OutsideError, type OutsideFailure } from '@forma3d/kernel';
import type {
  CreateFulfillmentInput,
  FulfillmentWork,
  ShopifyClient,
  ShopifyFulfillment,
  ShopifyFulfillmentOrder,
  ShopifyTracking,
} from '@forma3d/shopify';

/** What happens to the next call of a kind: `lost` does the work and then loses the answer. */
export type Fault = OutsideFailure | 'lost';

/**
 * One order at Shopify as far as fulfillment goes, for tests: it counts what was really done, refuses what Shopify
 * refuses, and loses answers when told to.
 */
export class InMemoryShop {
  work: FulfillmentWork = {
    updatedAt: new Date('2026-11-02T09:00:00Z'),
    cancelledAt: null,
    fulfillmentStatus: 'UNFULFILLED',
    fulfillments: [],
    fulfillmentOrders: [],
    currentQuantities: new Map(),
  };
  readonly created: CreateFulfillmentInput[] = [];
  readonly prepared: string[][] = [];
  readonly tracked: { fulfillmentId: string; tracking: ShopifyTracking }[] = [];
  reads = 0;
  private readonly faults: { call: 'read' | 'create' | 'prepare'; fault: Fault }[] = [];
  /** Runs while a create is under way, before it has an effect or after; `read` between a reading and its answer. */
  during: { before?: () => Promise<void>; after?: () => Promise<void>; read?: () => Promise<void> } = {};
  private nextId = 9_000;

  failNext(call: 'read' | 'create' | 'prepare', ...faults: Fault[]): void {
    this.faults.push(...faults.map((fault) => ({ call, fault })));
  }

  addFulfillmentOrder(id: string, lines: [lineItemId: string, quantity: number][], more: Partial<ShopifyFulfillmentOrder> = {}): void {
    this.work.fulfillmentOrders.push({
      id,
      status: 'OPEN',
      supportedActions: ['CREATE_FULFILLMENT'],
      locationId: 'here',
      ours: true,
      deliveryMethod: 'SHIPPING',
      fulfillAt: null,
      lines: lines.map(([lineItemId, quantity]) => ({
        id: `${id}-${lineItemId}`,
        lineItemId,
        totalQuantity: quantity,
        remainingQuantity: quantity,
      })),
      ...more,
    });
  }

  /** Units fulfilled of a line, over all fulfillments that stand. */
  fulfilled(lineItemId: string): number {
    return this.work.fulfillments
      .filter((each) => each.status === 'SUCCESS')
      .flatMap((each) => each.lines)
      .reduce((sum, line) => sum + (line.lineItemId === lineItemId ? line.quantity : 0), 0);
  }

  /** The merchant, or we, fulfill. */
  fulfill(input: Pick<CreateFulfillmentInput, 'groups' | 'tracking'>): ShopifyFulfillment {
    const lines = input.groups.flatMap((group) => {
      const order = this.work.fulfillmentOrders.find((each) => each.id === group.fulfillmentOrderId);
      if (order?.status !== 'OPEN' && order?.status !== 'IN_PROGRESS') {
        throw refusal(`Fulfillment order ${group.fulfillmentOrderId} has an unfulfillable status= ${String(order?.status).toLowerCase()}.`);
      }
      return group.lines.map(({ id, quantity }) => {
        const line = order.lines.find((each) => each.id === id);
        if (!line || quantity > line.remainingQuantity) throw refusal('Invalid fulfillment order line item quantity requested.');
        line.remainingQuantity -= quantity;
        order.status = order.lines.every((each) => each.remainingQuantity === 0) ? 'CLOSED' : 'IN_PROGRESS';
        return { lineItemId: line.lineItemId, quantity };
      });
    });
    const at = new Date('2026-11-02T09:00:00Z');
    const made: ShopifyFulfillment = {
      id: String((this.nextId += 1)),
      status: 'SUCCESS',
      createdAt: at,
      updatedAt: at,
      trackingNumber: input.tracking?.number ?? null,
      trackingUrl: input.tracking?.url ?? null,
      trackingCompany: input.tracking?.company ?? null,
      lines,
    };
    this.work.fulfillments.push(made);
    return made;
  }

  client(): ShopifyClient {
    const only: Pick<ShopifyClient, 'getFulfillmentWork' | 'createFulfillment' | 'markPreparedForPickup' | 'updateTracking'> = {
      getFulfillmentWork: async () => {
        this.reads += 1;
        const fault = this.takeFault('read');
        if (fault) throw failure('orderFulfillmentWork', fault);
        const seen = structuredClone(this.work);
        await this.during.read?.();
        return seen;
      },
      createFulfillment: async (input) => {
        const fault = this.takeFault('create');
        await this.during.before?.();
        if (fault && fault !== 'lost') throw failure('fulfillmentCreate', fault);
        const made = this.fulfill(input);
        this.created.push(input);
        await this.during.after?.();
        if (fault === 'lost') throw failure('fulfillmentCreate', 'unknown');
        return structuredClone(made);
      },
      markPreparedForPickup: async (ids) => {
        await this.during.before?.();
        const fault = this.takeFault('prepare');
        if (fault) throw failure('fulfillmentOrderLineItemsPreparedForPickup', fault);
        const closed = this.work.fulfillmentOrders.some((each) => ids.includes(each.id) && each.status === 'CLOSED');
        if (closed) throw refusal('Invalid fulfillment order.');
        this.prepared.push(ids);
      },
      updateTracking: ({ fulfillmentId, tracking }) => {
        this.tracked.push({ fulfillmentId, tracking });
        const known = this.work.fulfillments.find((each) => each.id === fulfillmentId);
        if (!known) return Promise.reject(failure('fulfillmentTrackingInfoUpdate', 'permanent'));
        known.trackingNumber = tracking.number;
        known.trackingUrl = tracking.url ?? null;
        return Promise.resolve(structuredClone(known));
      },
    };
    return only as ShopifyClient;
  }

  private takeFault(call: 'read' | 'create' | 'prepare'): Fault | undefined {
    const index = this.faults.findIndex((each) => each.call === call);
    return index < 0 ? undefined : this.faults.splice(index, 1)[0]?.fault;
  }
}

function failure(operation: string, kind: Fault): OutsideError {
  const facts = { system: 'shopify', operation } as const;
  if (kind === 'throttled') return new OutsideError({ ...facts, failure: kind, retryAfterMs: 1_000 }, 'Shopify: throttled');
  return new OutsideError({ ...facts, failure: kind === 'lost' ? 'unknown' : kind }, `Shopify, ${operation}: ${kind}`);
}

function refusal(message: string): OutsideError {
  const userErrors = [{ field: ['fulfillment'], message }];
  return new OutsideError({ system: 'shopify', operation: 'fulfillmentCreate', failure: 'permanent', userErrors }, message);
}
