import { fromMinorUnits } from '@forma3d/kernel';

export interface MoneyV2 {
  __typename: 'MoneyV2';
  amount: string;
  currencyCode: string;
}

/** "20.0", "20.5", "20.55": GraphQL drops zeros at the end but keeps one decimal, unlike REST. */
export function decimal(cents: number, currency: string): string {
  const text = fromMinorUnits(cents, currency);
  return text.includes('.') ? text.replace(/(\.\d+?)0+$/, '$1') : `${text}.0`;
}

export const moneyV2 = (cents: number, currency: string): MoneyV2 => ({
  __typename: 'MoneyV2',
  amount: decimal(cents, currency),
  currencyCode: currency,
});

export const moneyBag = (cents: number, currency: string) => ({
  __typename: 'MoneyBag',
  shopMoney: moneyV2(cents, currency),
  presentmentMoney: moneyV2(cents, currency),
});
