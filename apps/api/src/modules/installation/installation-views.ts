import type { InstallationView } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { CONFIG, type Config } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { Stores } from '../access';
import { subscriptionsOf } from './subscriptions.repository';

@Injectable()
export class InstallationViews {
  constructor(
    private readonly db: Database,
    private readonly stores: Stores,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async of(storeId: string): Promise<InstallationView> {
    const store = await this.stores.get(storeId);
    const subscriptions = await subscriptionsOf(this.db, storeId);
    return {
      shop_domain: store.shopifyDomain,
      installed: store.uninstalledAt === null,
      uninstalled_at: store.uninstalledAt?.toISOString() ?? null,
      reinstalled_at: store.reinstalledAt?.toISOString() ?? null,
      api_version: this.config.shopify.apiVersion,
      subscriptions: subscriptions.map((each) => ({ ...each, since: each.since.toISOString(), seen_at: each.seen_at.toISOString() })),
    };
  }
}
