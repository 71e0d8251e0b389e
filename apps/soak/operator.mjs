/** The person at the dashboard: retries what failed for good, and hands collected goods over. Uses the public API alone. */
import { Refused } from './calls.mjs';

/** Nothing here may fail a run: processes die under requests, and the next round asks again. */
async function quietly(work) {
  try {
    return await work();
  } catch (error) {
    // 409: somebody or something was faster. Everything else below 500 is a request that should never be made.
    if (error instanceof Refused && error.status < 500 && error.status !== 409) throw error;
    return null;
  }
}

/** Every row of a list, page by page. */
export async function listOf(product, path) {
  const rows = [];
  let cursor = null;
  do {
    const { data, pagination } = await product('GET', `${path}${path.includes('?') ? '&' : '?'}limit=100${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`);
    rows.push(...data);
    cursor = pagination.has_more ? pagination.next_cursor : null;
  } while (cursor !== null);
  return rows;
}

export class Operator {
  counts = { retriedPrints: 0, askedAgain: 0, handedOver: 0 };

  constructor(product) {
    this.product = product;
  }

  /** One look at everything that needs a person. */
  async round() {
    await quietly(() => this.answerAttention());
    await quietly(() => this.handOver());
  }

  async answerAttention() {
    for (const item of await listOf(this.product, 'attention')) {
      if (item.kind === 'print-failed') await this.count('retriedPrints', `print-jobs/${item.subject_id}/retry`);
      if (item.kind === 'fulfillment-failed') await this.count('askedAgain', `fulfillments/order/${item.order_id}`);
    }
  }

  /** Pickup orders that are made: the customer stands at the counter. */
  async handOver() {
    const ready = await listOf(this.product, 'orders?fulfilment_type=pickup&production_status=COMPLETED');
    for (const order of ready.filter((each) => each.fulfilled_at === null && each.production.units_wanted > 0)) {
      await this.count('handedOver', `fulfillments/order/${order.id}`);
    }
  }

  async count(what, path) {
    const answer = await quietly(() => this.product('POST', path));
    if (answer !== null) this.counts[what] += 1;
  }
}
