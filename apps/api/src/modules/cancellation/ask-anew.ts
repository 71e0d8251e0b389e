import type { Tx } from '@forma3d/database';
import type { Attention } from '../attention';
import type { OrderRow } from '../orders';
import { askShopify } from './shopify-cancellation.repository';

/**
 * Asks Shopify for a cancellation, for the first time or after it refused. What people were told of a refusal is answered by that: only an
 * item that is closed is opened, and told, when Shopify refuses again.
 */
export async function askAnew(tx: Tx, attention: Pick<Attention, 'close'>, order: OrderRow, reason: string, now: Date): Promise<void> {
  await askShopify(tx, order, reason, now);
  await attention.close(tx, { storeId: order.storeId, kind: 'shopify-cancel-refused', subjectId: order.id });
}
