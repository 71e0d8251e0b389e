import type { PrivacyRequestView } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { findRequest, listRequests, type PrivacyRequestRow } from './privacy.repository';

@Injectable()
export class PrivacyRequests {
  constructor(private readonly db: Database) {}

  /** Newest first; `before` is the id of the last one seen. */
  list(storeId: string, limit: number, before?: string): Promise<PrivacyRequestRow[]> {
    return listRequests(this.db, storeId, limit, before);
  }

  /** @throws DomainError `privacy-request-not-found` */
  async get(storeId: string, id: string): Promise<PrivacyRequestRow> {
    const request = await findRequest(this.db, storeId, id);
    if (!request) throw new DomainError('privacy-request-not-found', 'There is no such request.');
    return request;
  }

  /** @throws DomainError `privacy-request-not-found`; `conflict` for one that is about a redaction */
  async dataRequest(storeId: string, id: string): Promise<PrivacyRequestRow> {
    const request = await this.get(storeId, id);
    if (request.kind !== 'data_request') throw new DomainError('conflict', 'Nobody asked for data by this request: it made them go.');
    return request;
  }
}

export function requestView({ delivery_id: _, received_at: receivedAt, completed_at: completedAt, ...facts }: PrivacyRequestRow): PrivacyRequestView {
  return { ...facts, received_at: receivedAt.toISOString(), completed_at: completedAt?.toISOString() ?? null };
}
