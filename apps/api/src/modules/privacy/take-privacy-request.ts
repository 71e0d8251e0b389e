import type { PrivacyRequestKind } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK, Handles, Logger } from '@forma3d/platform';
import { privacyFromDelivery, type PrivacySubject } from '@forma3d/shopify';
import { done, EventLog, giveUp, snooze, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import { Inbox, type Delivery } from '../inbox';
import { findRequest, insertRequest, redactBatch, requestOfDelivery, type PrivacyRequestRow } from './privacy.repository';

const KINDS: Readonly<Record<string, PrivacyRequestKind>> = {
  'customers/data_request': 'data_request',
  'customers/redact': 'customer_redact',
  'shop/redact': 'shop_redact',
};
const NOBODY: PrivacySubject = { customerId: null, email: null, orderIds: [] };
/** Rows of one transaction: well below the ten seconds that a statement may take. */
const BATCH = 500;
const SOON_MS = 1_000;

/**
 * Takes in what Shopify passes on by its privacy topics. A request for data is put before a person; a request to redact is done, batch by
 * batch, from where the last batch stopped, however often a process dies on the way.
 */
@Injectable()
@Handles('PRIVACY_REQUEST')
export class TakePrivacyRequest implements TaskHandler<'PRIVACY_REQUEST'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly inbox: Inbox,
    private readonly attention: Attention,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly logger: Pick<Logger, 'log'>,
  ) {}

  async handle(task: Task<'PRIVACY_REQUEST'>, signal: AbortSignal): Promise<Outcome> {
    const { storeId } = task;
    const id = task.payload.delivery_id;
    const delivery = await this.inbox.delivery(id);
    if (!delivery) return this.goOn(storeId, await requestOfDelivery(this.db, storeId, id), signal);
    const kind = KINDS[delivery.topic];
    if (!kind) return giveUp(`${delivery.topic} is no privacy topic`);
    try {
      // Of a body that was redacted nothing is left: what it asked is known, or was about somebody who is gone.
      const subject = delivery.redactedAt === null ? privacyFromDelivery(delivery.body) : NOBODY;
      const request = await this.take(delivery, kind, subject);
      return request === undefined || request.kind === 'data_request' ? done : await this.redact(storeId, request, subject.email, signal);
    } catch (error) {
      if (error instanceof DomainError && error.code === 'invalid-delivery') return giveUp(error.message);
      throw error;
    }
  }

  /** With the ids that were noted of a request whose delivery is gone: deliveries are kept as long as a request is open, but backups and people delete too. */
  private async goOn(storeId: string, request: PrivacyRequestRow | undefined, signal: AbortSignal): Promise<Outcome> {
    if (!request) return giveUp('the delivery is past its retention, and what it asked for was not noted: redact by hand what Shopify asked for');
    return request.kind === 'data_request' ? done : this.redact(storeId, request, null, signal);
  }

  /** The request that a delivery makes, once. */
  private async take(delivery: Delivery, kind: PrivacyRequestKind, subject: PrivacySubject): Promise<PrivacyRequestRow | undefined> {
    const { storeId } = delivery;
    const known = await requestOfDelivery(this.db, storeId, delivery.id);
    if (known || delivery.redactedAt !== null) return known;
    await this.db.transaction('privacy.take', async (tx) => {
      const { customerId, orderIds } = subject;
      const id = await insertRequest(tx, { storeId, kind, deliveryId: delivery.id, customerId, shopifyOrderIds: orderIds, receivedAt: delivery.receivedAt });
      if (id === undefined || kind !== 'data_request') return;
      await this.attention.open(tx, {
        storeId,
        kind: 'data-request',
        subjectId: id,
        message: `A customer asks for the data that is held of them. Download it (GET /api/v1/privacy/requests/${id}/export), give it to the customer within 30 days, and say so.`,
        details: { privacy_request_id: id },
      });
    });
    return requestOfDelivery(this.db, storeId, delivery.id);
  }

  private async redact(storeId: string, request: PrivacyRequestRow, email: string | null, signal: AbortSignal): Promise<Outcome> {
    if (request.completed_at !== null) return done;
    for (let whole = false; !whole; ) {
      if (signal.aborted) return snooze('stopped on the way; goes on from there', SOON_MS);
      whole = await this.redactNext(storeId, request.id, email);
    }
    const { redacted_orders: orders, redacted_deliveries: deliveries } = (await findRequest(this.db, storeId, request.id)) ?? request;
    this.logger.log({ store_id: storeId, privacy_request_id: request.id, kind: request.kind, orders, deliveries }, 'personal data were redacted, as asked');
    return done;
  }

  private redactNext(storeId: string, id: string, email: string | null): Promise<boolean> {
    return this.db.transaction('privacy.redact', async (tx) => {
      const { whole, ended } = await redactBatch(tx, id, email, BATCH, this.clock.now());
      if (ended) await this.events.publish(tx, { type: 'privacy.redacted', storeId, aggregateId: id, payload: { request_id: id, ...ended } });
      return whole;
    });
  }
}
