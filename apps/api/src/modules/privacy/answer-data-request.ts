import type { PrivacyRequestView } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { Attention, Audit } from '../attention';
import { PrivacyRequests, requestView } from './privacy-requests';
import { completeDataRequest } from './privacy.repository';

/** A person says that the customer has their data. Said twice it is said once. */
@Injectable()
export class AnswerDataRequest {
  constructor(
    private readonly db: Database,
    private readonly requests: PrivacyRequests,
    private readonly attention: Attention,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async answered(storeId: string, id: string): Promise<PrivacyRequestView> {
    await this.requests.dataRequest(storeId, id);
    await this.db.transaction('privacy.answered', async (tx) => {
      if (!(await completeDataRequest(tx, storeId, id, this.clock.now()))) return;
      await this.attention.close(tx, { storeId, kind: 'data-request', subjectId: id });
      await this.audit.write(tx, { storeId, entity: 'privacy_request', entityId: id, action: 'answered', meta: {} });
    });
    return requestView(await this.requests.get(storeId, id));
  }
}
