import {
  discardAllAnswer,
  failedTasks,
  retryAllAnswer,
  retryQueueDetail,
  retryQueuePage,
  retryQueueQuery,
  retryQueueStats,
  type DiscardAllAnswer,
  type Page,
  type RetryAllAnswer,
  type RetryQueueDetail,
  type RetryQueueStats,
  type RetryQueueTask,
} from '@forma3d/contracts';
import { CurrentStore, decodeCursor, pageFrom, UuidParam } from '@forma3d/platform';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { z } from 'zod';
import { QueueStats } from './queue-stats';
import { ReplayMany } from './replay-many';
import { ReplayTasks } from './replay-tasks';
import { TaskViews } from './task-views';

class RetryQueueQueryDto extends createZodDto(retryQueueQuery) {}
class RetryQueuePageDto extends createZodDto(retryQueuePage) {}
class RetryQueueDetailDto extends createZodDto(retryQueueDetail) {}
class RetryQueueStatsDto extends createZodDto(retryQueueStats) {}
// A request without a body is about all failed tasks.
class FailedTasksDto extends createZodDto(failedTasks.prefault({})) {}
class RetryAllAnswerDto extends createZodDto(retryAllAnswer) {}
class DiscardAllAnswerDto extends createZodDto(discardAllAnswer) {}

const cursorId = z.uuid();

@ApiTags('Retry queue')
@Controller('retry-queue')
export class RetryQueueController {
  constructor(
    private readonly views: TaskViews,
    private readonly figures: QueueStats,
    private readonly replay: ReplayTasks,
    private readonly many: ReplayMany,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Tasks, newest first' })
  @ZodResponse({ type: RetryQueuePageDto })
  async list(@CurrentStore() storeId: string, @Query() query: RetryQueueQueryDto): Promise<Page<RetryQueueTask>> {
    const rows = await this.views.list(storeId, query, decodeCursor(cursorId, query.cursor));
    return pageFrom(rows, query.limit, (row) => row.id);
  }

  @Get('stats')
  @ApiOperation({ summary: 'The queue in figures: what waits, runs, failed, and how late it is' })
  @ZodResponse({ type: RetryQueueStatsDto })
  stats(@CurrentStore() storeId: string): Promise<RetryQueueStats> {
    return this.figures.read(storeId);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One task, with its payload and how its attempts went' })
  @ZodResponse({ type: RetryQueueDetailDto })
  get(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<RetryQueueDetail> {
    return this.views.get(storeId, id);
  }

  @Post('retry-all')
  @HttpCode(200)
  @ApiOperation({ summary: 'Try failed tasks again, by type and by when they failed; they run one after the other, a thousand at most' })
  @ZodResponse({ type: RetryAllAnswerDto })
  retryAll(@CurrentStore() storeId: string, @Body() which: FailedTasksDto): Promise<RetryAllAnswer> {
    return this.many.retryAll(storeId, which);
  }

  @Post('discard-all')
  @HttpCode(200)
  @ApiOperation({ summary: 'Discard failed tasks, by type and by when they failed; a thousand at most' })
  @ZodResponse({ type: DiscardAllAnswerDto })
  discardAll(@CurrentStore() storeId: string, @Body() which: FailedTasksDto): Promise<DiscardAllAnswer> {
    return this.many.discardAll(storeId, which);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'The task runs, or is done, or the same work is open as another task.' })
  @ApiOperation({ summary: 'Try a task again that failed or was discarded, or have one that waits run now' })
  @ZodResponse({ type: RetryQueueDetailDto })
  async retry(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<RetryQueueDetail> {
    await this.replay.retry(storeId, id);
    return this.views.get(storeId, id);
  }

  @Post(':id/discard')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'The task runs, is done, or has not failed.' })
  @ApiOperation({ summary: 'Give up a task that failed or keeps failing: its work is not done by itself any more' })
  @ZodResponse({ type: RetryQueueDetailDto })
  async discard(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<RetryQueueDetail> {
    await this.replay.discard(storeId, id);
    return this.views.get(storeId, id);
  }
}
