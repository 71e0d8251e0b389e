import { Listener, type PoolSettings } from '@forma3d/database';
import { newId } from '@forma3d/kernel';

const CHANNEL = 'forma3d_tasks';
/** The first commit of a moment is told at once, those that follow within this time by one NOTIFY together, not each by its own. */
const COALESCE_MS = 5;

/**
 * After a commit that wrote tasks, wakes this process's processor at once and the others' by one NOTIFY. What gets lost
 * here costs a second: processors also poll.
 */
export class Wakeups {
  private readonly listener: Listener;
  private readonly self = newId();
  private processor: { wake(): void } | undefined;
  private timer: NodeJS.Timeout | undefined;
  private untold = false;

  constructor(settings: PoolSettings, onTrouble: (error: Error) => void) {
    this.listener = new Listener(
      settings,
      CHANNEL,
      (sender) => {
        if (sender !== this.self) this.processor?.wake();
      },
      onTrouble,
    );
  }

  /** Whom to wake in this process. */
  attach(processor: { wake(): void }): void {
    this.processor = processor;
  }

  readonly wake = (): void => {
    this.processor?.wake();
    this.untold = true;
    if (!this.timer) this.tell();
  };

  private tell(): void {
    this.timer = undefined;
    if (!this.untold) return;
    this.untold = false;
    this.listener.notify(this.self);
    this.timer = setTimeout(() => { this.tell(); }, COALESCE_MS);
  }

  get listening(): boolean {
    return this.listener.connected;
  }

  start(): Promise<void> {
    return this.listener.start();
  }

  async close(): Promise<void> {
    clearTimeout(this.timer);
    await this.listener.close();
  }
}
