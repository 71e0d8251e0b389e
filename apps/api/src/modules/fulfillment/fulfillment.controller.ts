import {
  createFulfillment,
  forceFulfillment,
  fulfillmentAnswer,
  fulfillmentListQuery,
  fulfillmentPage,
  fulfillmentView,
  type FulfillmentAnswer,
  type FulfillmentView,
  type Page,
} from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { CurrentStore, decodeCursor, pageFrom, UuidParam } from '@forma3d/platform';
import { Body, Controller, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { z } from 'zod';
import { viewOf } from './fulfillment-view';
import { findRow, listRows } from './fulfillment.repository';
import { RequestFulfillment } from './request-fulfillment';

// A request without a body is one with nothing special.
class CreateFulfillmentDto extends createZodDto(createFulfillment.prefault({})) {}
class ForceFulfillmentDto extends createZodDto(forceFulfillment.prefault({})) {}
class FulfillmentListQueryDto extends createZodDto(fulfillmentListQuery) {}
class FulfillmentDto extends createZodDto(fulfillmentView) {}
class FulfillmentPageDto extends createZodDto(fulfillmentPage) {}
class FulfillmentAnswerDto extends createZodDto(fulfillmentAnswer) {}

const cursorId = z.uuid();
const NOT_ALLOWED = { status: 409, description: 'Not allowed: the order is cancelled, or not complete and not forced. The problem names its state.' };

@ApiTags('Fulfillments')
@Controller('fulfillments')
export class FulfillmentController {
  constructor(
    private readonly db: Database,
    private readonly requests: RequestFulfillment,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Fulfillments, newest first' })
  @ZodResponse({ status: 200, type: FulfillmentPageDto })
  async list(@CurrentStore() storeId: string, @Query() query: FulfillmentListQueryDto): Promise<Page<FulfillmentView>> {
    const rows = await listRows(this.db, storeId, query, decodeCursor(cursorId, query.cursor));
    return pageFrom(rows, query.limit, (row) => row.id, viewOf);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One fulfillment' })
  @ZodResponse({ status: 200, type: FulfillmentDto })
  async get(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<FulfillmentView> {
    const row = await findRow(this.db, storeId, id);
    if (!row) throw new DomainError('fulfillment-not-found', 'There is no such fulfillment.');
    return viewOf(row);
  }

  @Post('order/:orderId')
  @HttpCode(200)
  @ApiBody({ type: CreateFulfillmentDto, required: false })
  @ApiResponse(NOT_ALLOWED)
  @ApiOperation({ summary: 'Fulfill an order that is complete, or give its tracking number to Shopify' })
  @ZodResponse({ status: 200, type: FulfillmentAnswerDto })
  create(
    @CurrentStore() storeId: string,
    @UuidParam('orderId') orderId: string,
    @Body() body: CreateFulfillmentDto,
  ): Promise<FulfillmentAnswer> {
    return this.requests.request(storeId, orderId, body, false);
  }

  @Post('order/:orderId/force')
  @HttpCode(200)
  @ApiBody({ type: ForceFulfillmentDto, required: false })
  @ApiResponse(NOT_ALLOWED)
  @ApiOperation({ summary: 'Fulfill every open line of ours, produced or not; its print jobs are left alone, or taken back when asked' })
  @ZodResponse({ status: 200, type: FulfillmentAnswerDto })
  force(
    @CurrentStore() storeId: string,
    @UuidParam('orderId') orderId: string,
    @Body() body: ForceFulfillmentDto,
  ): Promise<FulfillmentAnswer> {
    return this.requests.request(storeId, orderId, body, true);
  }
}
