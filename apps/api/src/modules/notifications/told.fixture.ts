import { newId } from '@forma3d/kernel';
import type { AlertBatch } from './alerts.repository';
import { toldBatch, type ToldBatch } from './told-batch';

export const APP_URL = 'https://connect.example';
export const FIRST_AT = new Date('2026-11-02T09:00:05Z');

/** Fulfillments that failed, one a second, as channels are given them. Reasons and names are as nasty as outside systems may be. */
export function toldFailures(count: number, shown = Math.min(count, 20)): ToldBatch {
  const order = (index: number): string => `019a5f0e-7a00-7000-8000-${String(index).padStart(12, '0')}`;
  const batch: AlertBatch = {
    id: '019a5f0e-0000-7000-8000-00000000ba7c',
    storeId: '019a5f0e-0000-7000-8000-0000000057e0',
    store: 'Pots & *Pans*',
    kind: 'fulfillment-failed',
    timeZone: 'Europe/Brussels',
    count,
    orders: count,
    firstAt: FIRST_AT,
    lastAt: new Date(FIRST_AT.getTime() + (count - 1) * 1_000),
    events: Array.from({ length: shown }, (_, index) => ({
      id: newId(),
      type: 'fulfillment.failed',
      occurred_at: new Date(FIRST_AT.getTime() + index * 1_000),
      store_id: '019a5f0e-0000-7000-8000-0000000057e0',
      order_id: order(index + 2),
      order_name: `#${String(1_001 + index)} "<b>"`,
      payload: { order_id: order(index + 2), fulfillment_id: null, reason: 'a & b <img src=x onerror=y> <!channel> @everyone', will_retry: false },
    })),
  };
  return toldBatch(batch, APP_URL);
}
