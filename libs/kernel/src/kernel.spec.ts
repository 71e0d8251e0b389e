import fc from 'fast-check';
import { backoffMs, canMove, DomainError, fromMinorUnits, minorUnitDigits, newId, newPublicId, OutsideError, openGate, reachableFrom, sourcesOf, systemClock, toMinorUnits, unreachable } from './index';

describe('ids', () => {
  it('sort by the time they were made and say version 7', () => {
    const older = newId(1_000_000_000_000);
    const newer = newId(1_000_000_000_001);
    expect(older < newer).toBe(true);
    expect(older).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('of orders in public are readable and hold 60 bits', () => {
    const ids = new Set(Array.from({ length: 1000 }, () => newPublicId()));
    expect(ids.size).toBe(1000);
    for (const id of ids) expect(id).toMatch(/^F3-[0-9A-HJKMNP-TV-Z]{12}$/);
  });
});

describe('backoff curve with cap and jitter bounds', () => {
  it('doubles from one second up to one hour', () => {
    expect([1, 2, 3, 4, 12, 13, 20].map((k) => backoffMs(k, 0.5))).toEqual([
      1_000, 2_000, 4_000, 8_000, 2_048_000, 3_600_000, 3_600_000,
    ]);
  });

  it('stays within ten per cent of it', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.double({ min: 0, max: 0.999999, noNaN: true }), (k, random) => {
        const base = Math.min(1_000 * 2 ** (k - 1), 3_600_000);
        const ms = backoffMs(k, random);
        return ms >= base * 0.9 - 1 && ms <= base * 1.1 + 1;
      }),
    );
  });

  it('lets twenty attempts last over seven hours', () => {
    const total = Array.from({ length: 19 }, (_, index) => backoffMs(index + 1, 0)).reduce((sum, ms) => sum + ms, 0);
    expect(total).toBeGreaterThan(7 * 3_600_000);
  });
});

describe('money', () => {
  it.each([
    ['20.00', 'EUR', 2000],
    ['20.0', 'EUR', 2000],
    ['20', 'EUR', 2000],
    ['0.005', 'EUR', 1],
    ['-3.1', 'EUR', -310],
    ['-0.001', 'EUR', 0],
    ['2000', 'JPY', 2000],
    ['2000.0', 'JPY', 2000],
    ['1.2345', 'KWD', 1235],
    ['90071992547409.91', 'EUR', 9_007_199_254_740_991],
  ])('reads %s %s as %d minor units', (amount, currency, minor) => {
    expect(toMinorUnits(amount, currency)).toBe(minor);
  });

  it.each(['', 'abc', '1,5', '1.2.3', '1e3', '90071992547409.92'])('refuses %j', (amount) => {
    expect(() => toMinorUnits(amount, 'EUR')).toThrow(RangeError);
  });

  it('writes what it read', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.constantFrom('EUR', 'JPY', 'KWD'), (minor, currency) => {
        expect(toMinorUnits(fromMinorUnits(minor, currency), currency)).toBe(minor);
      }),
    );
    expect(minorUnitDigits('JPY')).toBe(0);
  });
});

describe('state tables', () => {
  const table = { open: ['done', 'lost'], done: [], lost: ['open'] } as const;

  it('tell which moves are allowed, from where, and what can be reached', () => {
    expect(canMove(table, 'open', 'done')).toBe(true);
    expect(canMove(table, 'done', 'open')).toBe(false);
    expect(sourcesOf(table, 'open')).toEqual(['lost']);
    expect(reachableFrom(table, 'lost')).toEqual(new Set(['lost', 'open', 'done']));
    expect(reachableFrom(table, 'done')).toEqual(new Set(['done']));
  });

  it('have no case beyond the named ones', () => {
    expect(() => unreachable('other' as never)).toThrow('other');
  });
});

describe('errors', () => {
  it('carry their facts, and nothing else', () => {
    const refusal = new DomainError('conflict', 'No.', { status: 'pending' });
    expect(refusal).toMatchObject({ name: 'DomainError', code: 'conflict', details: { status: 'pending' } });
    const outside = new OutsideError({ system: 'shopify', failure: 'throttled', operation: 'orders', retryAfterMs: 5 }, 'slow down');
    expect(outside).toMatchObject({ name: 'OutsideError', failure: 'throttled', retryAfterMs: 5, userErrors: [] });
  });
});

it('an open gate lets every call through', async () => {
  const pay = await openGate.enter({ storeId: 's', system: 'smtp', operation: 'send', timeoutMs: 1, cost: 1 });
  await expect(pay({})).resolves.toBeUndefined();
  expect(systemClock.now()).toBeInstanceOf(Date);
});
