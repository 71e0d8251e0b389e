import { Database } from '@forma3d/database';
import { CONFIG, type Config } from '@forma3d/platform';
import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { Attention } from '../attention';
import { Connections, type VersionDrift } from '../connections';
import { driftsOpen, wasDriftTold } from './api-version.repository';

const KIND = 'api-version-drift';

/**
 * Shopify answers in another version of its API than asked for when it has retired that one, and writes deliveries in the version of the
 * app's own configuration. Either is told once for a version and place; the item goes when the versions agree again.
 */
@Injectable()
export class ApiVersion implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly attention: Attention,
    @Inject(Connections) private readonly connections: Pick<Connections, 'onDrift'>,
    @Inject(CONFIG) private readonly config: { shopify: Pick<Config['shopify'], 'apiVersion'> },
  ) {}

  onModuleInit(): void {
    this.connections.onDrift((drift) => this.tell(drift));
  }

  /** Safe to call any number of times, from any number of processes. */
  async tell({ storeId, where, asked, spoken }: VersionDrift): Promise<void> {
    const subjectId = `${where} ${asked} ${spoken}`;
    await this.db.transaction('installation.version-drift', async (tx) => {
      if (await wasDriftTold(tx, storeId, KIND, subjectId)) return;
      await this.attention.open(tx, { storeId, kind: KIND, subjectId, message: inWords(where, asked, spoken), details: { where, asked, spoken } });
    });
  }

  /** Closes the items about a version that is not asked for any more, and about deliveries once they come in ours. */
  async closeCured(storeId: string): Promise<void> {
    const { apiVersion } = this.config.shopify;
    const open = await driftsOpen(this.db, storeId, KIND);
    const cured = open.filter(({ details, newest }) => details.asked !== apiVersion || (details.where === 'delivery' && newest === apiVersion));
    if (cured.length === 0) return;
    await this.db.transaction('installation.version-agrees', async (tx) => {
      for (const { subject_id: subjectId } of cured) await this.attention.close(tx, { storeId, kind: KIND, subjectId });
    });
  }
}

function inWords(where: VersionDrift['where'], asked: string, spoken: string): string {
  return where === 'answer'
    ? `Shopify answers in version ${spoken} of its API, where ${asked} was asked for: that one is retired. Please read what changed, and move SHOPIFY_API_VERSION on.`
    : `Shopify's deliveries are written in version ${spoken}, where ${asked} is asked for. Please set the webhook version in the app's own configuration to ${asked}.`;
}
