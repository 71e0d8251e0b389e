import type { PrintJobStatus } from '@forma3d/contracts';
import type { Recipe } from '../product-mappings';

/** Prints of a part for a number of sold units: ceil(units × copies per unit ÷ pieces per print). */
export function printsFor(units: number, part: { copies_per_unit: number; pieces_per_print: number }): number {
  return Math.ceil((units * part.copies_per_unit) / part.pieces_per_print);
}

/** A wanted print of a line: the latest of its chain of reprints. */
export interface Slot {
  id: string;
  lineItemId: string;
  partName: string;
  status: PrintJobStatus;
}

/** A planned line: how many units are ours to make, how many of these may not start yet, and how they are made. */
export interface PlannedLine {
  lineItemId: string;
  wanted: number;
  held: number;
  /** Everything of it is fulfilled, by whomever: nothing more is started for it. */
  fulfilled: boolean;
  recipe: Recipe;
}

export interface ProductionDiff {
  /** New prints, one queue item each. */
  add: { lineItemId: string; part: Recipe['parts'][number]; amount: number }[];
  /** Slots that are no longer wanted. */
  withdraw: Slot[];
  /** Prints wanted in all, also those that may not start yet. */
  printsWanted: number;
}

/** Which of too many go first: what costs nothing to lose, then what is furthest from done. */
const WITHDRAWAL_ORDER: readonly PrintJobStatus[] = [
  'FAILED',
  'CANCELLED',
  'PENDING',
  'QUEUED',
  'ASSIGNED',
  'PRINTING',
  'COMPLETED',
];

/** Compares the prints that there are with the prints that there should be. */
export function productionDiff(lines: readonly PlannedLine[], slots: readonly Slot[]): ProductionDiff {
  const diff: ProductionDiff = { add: [], withdraw: [], printsWanted: 0 };
  for (const line of lines) {
    for (const part of line.recipe.parts) {
      const there = slots.filter((slot) => slot.lineItemId === line.lineItemId && slot.partName === part.name);
      const needed = printsFor(line.wanted, part);
      const wanted = line.fulfilled ? Math.min(needed, there.length) : needed;
      const startable = Math.min(wanted, printsFor(Math.max(0, line.wanted - line.held), part));
      diff.printsWanted += wanted;
      if (there.length < startable) {
        diff.add.push({ lineItemId: line.lineItemId, part, amount: startable - there.length });
      } else if (there.length > wanted) {
        const rank = (slot: Slot): number => WITHDRAWAL_ORDER.indexOf(slot.status);
        const worstFirst = [...there].sort((a, b) => rank(a) - rank(b) || (a.id < b.id ? 1 : -1));
        diff.withdraw.push(...worstFirst.slice(0, there.length - wanted));
      }
    }
  }
  return diff;
}
