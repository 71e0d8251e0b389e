import { Database } from '@forma3d/database';
import { Logger } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Stores } from '../access';
import { Attention } from '../attention';

/** Shopify let us in: if the app had been uninstalled, it is installed again, and all that waited goes on. */
@Injectable()
export class Reinstalled {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    @Inject(Stores) private readonly stores: Pick<Stores, 'get' | 'reinstalled' | 'forget'>,
    private readonly attention: Attention,
    @Inject(Logger) private readonly logger: Pick<Logger, 'log'>,
  ) {}

  async letIn(storeId: string): Promise<void> {
    const { uninstalledAt, shopifyDomain } = await this.stores.get(storeId);
    if (uninstalledAt === null) return;
    const again = await this.db.transaction('installation.reinstalled', async (tx) => {
      if (!(await this.stores.reinstalled(tx, storeId))) return false;
      await this.attention.close(tx, { storeId, kind: 'shop-uninstalled', subjectId: storeId });
      await this.events.publish(tx, { type: 'store.reinstalled', storeId, aggregateId: storeId, payload: { shop_domain: shopifyDomain ?? '' } });
      await this.events.hastenStore(tx, storeId);
      return true;
    });
    this.stores.forget();
    if (again) this.logger.log({ store_id: storeId, shop_domain: shopifyDomain }, 'the app is installed in the shop again; what waited goes on');
  }
}
