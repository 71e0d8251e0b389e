import { Database } from '@forma3d/database';
import { OutsideError, type Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, Logger, type Config } from '@forma3d/platform';
import type { ShopifyClient } from '@forma3d/shopify';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Stores } from '../access';
import { Connections } from '../connections';
import { ApiVersion } from './api-version';
import { Reinstalled } from './reinstalled';
import { subscribedTopics } from './subscribed-topics';
import { noteSubscriptions, type SeenSubscription, type SubscribedSystem } from './subscriptions.repository';

/**
 * Checks, and re-creates, what must be set up outside for us to hear of anything: Shopify's webhook subscriptions (which
 * Shopify deletes after failed deliveries), SimplyPrint's webhook and the custom field of our markers. Takes over the shop's
 * name, time zone and currency on the way, and notices when an uninstalled app is installed again.
 */
@Injectable()
@Handles('WEBHOOK_SUBSCRIPTIONS')
export class WebhookSubscriptions implements TaskHandler<'WEBHOOK_SUBSCRIPTIONS'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    @Inject(Connections) private readonly connections: Pick<Connections, 'isConnected' | 'shopifyUnasked' | 'simplyprint'>,
    @Inject(Stores) private readonly stores: Pick<Stores, 'get' | 'describe'>,
    @Inject(Reinstalled) private readonly reinstalled: Pick<Reinstalled, 'letIn'>,
    @Inject(ApiVersion) private readonly apiVersion: Pick<ApiVersion, 'closeCured'>,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly logger: Pick<Logger, 'log' | 'warn'>,
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
    await this.apiVersion.closeCured(storeId);
    const shopify = await this.connections.shopifyUnasked(storeId);
    try {
      await this.stores.describe(storeId, await shopify.getShop(signal));
    } catch (error) {
      if (!(await this.isStillUninstalled(storeId, error))) throw error;
      this.logger.warn({ store_id: storeId }, 'the app is still not installed in the shop; it is looked again at the next start and daily');
      return;
    }
    await this.reinstalled.letIn(storeId);
    if (!this.config.appUrl.startsWith('https://') && !this.config.sandbox.has('shopify')) {
      this.logger.warn({ store_id: storeId }, 'Shopify delivers to https addresses only: APP_URL is none, so orders are found by the catch-up sweep alone');
      return;
    }
    const url = `${this.config.appUrl}/webhooks/shopify`;
    const { seen, refusals } = await this.subscribe(shopify, storeId, url, signal);
    await this.note(storeId, 'shopify', url, seen);
    // One that trying again may help goes first: the other would end the task.
    if (refusals.length > 0) throw refusals.find((each) => !isPermanent(each)) ?? refusals[0];
  }

  /** Asked, and answered with a refusal: one that the gate gave without asking says nothing yet. */
  private async isStillUninstalled(storeId: string, error: unknown): Promise<boolean> {
    const refused = error instanceof OutsideError && error.failure === 'refused' && error.httpStatus !== undefined;
    return refused && (await this.stores.get(storeId)).uninstalledAt !== null;
  }

  /**
   * Looks, makes what is missing, and answers all that deliver to us, with what was refused: a topic that the app may not hear of keeps no
   * other from being heard. Those that deliver elsewhere are left alone.
   */
  private async subscribe(shopify: ShopifyClient, storeId: string, url: string, signal: AbortSignal): Promise<{ seen: SeenSubscription[]; refusals: unknown[] }> {
    const seen = await this.present(shopify, url, signal);
    const refusals: unknown[] = [];
    for (const topic of subscribedTopics.filter((each) => !seen.has(each))) {
      signal.throwIfAborted();
      try {
        seen.set(topic, await this.create(shopify, topic, url, signal));
        this.logger.log({ store_id: storeId, topic }, 'subscribed to a Shopify webhook that was missing');
      } catch (error) {
        this.logger.warn({ store_id: storeId, topic, err: error }, 'Shopify made no subscription to a webhook that is missing');
        refusals.push(error);
      }
    }
    return { seen: [...seen].map(([topic, outsideId]) => ({ topic, outsideId })), refusals };
  }

  private async create(shopify: ShopifyClient, topic: string, url: string, signal: AbortSignal): Promise<string> {
    try {
      return (await shopify.createWebhookSubscription(topic, url, signal)).id;
    } catch (error) {
      // Refused, perhaps because another process of ours made it just now: Shopify keeps one for a topic and an address.
      if (!isPermanent(error)) throw error;
      const made = (await this.present(shopify, url, signal)).get(topic);
      if (made === undefined) throw error;
      return made;
    }
  }

  private async present(shopify: ShopifyClient, url: string, signal: AbortSignal): Promise<Map<string, string>> {
    const wanted: readonly string[] = subscribedTopics;
    const all = await shopify.listWebhookSubscriptions(signal);
    return new Map(all.filter((each) => each.url === url && wanted.includes(each.topic)).map((each) => [each.topic, each.id]));
  }

  private async checkSimplyPrint(storeId: string, signal: AbortSignal): Promise<void> {
    const simplyprint = await this.connections.simplyprint(storeId);
    if (!(await simplyprint.ensureMarkerField(signal))) {
      this.logger.warn({ store_id: storeId }, 'SimplyPrint made no custom field for our markers: a lost answer is resolved by file and amount');
    }
    const url = `${this.config.appUrl}/webhooks/simplyprint`;
    const outsideId = await simplyprint.ensureWebhook(url, this.config.simplyprint.webhookSecret, signal);
    await this.note(storeId, 'simplyprint', url, [{ topic: 'all', outsideId }]);
  }

  /** What was lost is told, and what Shopify did not tell of meanwhile is asked for. */
  private async note(storeId: string, system: SubscribedSystem, url: string, present: readonly SeenSubscription[]): Promise<void> {
    const lost = await this.db.transaction('installation.subscriptions', async (tx) => {
      const topics = await noteSubscriptions(tx, storeId, system, url, present, this.clock.now());
      if (topics.length > 0) await this.events.publish(tx, { type: 'webhook-subscription.lost', storeId, aggregateId: storeId, payload: { system, topics } });
      return topics;
    });
    if (lost.length > 0) this.logger.warn({ store_id: storeId, system, topics: lost }, 'webhook subscriptions were gone, and were made again');
  }
}

function isPermanent(error: unknown): boolean {
  return error instanceof OutsideError && error.failure === 'permanent';
}
