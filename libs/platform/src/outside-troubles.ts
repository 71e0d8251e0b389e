import { Injectable } from '@nestjs/common';
import type { Tx } from '@forma3d/database';
import type { OutsideSystem } from '@forma3d/kernel';

/** An outside system began, or ceased, to refuse the credentials of a store. */
export interface OutsideTrouble {
  storeId: string;
  system: OutsideSystem;
  refused: boolean;
}

/** Where modules above the gate hear of refused credentials, in the transaction that notes the change. */
@Injectable()
export class OutsideTroubles {
  private readonly listeners: ((tx: Tx, trouble: OutsideTrouble) => Promise<void>)[] = [];

  on(fn: (tx: Tx, trouble: OutsideTrouble) => Promise<void>): void {
    this.listeners.push(fn);
  }

  async tell(tx: Tx, trouble: OutsideTrouble): Promise<void> {
    for (const fn of this.listeners) await fn(tx, trouble);
  }
}

/** Which outside systems answered when they were last called by this process; for the health of the product. */
@Injectable()
export class OutsideSightings {
  private readonly silent = new Set<OutsideSystem>();

  saw(system: OutsideSystem, answered: boolean): void {
    if (answered) this.silent.delete(system);
    else this.silent.add(system);
  }

  answers(system: OutsideSystem): boolean {
    return !this.silent.has(system);
  }
}
