import { attentionCounts, attentionPage, attentionQuery, type AttentionCounts, type AttentionItem, type Page } from '@forma3d/contracts';
import { CurrentStore, decodeCursor, pageFrom } from '@forma3d/platform';
import { Controller, Get, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { z } from 'zod';
import { Attention } from './attention';
import { attentionView } from './attention-view';

class AttentionQueryDto extends createZodDto(attentionQuery) {}
class AttentionPageDto extends createZodDto(attentionPage) {}
class AttentionCountsDto extends createZodDto(attentionCounts) {}

const cursorId = z.uuid();

@ApiTags('Attention')
@Controller('attention')
export class AttentionController {
  constructor(private readonly attention: Attention) {}

  @Get()
  @ApiOperation({ summary: 'What needs a person, newest first' })
  @ZodResponse({ type: AttentionPageDto })
  async list(@CurrentStore() storeId: string, @Query() query: AttentionQueryDto): Promise<Page<AttentionItem>> {
    const rows = await this.attention.list(storeId, query.limit + 1, decodeCursor(cursorId, query.cursor), query);
    return pageFrom(rows, query.limit, (row) => row.id, attentionView);
  }

  @Get('counts')
  @ApiOperation({ summary: 'How much needs a person, by kind' })
  @ZodResponse({ type: AttentionCountsDto })
  counts(@CurrentStore() storeId: string): Promise<AttentionCounts> {
    return this.attention.counts(storeId);
  }
}
