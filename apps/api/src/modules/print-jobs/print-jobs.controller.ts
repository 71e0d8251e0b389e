import {
  forcePrintJobStatus,
  printJob,
  printJobPage,
  printJobQuery,
  type Page,
  type PrintJobView,
} from '@forma3d/contracts';
import { CurrentStore, decodeCursor, pageFrom, UuidParam } from '@forma3d/platform';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { z } from 'zod';
import { OperatorActions } from './operator-actions';
import { PrintJobViews } from './print-job-views';

class PrintJobQueryDto extends createZodDto(printJobQuery) {}
class PrintJobDto extends createZodDto(printJob) {}
class PrintJobPageDto extends createZodDto(printJobPage) {}
class ForcePrintJobStatusDto extends createZodDto(forcePrintJobStatus) {}

const cursorId = z.uuid();

@ApiTags('Production')
@Controller('print-jobs')
export class PrintJobsController {
  constructor(
    private readonly views: PrintJobViews,
    private readonly actions: OperatorActions,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Prints, newest first' })
  @ZodResponse({ type: PrintJobPageDto })
  async list(@CurrentStore() storeId: string, @Query() query: PrintJobQueryDto): Promise<Page<PrintJobView>> {
    const rows = await this.views.list(storeId, query, decodeCursor(cursorId, query.cursor));
    return pageFrom(rows, query.limit, (row) => row.id);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One print' })
  @ZodResponse({ type: PrintJobDto })
  get(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<PrintJobView> {
    return this.views.get(storeId, id);
  }

  @Post(':id/retry')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'This print has neither failed nor been cancelled, or its order takes no more prints.' })
  @ApiOperation({ summary: 'Print again what failed or was cancelled; answers the new print' })
  @ZodResponse({ type: PrintJobDto })
  async retry(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<PrintJobView> {
    return this.views.get(storeId, await this.actions.retry(storeId, id));
  }

  @Post(':id/cancel')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'This print has started or ended.' })
  @ApiOperation({ summary: 'Take a print that has not started out of production' })
  @ZodResponse({ type: PrintJobDto })
  async cancel(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<PrintJobView> {
    return this.views.get(storeId, await this.actions.cancel(storeId, id));
  }

  @Post(':id/stop')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'This print is not on a printer, or has ended.' })
  @ApiOperation({ summary: 'Stop a print on its printer; it is cancelled once SimplyPrint has confirmed' })
  @ZodResponse({ type: PrintJobDto })
  async stop(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<PrintJobView> {
    return this.views.get(storeId, await this.actions.stop(storeId, id));
  }

  @Post(':id/let-finish')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'This print has ended, is being stopped, or is wanted.' })
  @ApiOperation({ summary: 'Let a print finish that is on a printer and no longer wanted' })
  @ZodResponse({ type: PrintJobDto })
  async letFinish(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<PrintJobView> {
    return this.views.get(storeId, await this.actions.letFinish(storeId, id));
  }

  @Post(':id/force-status')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'This print, or its order, does not allow it.' })
  @ApiOperation({ summary: "Set the status by an operator's word, with a reason" })
  @ZodResponse({ type: PrintJobDto })
  async forceStatus(
    @CurrentStore() storeId: string,
    @UuidParam('id') id: string,
    @Body() body: ForcePrintJobStatusDto,
  ): Promise<PrintJobView> {
    return this.views.get(storeId, await this.actions.forceStatus(storeId, id, body));
  }
}
