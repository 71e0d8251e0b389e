import { createHmac } from 'node:crypto';
import type { ToldBatch } from './told-batch';

/** What a program is told of a batch. */
export function webhookBody(batch: ToldBatch): string {
  return JSON.stringify({
    id: batch.id,
    kind: batch.kind,
    type: batch.type,
    serious: batch.serious,
    message: batch.message,
    store_id: batch.storeId,
    store_name: batch.store,
    count: batch.count,
    alerts: batch.alerts.map((alert) => ({
      event_id: alert.eventId,
      occurred_at: alert.occurredAt.toISOString(),
      order_id: alert.orderId,
      order_name: alert.orderName,
      message: alert.message,
      details: Object.fromEntries(alert.details.map(({ label, value }) => [label, value])),
      url: alert.link,
    })),
    /** Alerts beyond those listed. */
    more: batch.more,
  });
}

/**
 * Headers by which a receiver knows that a request is ours, new, and not one it had before: those of standardwebhooks.com. The
 * signature is HMAC-SHA256 over `id.timestamp.body`, in base64 after `v1,`; the id stays the same when a request is repeated.
 *
 * @param secret its bytes in UTF-8, or in base64 after `whsec_`
 */
export function signatureHeaders(id: string, at: Date, body: string, secret: string): Record<string, string> {
  const timestamp = String(Math.floor(at.getTime() / 1_000));
  const key = secret.startsWith('whsec_') ? Buffer.from(secret.slice('whsec_'.length), 'base64') : Buffer.from(secret, 'utf8');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': `v1,${signature}` };
}
