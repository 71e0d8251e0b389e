import { Database } from '@forma3d/database';
import { Handles, Logger } from '@forma3d/platform';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Stores } from '../access';
import { Attention } from '../attention';
import { Inbox } from '../inbox';
import { forgetSubscriptions } from './subscriptions.repository';

/**
 * The app was uninstalled: Shopify has revoked the token and deleted our subscriptions. The store is marked, so that nothing is asked of
 * Shopify any more; its work waits. News that come late, after the app was installed again, are no news.
 */
@Injectable()
@Handles('APP_UNINSTALLED')
export class AppUninstalled implements TaskHandler<'APP_UNINSTALLED'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly inbox: Inbox,
    @Inject(Stores) private readonly stores: Pick<Stores, 'get' | 'uninstalled' | 'forget'>,
    private readonly attention: Attention,
    @Inject(Logger) private readonly logger: Pick<Logger, 'warn'>,
  ) {}

  async handle(task: Task<'APP_UNINSTALLED'>): Promise<Outcome> {
    const { storeId } = task;
    const delivery = await this.inbox.delivery(task.payload.delivery_id);
    if (!delivery) return done;
    const shopDomain = (await this.stores.get(storeId)).shopifyDomain ?? '';
    const marked = await this.db.transaction('installation.uninstalled', async (tx) => {
      if (!(await this.stores.uninstalled(tx, storeId, delivery.triggeredAt ?? delivery.receivedAt))) return false;
      // They were not lost: they went with the app.
      await forgetSubscriptions(tx, storeId, 'shopify');
      // A call that was refused meanwhile has told of the same cause in other words.
      await this.attention.close(tx, { storeId, kind: 'credentials-refused', subjectId: 'shopify' });
      await this.attention.open(tx, {
        storeId,
        kind: 'shop-uninstalled',
        subjectId: storeId,
        message: `The app was uninstalled from ${shopDomain}. Work for Shopify waits. Install it again, put the new access token into the settings, and start again.`,
        details: { shop_domain: shopDomain },
      });
      await this.events.publish(tx, { type: 'store.uninstalled', storeId, aggregateId: storeId, payload: { shop_domain: shopDomain } });
      return true;
    });
    this.stores.forget();
    if (marked) this.logger.warn({ store_id: storeId, shop_domain: shopDomain }, 'the app was uninstalled from the shop; work for Shopify waits');
    return done;
  }
}
