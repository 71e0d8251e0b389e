import { ALERTS, type AlertKind } from '@forma3d/contracts';
import type { AlertBatch, ToldEvent } from './alerts.repository';
import { alertOf, type Alert } from './alerts';

/** So many alerts of a batch are told one by one; the others by their number. */
export const TOLD_ONE_BY_ONE = 20;

/** One alert, ready to be told. */
export interface ToldAlert {
  eventId: string;
  occurredAt: Date;
  /** `2 November 2026 at 10:00:05 CET`, in the store's time zone. */
  time: string;
  orderId: string | null;
  orderName: string | null;
  message: string;
  details: Alert['details'];
  /** Where people look at it. */
  link: string;
}

/** What every channel tells, each in its own form. */
export interface ToldBatch {
  id: string;
  storeId: string;
  /** What the store is called: who is told may look after several. */
  store: string;
  kind: AlertKind;
  /** The headline, with the number of alerts where there are several. */
  headline: string;
  type: string;
  serious: boolean;
  message: string;
  count: number;
  /** From when to when they came; in words. */
  from: string;
  to: string;
  alerts: ToldAlert[];
  /** Alerts that are not told one by one. */
  more: number;
  /** The dashboard, for what is not told one by one. */
  link: string;
}

/** @param appUrl where people reach the dashboard, without a slash at the end */
export function toldBatch(batch: AlertBatch, appUrl: string): ToldBatch {
  const { type, serious, message } = ALERTS[batch.kind];
  const alerts = batch.events.flatMap((event) => toldAlert(event, batch.timeZone, appUrl));
  const { count } = batch;
  return {
    id: batch.id,
    storeId: batch.storeId,
    store: batch.store,
    kind: batch.kind,
    headline: count === 1 ? type : `${type} (${String(count)} alerts)`,
    type,
    serious,
    message,
    count,
    from: inWords(batch.firstAt, batch.timeZone),
    to: inWords(batch.lastAt, batch.timeZone),
    alerts,
    more: count - alerts.length,
    link: `${appUrl}/app`,
  };
}

function toldAlert(event: ToldEvent, timeZone: string, appUrl: string): ToldAlert[] {
  const alert = alertOf(event);
  if (!alert) return [];
  return [
    {
      eventId: event.id,
      occurredAt: event.occurred_at,
      time: inWords(event.occurred_at, timeZone),
      orderId: event.order_id,
      orderName: event.order_name,
      message: alert.message,
      details: alert.details,
      link: event.order_id === null ? `${appUrl}/app` : `${appUrl}/app/orders/${event.order_id}`,
    },
  ];
}

/** An alert in one line, without its time and order: what sets it apart from the others of its kind. */
export function inOneLine(alert: Pick<ToldAlert, 'details' | 'message'>): string {
  return alert.details.length === 0 ? alert.message : alert.details.map(({ label, value }) => `${label}: ${value}`).join(', ');
}

export function inWords(time: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone,
    timeZoneName: 'short',
  }).format(time);
}
