import { Inject, Injectable } from '@nestjs/common';
import type { Tx } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { Store } from './store';
import { StoresRepository } from './stores.repository';

/** How long the stores are remembered. They change rarely and are asked for in every request and task. */
const REMEMBERED_MS = 3_000;

/** The stores, as they were at most a few seconds ago. */
@Injectable()
export class Stores {
  private remembered: { until: number; stores: Promise<Store[]> } | undefined;

  constructor(
    private readonly repository: StoresRepository,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  all(): Promise<Store[]> {
    const now = this.clock.now().getTime();
    if (this.remembered === undefined || this.remembered.until <= now) {
      const stores = this.repository.all();
      this.remembered = { until: now + REMEMBERED_MS, stores };
      stores.catch(() => {
        this.remembered = undefined;
      });
    }
    return this.remembered.stores;
  }

  /** @throws DomainError `store-not-found` */
  async get(storeId: string): Promise<Store> {
    const store = (await this.all()).find((each) => each.id === storeId) ?? (await this.fresh()).find((each) => each.id === storeId);
    if (!store) throw new DomainError('store-not-found', 'There is no such store.');
    return store;
  }

  /** The store of a Shopify domain (any case), or undefined. */
  async byShopDomain(domain: string): Promise<Store | undefined> {
    const wanted = domain.toLowerCase();
    return (await this.all()).find((each) => each.shopifyDomain === wanted);
  }

  /** Takes over what the shop says of itself: its name, time zone and currency. */
  async describe(storeId: string, shop: { name: string; timeZone: string; currency: string }): Promise<void> {
    if (await this.repository.describe(storeId, shop, this.clock.now())) this.forget();
  }

  /** Marks the store as uninstalled at `at`; false when it is already, or when that is older than its last installation. `forget` after the commit. */
  uninstalled(tx: Tx, storeId: string, at: Date): Promise<boolean> {
    return this.repository.uninstalled(tx, storeId, at);
  }

  /** Ends that; false when the store was not marked. `forget` after the commit. */
  reinstalled(tx: Tx, storeId: string): Promise<boolean> {
    return this.repository.reinstalled(tx, storeId, this.clock.now());
  }

  /** The next question goes to the database. */
  forget(): void {
    this.remembered = undefined;
  }

  private fresh(): Promise<Store[]> {
    this.forget();
    return this.all();
  }
}
