import { Module } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { InboxModule } from '../inbox';
import { AnswerDataRequest } from './answer-data-request';
import { ExportPersonalData } from './export-personal-data';
import { PrivacyController } from './privacy.controller';
import { PrivacyRequests } from './privacy-requests';
import { TakePrivacyRequest } from './take-privacy-request';

/** What customers may ask of their personal data: what there is, and that it goes. */
@Module({
  imports: [AttentionModule, InboxModule],
  controllers: [PrivacyController],
  providers: [AnswerDataRequest, ExportPersonalData, PrivacyRequests, TakePrivacyRequest],
})
export class PrivacyModule {}
