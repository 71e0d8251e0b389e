import { Listener, type PoolSettings } from '@forma3d/database';
import { newId } from '@forma3d/kernel';

const CHANNEL = 'forma3d_tasks';
/** Commits within this time are one NOTIFY: per process and moment, not per transaction. */
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
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.listener.notify(this.self);
    }, COALESCE_MS);
  };

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
