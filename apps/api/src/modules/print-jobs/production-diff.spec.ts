import fc from 'fast-check';
import type { PrintJobStatus } from '@forma3d/contracts';
import { printsFor, productionDiff, type PlannedLine, type Slot } from './production-diff';

const part = (name: string, copies = 1, pieces = 1) => ({
  name, file_id: 'a'.repeat(32), file_name: null, copies_per_unit: copies, pieces_per_print: pieces, material: null, printer_group: null, tags: [],
});
const line = (wanted: number, parts: PlannedLine['recipe']['parts'], held = 0): PlannedLine => ({
  lineItemId: 'line', wanted, held, fulfilled: false, recipe: { mappingId: 'm', kind: parts.length > 0 ? 'parts' : 'none', parts },
});
const slots = (...statuses: PrintJobStatus[]): Slot[] =>
  statuses.map((status, index) => ({ id: `p${String(index)}`, lineItemId: 'line', partName: 'pot', status }));

describe('prints of a part', () => {
  it.each([
    [3, 1, 1, 3],
    [3, 1, 4, 1],
    [5, 1, 4, 2],
    [3, 4, 4, 3],
    [3, 2, 4, 2],
    [0, 2, 4, 0],
  ])('%d units of %d copies at %d a print are %d', (units, copies_per_unit, pieces_per_print, prints) => {
    expect(printsFor(units, { copies_per_unit, pieces_per_print })).toBe(prints);
  });

  it('are always enough and never one too many', () => {
    fc.assert(
      fc.property(fc.nat(500), fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 50 }), (units, copies_per_unit, pieces_per_print) => {
        const prints = printsFor(units, { copies_per_unit, pieces_per_print });
        return prints * pieces_per_print >= units * copies_per_unit && (prints - 1) * pieces_per_print < units * copies_per_unit;
      }),
    );
  });
});

describe('what to make', () => {
  it('is one addition a part, and three of a product of two parts are three of each or as many as the yield needs', () => {
    const diff = productionDiff([line(3, [part('pot'), part('foot', 4, 4)])], []);
    expect(diff.add.map(({ part: { name }, amount }) => [name, amount])).toEqual([['pot', 3], ['foot', 3]]);
    expect(productionDiff([line(3, [part('lid', 1, 4)])], []).add[0]?.amount).toBe(1);
    expect(diff.printsWanted).toBe(6);
  });

  it('is nothing for a line that needs no production', () => {
    expect(productionDiff([line(3, [])], [])).toEqual({ add: [], withdraw: [], printsWanted: 0 });
  });

  it('is only the difference when more is wanted, counting what has failed as there', () => {
    expect(productionDiff([line(4, [part('pot')])], slots('COMPLETED', 'FAILED')).add[0]?.amount).toBe(2);
  });

  it('leaves held units for later, but counts them as wanted', () => {
    const diff = productionDiff([line(3, [part('pot')], 2)], []);
    expect(diff.add[0]?.amount).toBe(1);
    expect(diff.printsWanted).toBe(3);
    expect(productionDiff([line(3, [part('pot')], 3)], slots('QUEUED'))).toMatchObject({ add: [], withdraw: [] });
  });

  it('is nothing more for a line that is fulfilled already, and what is there stays', () => {
    const fulfilled = { ...line(3, [part('pot')]), fulfilled: true };
    expect(productionDiff([fulfilled], [])).toEqual({ add: [], withdraw: [], printsWanted: 0 });
    expect(productionDiff([fulfilled], slots('COMPLETED', 'QUEUED'))).toEqual({ add: [], withdraw: [], printsWanted: 2 });
  });

  it('is the same after it was done', () => {
    fc.assert(
      fc.property(fc.nat(20), fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 5 }), (units, copies, pieces) => {
        const lines = [line(units, [part('pot', copies, pieces)])];
        const made = slots(...Array.from({ length: productionDiff(lines, []).add[0]?.amount ?? 0 }, () => 'PENDING' as const));
        const again = productionDiff(lines, made);
        return again.add.length === 0 && again.withdraw.length === 0;
      }),
    );
  });
});

describe('what to withdraw', () => {
  it('is the surplus alone: what failed first, what is done last', () => {
    const there = slots('COMPLETED', 'PRINTING', 'QUEUED', 'PENDING', 'FAILED');
    const gone = (wanted: number) => productionDiff([line(wanted, [part('pot')])], there).withdraw.map((slot) => slot.status);
    expect(gone(5)).toEqual([]);
    expect(gone(4)).toEqual(['FAILED']);
    expect(gone(2)).toEqual(['FAILED', 'PENDING', 'QUEUED']);
    expect(gone(0)).toEqual(['FAILED', 'PENDING', 'QUEUED', 'PRINTING', 'COMPLETED']);
  });

  it('among equals is the newest', () => {
    expect(productionDiff([line(1, [part('pot')])], slots('QUEUED', 'QUEUED')).withdraw.map((slot) => slot.id)).toEqual(['p1']);
  });
});
