import { DomainError } from '@forma3d/kernel';

/** Shopify waits five seconds for an answer, and sends again what got none or anything but 200. */
const WEBHOOK_PATIENCE_MS = 4_500;
/** A person waits for a fulfillment for ten seconds at most, everything else takes milliseconds. */
const PATIENCE_MS = 15_000;
const LOOK_EVERY_MS = 250;

/** As much of a fastify reply as it takes to answer in the place of who should. */
interface Answerable {
  readonly sent: boolean;
  send(error: Error): unknown;
}

/**
 * No request hangs: one that waits too long is answered 503, whatever it waits for. The work behind it ends by limits of its own. One
 * timer serves all requests, because one each would cost more than it is worth.
 */
export class Patience {
  /** In the order of their coming, so that the oldest stand first. */
  private readonly webhooks = new Map<Answerable, number>();
  private readonly others = new Map<Answerable, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly limits = { webhookMs: WEBHOOK_PATIENCE_MS, otherMs: PATIENCE_MS }) {}

  begin(reply: Answerable, webhook: boolean): void {
    (webhook ? this.webhooks : this.others).set(reply, performance.now());
    this.timer ??= setInterval(() => { this.look(); }, LOOK_EVERY_MS).unref();
  }

  end(reply: Answerable): void {
    if (!this.webhooks.delete(reply)) this.others.delete(reply);
  }

  close(): void {
    clearInterval(this.timer);
  }

  private look(): void {
    this.answerThoseSince(this.webhooks, performance.now() - this.limits.webhookMs);
    this.answerThoseSince(this.others, performance.now() - this.limits.otherMs);
  }

  private answerThoseSince(waiting: Map<Answerable, number>, before: number): void {
    for (const [reply, since] of waiting) {
      if (since > before) return;
      waiting.delete(reply);
      if (!reply.sent) reply.send(new DomainError('not-ready', 'There was no answer in time. It may have been done all the same: look before you try again.'));
    }
  }
}
