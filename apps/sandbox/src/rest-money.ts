import { fromMinorUnits } from '@forma3d/kernel';

export interface RestMoneySet {
  shop_money: { amount: string; currency_code: string };
  presentment_money: { amount: string; currency_code: string };
}

/** "20.00": REST bodies write all minor digits. */
export const restMoney = (cents: number, currency: string): string => fromMinorUnits(cents, currency);

/** The sandbox sells in one currency, so that presentment money equals shop money. */
export function restMoneySet(cents: number, currency: string): RestMoneySet {
  const money = { amount: restMoney(cents, currency), currency_code: currency };
  return { shop_money: money, presentment_money: { ...money } };
}

const OFFSET = new Intl.DateTimeFormat('en', { timeZone: 'Europe/Brussels', timeZoneName: 'longOffset', year: 'numeric' });

/** The shop's time zone. */
export const SHOP_TIME_ZONE = 'Europe/Brussels';

/** "2026-11-02T10:00:00+01:00": REST bodies write times in the shop's own zone. */
export function restTime(iso: string): string;
export function restTime(iso: string | null): string | null;
export function restTime(iso: string | null): string | null {
  if (iso === null) return null;
  const at = new Date(iso);
  const name = OFFSET.formatToParts(at).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT';
  const [, sign = '+', hours = '00', minutes = '00'] = /GMT([+-])(\d\d):(\d\d)/.exec(name) ?? [];
  const shift = (Number(hours) * 60 + Number(minutes)) * (sign === '-' ? -1 : 1);
  const local = new Date(at.getTime() + shift * 60_000);
  return `${local.toISOString().slice(0, 19)}${sign}${hours}:${minutes}`;
}
