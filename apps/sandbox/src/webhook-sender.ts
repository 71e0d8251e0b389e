import type { Faults } from './faults';
import type { Scheduler } from './scheduler';

export interface Delivery {
  system: 'shopify' | 'simplyprint';
  /** Topic or event: `orders/create`, `job.done`. */
  topic: string;
  url: string;
  headers: Record<string, string>;
  body: string;
  /** Waits before each retry, in milliseconds; empty: one attempt only. */
  retryDelaysMs: number[];
  /** Called when the last attempt failed too. */
  onGivenUp?: () => void;
}

/** What became of a delivery, for people and tests. */
export interface DeliveryLog {
  system: Delivery['system'];
  topic: string;
  url: string;
  webhook_id: string | null;
  attempts: number;
  outcome: 'waiting' | 'delivered' | 'failed' | 'dropped';
  status: number | null;
}

const LOG_LENGTH = 300;
const TIMEOUT_MS = 5000;
/** A reordered delivery waits for the next one to overtake it, but not for ever. */
const OVERTAKE_MS = 1500;

/**
 * Carries webhooks to their URLs: five seconds for each attempt, only 2xx counts, then the waits it was given. Nothing is promised about order, and
 * the faults of target `webhooks` drop, double, delay and swap deliveries.
 */
export class WebhookSender {
  readonly log: DeliveryLog[] = [];
  private readonly stopping = new AbortController();
  private overtaken: { system: Delivery['system']; go: () => void }[] = [];
  private running = new Set<Promise<void>>();

  constructor(
    private readonly scheduler: Scheduler,
    private readonly faults: Faults,
    private readonly timeoutMs: number = TIMEOUT_MS,
  ) {}

  send(delivery: Delivery): void {
    const names = [delivery.topic, `${delivery.system}:${delivery.topic}`];
    const entry: DeliveryLog = {
      system: delivery.system,
      topic: delivery.topic,
      url: delivery.url,
      webhook_id: delivery.headers['X-Shopify-Webhook-Id'] ?? null,
      attempts: 0,
      outcome: 'waiting',
      status: null,
    };
    this.log.push(entry);
    if (this.log.length > LOG_LENGTH) this.log.shift();
    if (this.faults.strike('webhooks', 'drop', ...names)) {
      entry.outcome = 'dropped';
      return;
    }
    const copies = this.faults.strike('webhooks', 'duplicate', ...names) ? 2 : 1;
    const go = () => {
      for (let copy = 0; copy < copies; copy += 1) this.attempt(delivery, entry, 0);
    };
    const late = this.faults.strike('webhooks', 'late', ...names) ?? this.faults.strike('webhooks', 'slow', ...names);
    if (late) {
      this.scheduler.after(late.delay_ms ?? 5000, go);
      return;
    }
    if (this.faults.strike('webhooks', 'reorder', ...names)) {
      this.holdBack(delivery.system, go);
      return;
    }
    go();
    this.letOvertakenGo(delivery.system);
  }

  /** Resolves when no attempt is under way (retries that wait do not count). */
  async idle(): Promise<void> {
    while (this.running.size > 0) await Promise.all(this.running);
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.idle();
  }

  private holdBack(system: Delivery['system'], go: () => void): void {
    const held = {
      system,
      go: () => {
        cancel();
        this.overtaken = this.overtaken.filter((other) => other !== held);
        go();
      },
    };
    const cancel = this.scheduler.after(OVERTAKE_MS, () => held.go());
    this.overtaken.push(held);
  }

  private letOvertakenGo(system: Delivery['system']): void {
    // Newest first: three held deliveries arrive in reverse.
    for (const held of this.overtaken.filter((other) => other.system === system).reverse()) held.go();
  }

  private attempt(delivery: Delivery, entry: DeliveryLog, index: number): void {
    if (this.stopping.signal.aborted) return;
    const work = this.post(delivery, entry).then((delivered) => {
      if (delivered || this.stopping.signal.aborted) return;
      const wait = delivery.retryDelaysMs[index];
      if (wait !== undefined) {
        this.scheduler.after(wait, () => this.attempt(delivery, entry, index + 1));
      } else if (entry.outcome !== 'delivered') {
        entry.outcome = 'failed';
        delivery.onGivenUp?.();
      }
    });
    const tracked: Promise<void> = work.finally(() => this.running.delete(tracked));
    this.running.add(tracked);
  }

  private async post(delivery: Delivery, entry: DeliveryLog): Promise<boolean> {
    entry.attempts += 1;
    const names = [delivery.topic, `${delivery.system}:${delivery.topic}`];
    if (this.faults.strike('webhooks', 'outage', ...names) ?? this.faults.strike('webhooks', 'error', ...names)) return false;
    try {
      const answer = await fetch(delivery.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...delivery.headers },
        body: delivery.body,
        redirect: 'manual',
        signal: AbortSignal.any([this.stopping.signal, AbortSignal.timeout(this.timeoutMs)]),
      });
      await answer.arrayBuffer();
      entry.status = answer.status;
      if (!answer.ok) return false;
      entry.outcome = 'delivered';
      return true;
    } catch {
      // Nobody listens, or not in time: a failed attempt like any other, and retried like one.
      return false;
    }
  }
}
