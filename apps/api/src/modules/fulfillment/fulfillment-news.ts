import type { EventType } from '@forma3d/contracts';
import { EventBus } from '@forma3d/platform';
import { Injectable, type OnModuleDestroy } from '@nestjs/common';

const TELLING = [
  'fulfillment.created',
  'fulfillment.updated',
  'fulfillment.retrying',
  'fulfillment.failed',
  'fulfillment.cancelled',
] as const satisfies readonly EventType[];

/**
 * Lets a request that waits for a fulfillment hear of it at once. Only news of this process come here, so those who wait
 * look from time to time as well.
 */
@Injectable()
export class FulfillmentNews implements OnModuleDestroy {
  private readonly waiting = new Map<string, Set<() => void>>();
  private readonly off: (() => void)[];

  constructor(bus: EventBus) {
    this.off = TELLING.map((type) => bus.on(type, (event) => { this.tell(event.order_id); }));
  }

  /** The task is through with the order's request. */
  tell(orderId: string | null): void {
    for (const wake of this.waiting.get(orderId ?? '') ?? []) wake();
  }

  /** Resolves with the next news of the order, or after `ms` without any. */
  next(orderId: string, ms: number): Promise<void> {
    return new Promise((resolve) => {
      const wakes = this.waiting.get(orderId) ?? new Set();
      const wake = (): void => {
        clearTimeout(timer);
        wakes.delete(wake);
        if (wakes.size === 0 && this.waiting.get(orderId) === wakes) this.waiting.delete(orderId);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      wakes.add(wake);
      this.waiting.set(orderId, wakes);
    });
  }

  onModuleDestroy(): void {
    for (const off of this.off) off();
    for (const orderId of [...this.waiting.keys()]) this.tell(orderId);
  }
}
