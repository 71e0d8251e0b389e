import { Inject, Injectable } from '@nestjs/common';
import { OutsideError, type OutsideGate, type OutsideSystem } from '@forma3d/kernel';
import { CONFIG, Logger, OUTSIDE_GATE, type Config } from '@forma3d/platform';
import { createShopifyClient, type ShopifyClient } from '@forma3d/shopify';
import { createSimplyPrintClient, type SimplyPrintClient } from '@forma3d/simplyprint';
import { Stores } from '../access';

/** The clients of each store, made when first asked for. All of them pass the shared gate. */
@Injectable()
export class Connections {
  private readonly shopifyClients = new Map<string, ShopifyClient>();
  private readonly simplyprintClients = new Map<string, SimplyPrintClient>();
  private readonly drifted = new Set<string>();

  constructor(
    private readonly stores: Stores,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OUTSIDE_GATE) private readonly gate: OutsideGate,
    private readonly logger: Logger,
  ) {}

  /** @throws OutsideError `refused` for a store that has no credentials (any more): its tasks wait */
  async shopify(storeId: string): Promise<ShopifyClient> {
    await this.mustBeConnected(storeId, 'shopify');
    const { shopDomain, accessToken, apiVersion, apiBaseUrl } = this.config.shopify;
    const client =
      this.shopifyClients.get(storeId) ??
      createShopifyClient({
        storeId,
        shopDomain,
        accessToken,
        apiVersion,
        apiBaseUrl,
        gate: this.gate,
        timeoutMs: this.config.outsideTimeoutMs,
        onVersionDrift: (drift) => {
          this.warnOfDrift(storeId, drift);
        },
      });
    this.shopifyClients.set(storeId, client);
    return client;
  }

  /** @throws OutsideError `refused` for a store that has no credentials (any more): its tasks wait */
  async simplyprint(storeId: string): Promise<SimplyPrintClient> {
    await this.mustBeConnected(storeId, 'simplyprint');
    const { apiBaseUrl, companyId, apiKey, auth } = this.config.simplyprint;
    const client =
      this.simplyprintClients.get(storeId) ??
      createSimplyPrintClient({
        storeId,
        baseUrl: apiBaseUrl,
        companyId,
        apiKey,
        auth,
        gate: this.gate,
        timeoutMs: this.config.outsideTimeoutMs,
      });
    this.simplyprintClients.set(storeId, client);
    return client;
  }

  /** What deliveries to a store are checked with; none for a store without credentials, so that nothing verifies. */
  async webhookSecrets(storeId: string): Promise<{ shopify: readonly string[]; simplyprint: readonly string[] }> {
    if (!(await this.isConnected(storeId))) return { shopify: [], simplyprint: [] };
    return { shopify: this.config.shopify.webhookSecrets, simplyprint: [this.config.simplyprint.webhookSecret] };
  }

  /** Whether the settings hold credentials for this store. */
  async isConnected(storeId: string): Promise<boolean> {
    return (await this.stores.get(storeId)).shopifyDomain === this.config.shopify.shopDomain;
  }

  private async mustBeConnected(storeId: string, system: OutsideSystem): Promise<void> {
    if (await this.isConnected(storeId)) return;
    throw new OutsideError({ system, failure: 'refused', operation: 'connect' }, `this store has no credentials for ${system}`);
  }

  private warnOfDrift(storeId: string, drift: { asked: string; answered: string }): void {
    const key = `${storeId} ${drift.asked} ${drift.answered}`;
    if (this.drifted.has(key)) return;
    this.drifted.add(key);
    this.logger.warn({ store_id: storeId, ...drift }, 'Shopify answers in another API version than asked: move SHOPIFY_API_VERSION on');
  }
}
