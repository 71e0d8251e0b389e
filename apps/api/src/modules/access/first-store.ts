import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, type Config } from '@forma3d/platform';
import { Stores } from './stores';
import { StoresRepository } from './stores.repository';

/**
 * Makes sure at start that the shop of the settings has its store, before anything asks for stores. What the shop says of
 * itself (name, time zone, currency) is taken over by the first check of its webhook subscriptions.
 */
@Injectable()
export class FirstStore implements OnModuleInit {
  constructor(
    private readonly repository: StoresRepository,
    private readonly stores: Stores,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async onModuleInit(): Promise<void> {
    const { shopDomain } = this.config.shopify;
    if (await this.stores.byShopDomain(shopDomain)) return;
    const now = this.clock.now();
    // `main` may belong to another shop that the settings named before; then this one is called like its domain.
    const made = await this.repository.insert({ handle: 'main', shopifyDomain: shopDomain, now });
    this.stores.forget();
    if (made || (await this.stores.byShopDomain(shopDomain))) return;
    await this.repository.insert({ handle: shopDomain.replace('.myshopify.com', ''), shopifyDomain: shopDomain, now });
    this.stores.forget();
  }
}
