import { Inject, Injectable } from '@nestjs/common';
import { CONFIG, Handles, Logger, type Config } from '@forma3d/platform';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Stores } from '../access';
import { Connections } from './connections';
import { subscribedTopics } from './subscribed-topics';

/**
 * Checks, and re-creates, what must be set up outside for us to hear of anything: Shopify's webhook subscriptions (which
 * Shopify deletes after failed deliveries), SimplyPrint's webhook and the custom field of our markers. Takes over the shop's
 * name, time zone and currency on the way.
 */
@Injectable()
@Handles('WEBHOOK_SUBSCRIPTIONS')
export class WebhookSubscriptions implements TaskHandler<'WEBHOOK_SUBSCRIPTIONS'> {
  constructor(
    private readonly connections: Connections,
    private readonly stores: Stores,
    @Inject(CONFIG) private readonly config: Config,
    private readonly logger: Logger,
  ) {}

  async handle(task: Task<'WEBHOOK_SUBSCRIPTIONS'>, signal: AbortSignal): Promise<Outcome> {
    if (!(await this.connections.isConnected(task.storeId))) return done;
    // One side's trouble must not keep the other side deaf.
    const sides = await Promise.allSettled([this.checkShopify(task.storeId, signal), this.checkSimplyPrint(task.storeId, signal)]);
    const failed = sides.find((side) => side.status === 'rejected');
    if (failed) throw failed.reason;
    return done;
  }

  private async checkShopify(storeId: string, signal: AbortSignal): Promise<void> {
    const shopify = await this.connections.shopify(storeId);
    const shop = await shopify.getShop(signal);
    await this.stores.describe(storeId, shop);
    if (!this.config.appUrl.startsWith('https://') && !this.config.sandbox.has('shopify')) {
      this.logger.warn({ store_id: storeId }, 'Shopify delivers to https addresses only: APP_URL is none, so orders are found by the catch-up sweep alone');
      return;
    }
    const url = `${this.config.appUrl}/webhooks/shopify`;
    const present = await shopify.listWebhookSubscriptions(signal);
    const ours = new Set(present.filter((each) => each.url === url).map((each) => each.topic));
    for (const topic of subscribedTopics.filter((each) => !ours.has(each))) {
      await shopify.createWebhookSubscription(topic, url, signal);
      this.logger.log({ store_id: storeId, topic }, 'subscribed to a Shopify webhook that was missing');
    }
  }

  private async checkSimplyPrint(storeId: string, signal: AbortSignal): Promise<void> {
    const simplyprint = await this.connections.simplyprint(storeId);
    if (!(await simplyprint.ensureMarkerField(signal))) {
      this.logger.warn({ store_id: storeId }, 'SimplyPrint made no custom field for our markers: a lost answer is resolved by file and amount');
    }
    await simplyprint.ensureWebhook(`${this.config.appUrl}/webhooks/simplyprint`, this.config.simplyprint.webhookSecret, signal);
  }
}
