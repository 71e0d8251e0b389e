import { Writable } from 'node:stream';
import { readConfig } from '@forma3d/platform';
// Tests alone may: no app imports another.
import { createApp } from '../../api/src/app';
import { FULFILLMENT_SETTINGS } from '../../api/src/modules/fulfillment/fulfillment-settings';
import { Product, type ProductOptions, type RunningApi } from '../../api/src/journey/product.setup';
import { CANARY } from './hostile-json.setup';
import { Finding } from './search.setup';

export const TOKEN = 'journey-admin-token-0123456789';
/** What the settings hold and nobody may be told. */
export const SECRETS = { never: [TOKEN, 'journey-shopify-secret', 'shpat_journey', 'journey-key', 'journey-secret'] };

/** An API in this process whose tasks may rest, so that nothing is written but what requests write. */
export class QuietApi {
  port = 0;
  runTasks = true;
  readonly logs: string[] = [];

  readonly options: ProductOptions = { startApi: (settings) => this.start(settings), sandbox: { webhookRetryDelaysMs: [50] } };

  private async start(settings: Record<string, string>): Promise<RunningApi> {
    const config = readConfig({ ...settings, LOG_LEVEL: 'info' });
    const logTo = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        this.logs.push(chunk.toString());
        callback();
      },
    });
    const app = await createApp(config, { logTo, runTasks: this.runTasks });
    // Where tasks rest, a request that waits for one would wait in vain.
    if (!this.runTasks) Object.assign(app.get<object>(FULFILLMENT_SETTINGS), { answerMs: 5 });
    await app.listen(config.port, config.host);
    this.port = config.port;
    return app;
  }

  /** What was logged since it was last asked; a secret, a value of a body or an unexpected error in it is a finding. */
  judgeLogs(): void {
    for (const line of this.logs.splice(0)) {
      if (line.includes(CANARY)) throw new Finding('the log repeats a body', line.slice(0, 600));
      for (const secret of SECRETS.never) if (line.includes(secret)) throw new Finding('the log repeats a secret', line.slice(0, 600));
      if (/"level":"(error|fatal)"/.test(line)) throw new Finding('an unexpected error', line.slice(0, 1_500));
    }
  }
}

/** Starts it, lets orders travel so that there is something of every kind, and then lets the tasks rest. */
export async function quietProduct(url: string): Promise<{ product: Product; api: QuietApi; ids: string[] }> {
  const api = new QuietApi();
  const product = await Product.start(url, api.options);
  await product.map('PLANTER', { pot: {}, foot: { copies: 4, pieces: 4 } });
  const fulfilled = await product.order([{ sku: 'PLANTER', quantity: 2 }]);
  await product.ours(fulfilled);
  await product.order([{ sku: 'NEVER-SEEN', quantity: 1 }], { customer: null, shipping_address: null });
  await product.order([{ sku: 'PLANTER', quantity: 1 }], { paid: false });
  await product.fulfilled(fulfilled);
  await product.settled();
  await product.stopApi();
  api.runTasks = false;
  await product.startApi();
  const { rows } = await product.db.pool.query<{ id: string }>(
    `SELECT id::text FROM orders UNION ALL SELECT id::text FROM product_mapping UNION ALL SELECT id::text FROM fulfillment UNION ALL (SELECT id::text FROM print_job LIMIT 3)
     UNION ALL SELECT id::text FROM attention UNION ALL SELECT shopify_id FROM orders`,
  );
  api.logs.length = 0;
  return { product, api, ids: rows.map((row) => row.id) };
}
