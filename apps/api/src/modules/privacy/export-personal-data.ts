import type { PersonalDataExport } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { parseBigJson, privacyFromDelivery } from '@forma3d/shopify';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { Inbox } from '../inbox';
import { PrivacyRequests, requestView } from './privacy-requests';
import { deliveriesOf, mirrorOf, ordersOf, type ExportSubject, type PrivacyRequestRow } from './privacy.repository';

/** Deliveries looked at by one statement. */
const BATCH = 2_000;

/**
 * Everything that is held of the customer of a data request, put together when a person asks for it: no copy is kept that a later redaction
 * could miss. That somebody took it is audited.
 */
@Injectable()
export class ExportPersonalData {
  constructor(
    private readonly db: Database,
    private readonly requests: PrivacyRequests,
    private readonly inbox: Inbox,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `privacy-request-not-found`, `conflict` */
  async export(storeId: string, id: string): Promise<PersonalDataExport> {
    const request = await this.requests.dataRequest(storeId, id);
    const email = await this.emailOf(request);
    const named: ExportSubject = { storeId, customerId: request.customer_id, email, shopifyOrderIds: request.shopify_order_ids };
    const [orders, mirror] = [await ordersOf(this.db, named), await mirrorOf(this.db, named)];
    const found = [...orders, ...mirror].flatMap(({ shopify_id: each }) => (typeof each === 'string' ? [each] : []));
    const deliveries = await this.deliveries({ ...named, shopifyOrderIds: [...new Set([...named.shopifyOrderIds, ...found])] });
    await this.db.transaction('privacy.exported', (tx) =>
      this.audit.write(tx, { storeId, entity: 'privacy_request', entityId: id, action: 'exported', meta: { orders: orders.length, deliveries: deliveries.length } }),
    );
    return { request: requestView(request), exported_at: this.clock.now().toISOString(), orders, mirror, deliveries };
  }

  /** The request keeps ids alone; the address stands in its delivery, as long as that is stored. */
  private async emailOf(request: PrivacyRequestRow): Promise<string | null> {
    const delivery = await this.inbox.delivery(request.delivery_id);
    if (!delivery || delivery.redactedAt !== null) return null;
    return privacyFromDelivery(delivery.body).email;
  }

  private async deliveries(subject: ExportSubject): Promise<Record<string, unknown>[]> {
    const found: Record<string, unknown>[] = [];
    let after: string | null = null;
    for (;;) {
      const looked = await deliveriesOf(this.db, subject, after, BATCH);
      for (const { topic, received_at: at, body } of looked) {
        if (body !== null) found.push({ topic, received_at: at.toISOString(), body: readable(body) });
      }
      after = looked.at(-1)?.id ?? null;
      if (looked.length < BATCH) return found;
    }
  }
}

/** As JSON; as text where it is none. */
function readable(body: Buffer): unknown {
  const text = body.toString('utf8');
  try {
    return parseBigJson(text);
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}
