import { Inject, Injectable } from '@nestjs/common';
import { OutsideError, type OutsideGate, type OutsideSystem } from '@forma3d/kernel';
import { CONFIG, Logger, OUTSIDE_GATE, type Config } from '@forma3d/platform';
import { createShopifyClient, type ShopifyClient } from '@forma3d/shopify';
import { createSimplyPrintClient, type SimplyPrintClient } from '@forma3d/simplyprint';
import { Stores } from '../access';

/** Shopify spoke in another version of its API than the one asked for. */
export interface VersionDrift {
  storeId: string;
  /** In an answer of the Admin API, or in a delivery, whose version is set in the app's own configuration. */
  where: 'answer' | 'delivery';
  asked: string;
  spoken: string;
}

/** How long work waits, at the longest, to look again whether the app is installed; a new installation wakes it at once. */
const UNINSTALLED_WAIT_MS = 3_600_000;

/** The clients of each store, made when first asked for. All of them pass the shared gate. */
@Injectable()
export class Connections {
  private readonly shopifyClients = new Map<string, ShopifyClient>();
  private readonly simplyprintClients = new Map<string, SimplyPrintClient>();
  private readonly drifted = new Set<string>();
  private readonly driftListeners: ((drift: VersionDrift) => Promise<void>)[] = [];

  constructor(
    private readonly stores: Stores,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(OUTSIDE_GATE) private readonly gate: OutsideGate,
    private readonly logger: Logger,
  ) {}

  /** @throws OutsideError `refused` for a store without credentials, and for one that has uninstalled the app: its tasks wait */
  async shopify(storeId: string): Promise<ShopifyClient> {
    const { uninstalledAt } = await this.stores.get(storeId);
    if (uninstalledAt !== null) {
      throw new OutsideError(
        { system: 'shopify', failure: 'refused', operation: 'connect', retryAfterMs: UNINSTALLED_WAIT_MS },
        'the app was uninstalled from this shop: its work waits until the app is installed again',
      );
    }
    return this.shopifyUnasked(storeId);
  }

  /**
   * The client also of a store that has uninstalled the app, to find out whether it is installed again.
   *
   * @throws OutsideError `refused` for a store that has no credentials (any more)
   */
  async shopifyUnasked(storeId: string): Promise<ShopifyClient> {
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
        onVersionDrift: ({ asked, answered }) => {
          this.noteDrift({ storeId, where: 'answer', asked, spoken: answered });
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

  /** `fn` hears of each drift once, at least, of each process; what it throws is logged, and it hears of it again. */
  onDrift(fn: (drift: VersionDrift) => Promise<void>): void {
    this.driftListeners.push(fn);
  }

  /** Compares the version that a delivery was written in with the one in use. In the way of every delivery: costs next to nothing, waits for nothing. */
  sawDelivery(storeId: string, version: string | null): void {
    const { apiVersion: asked } = this.config.shopify;
    if (version !== null && version !== asked && VERSION.test(version)) this.noteDrift({ storeId, where: 'delivery', asked, spoken: version });
  }

  private noteDrift(drift: VersionDrift): void {
    const key = Object.values(drift).join(' ');
    if (this.drifted.has(key)) return;
    this.drifted.add(key);
    this.logger.warn({ store_id: drift.storeId, where: drift.where, asked: drift.asked, answered: drift.spoken }, 'Shopify speaks another API version than asked for: move SHOPIFY_API_VERSION on');
    Promise.all(this.driftListeners.map((tell) => tell(drift))).catch((error: unknown) => {
      this.drifted.delete(key);
      this.logger.warn({ err: error, store_id: drift.storeId }, 'nobody could be told that Shopify speaks another API version');
    });
  }
}

/** As Shopify names them. The header is no part of what is signed: anything may stand there. */
const VERSION = /^(\d{4}-\d{2}|unstable)$/;
