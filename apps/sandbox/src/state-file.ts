import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';

import { z } from 'zod';

import type { FarmData } from './farm-types';
import type { Mail } from './mailbox';
import type { Scheduler } from './scheduler';
import type { ShopData } from './shop-types';

/** Raised when the stored shape changes: an older file is then set aside instead of being misread. */
const SHAPE = 1;

export interface SandboxState {
  shop: ShopData;
  farm: FarmData;
  mails: Mail[];
}

const fileSchema = z.object({
  shape: z.literal(SHAPE),
  shop: z.custom<ShopData>((value) => typeof value === 'object' && value !== null),
  farm: z.custom<FarmData>((value) => typeof value === 'object' && value !== null),
  mails: z.custom<Mail[]>((value) => Array.isArray(value)),
});

/** The state that was stored, or null for a fresh start. A file of another shape, or a broken one, is renamed to `….unreadable`. */
export function loadState(file: string): SandboxState | null {
  if (!existsSync(file)) return null;
  try {
    const { shop, farm, mails } = fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    return { shop, farm, mails };
  } catch {
    renameSync(file, `${file}.unreadable`);
    return null;
  }
}

const WAIT_MS = 300;

/** Stores the state a moment after it changed: written beside the file, then renamed over it, so that a crash leaves the old or the new. */
export class StateFile {
  private cancel: (() => void) | null = null;
  /** Large states are written less often: at most a tenth of the time goes into it. */
  private waitMs = WAIT_MS;

  constructor(
    private readonly file: string,
    private readonly scheduler: Scheduler,
    private readonly read: () => SandboxState,
  ) {}

  changed(): void {
    this.cancel ??= this.scheduler.after(this.waitMs, () => this.write());
  }

  write(): void {
    this.cancel?.();
    this.cancel = null;
    const began = performance.now();
    mkdirSync(dirname(this.file), { recursive: true });
    const beside = `${this.file}.writing`;
    writeFileSync(beside, JSON.stringify({ shape: SHAPE, ...this.read() }));
    renameSync(beside, this.file);
    this.waitMs = Math.max(WAIT_MS, (performance.now() - began) * 10);
  }
}
