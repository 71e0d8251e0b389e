/** Decimal places of a currency's minor unit: 2 for EUR, 0 for JPY, 3 for KWD (ISO 4217, as the runtime's ICU knows). */
export function minorUnitDigits(currency: string): number {
  let digits = digitsByCurrency.get(currency);
  if (digits === undefined) {
    digits = new Intl.NumberFormat('en', { style: 'currency', currency }).resolvedOptions().maximumFractionDigits ?? 2;
    digitsByCurrency.set(currency, digits);
  }
  return digits;
}

/** Making a formatter takes some ten microseconds, and every amount of every order asks. Currencies are few: three letters or an error. */
const digitsByCurrency = new Map<string, number>();

const AMOUNT = /^(-?)(\d+)(?:\.(\d+))?$/;

/**
 * A decimal amount as outside systems write it ("20.00", "20.0", "-3") in integer minor units, exactly: no floating
 * point on the way. Digits beyond the minor unit are rounded half up (away from zero).
 *
 * @throws RangeError when the text is no amount or exceeds safe integers
 */
export function toMinorUnits(amount: string, currency: string): number {
  const match = AMOUNT.exec(amount.trim());
  if (!match) throw new RangeError('not a decimal amount');
  const digits = minorUnitDigits(currency);
  const fraction = (match[3] ?? '').padEnd(digits + 1, '0');
  const kept = fraction.slice(0, digits);
  const roundUp = Number(fraction[digits]) >= 5 ? 1 : 0;
  const value = Number(`${match[2]}${kept}`) + roundUp;
  if (!Number.isSafeInteger(value)) throw new RangeError('amount too large');
  return match[1] === '-' && value !== 0 ? -value : value;
}

/** Minor units as the decimal text that outside systems read: 2000 EUR → "20.00", 2000 JPY → "2000". */
export function fromMinorUnits(minor: number, currency: string): string {
  const digits = minorUnitDigits(currency);
  const sign = minor < 0 ? '-' : '';
  const text = String(Math.abs(minor)).padStart(digits + 1, '0');
  return digits === 0 ? `${sign}${text}` : `${sign}${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
