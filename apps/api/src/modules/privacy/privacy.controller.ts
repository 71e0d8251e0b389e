import {
  personalDataExport,
  privacyRequest,
  privacyRequestPage,
  privacyRequestQuery,
  type Page,
  type PersonalDataExport,
  type PrivacyRequestView,
} from '@forma3d/contracts';
import { CurrentStore, decodeCursor, pageFrom, UuidParam } from '@forma3d/platform';
import { Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { z } from 'zod';
import { AnswerDataRequest } from './answer-data-request';
import { ExportPersonalData } from './export-personal-data';
import { PrivacyRequests, requestView } from './privacy-requests';

class PrivacyRequestQueryDto extends createZodDto(privacyRequestQuery) {}
class PrivacyRequestPageDto extends createZodDto(privacyRequestPage) {}
class PrivacyRequestDto extends createZodDto(privacyRequest) {}
class PersonalDataExportDto extends createZodDto(personalDataExport) {}

const cursorId = z.uuid();

@ApiTags('Privacy')
@Controller('privacy/requests')
export class PrivacyController {
  constructor(
    private readonly requests: PrivacyRequests,
    private readonly exports: ExportPersonalData,
    private readonly answers: AnswerDataRequest,
  ) {}

  @Get()
  @ApiOperation({ summary: 'What customers asked of their data, by way of Shopify, newest first' })
  @ZodResponse({ type: PrivacyRequestPageDto })
  async list(@CurrentStore() storeId: string, @Query() query: PrivacyRequestQueryDto): Promise<Page<PrivacyRequestView>> {
    const rows = await this.requests.list(storeId, query.limit + 1, decodeCursor(cursorId, query.cursor));
    return pageFrom(rows, query.limit, (row) => row.id, requestView);
  }

  @Get(':id/export')
  @ApiConflictResponse({ description: 'This request is about a redaction.' })
  @ApiOperation({ summary: 'All that is held of the customer who asked; taking it is audited' })
  @ZodResponse({ type: PersonalDataExportDto })
  export(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<PersonalDataExport> {
    return this.exports.export(storeId, id);
  }

  @Post(':id/answered')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'This request is about a redaction.' })
  @ApiOperation({ summary: 'Say that the customer has their data' })
  @ZodResponse({ type: PrivacyRequestDto })
  answered(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<PrivacyRequestView> {
    return this.answers.answered(storeId, id);
  }
}
