import { orderDetail, orderPage, orderQuery, type OrderDetail, type OrderSummary, type Page } from '@forma3d/contracts';
import { CurrentStore, decodeCursor, pageFrom, UuidParam } from '@forma3d/platform';
import { Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { z } from 'zod';
import { ImportOrder } from './import-order';
import { OrderViews } from './order-views';

class OrderQueryDto extends createZodDto(orderQuery) {}
class OrderPageDto extends createZodDto(orderPage) {}
class OrderDto extends createZodDto(orderDetail) {}

const cursorId = z.uuid();

@ApiTags('Orders')
@Controller('orders')
export class OrdersController {
  constructor(
    private readonly views: OrderViews,
    private readonly importOrder: ImportOrder,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Orders, newest first' })
  @ZodResponse({ type: OrderPageDto })
  async list(@CurrentStore() storeId: string, @Query() query: OrderQueryDto): Promise<Page<OrderSummary>> {
    const rows = await this.views.list(storeId, query, decodeCursor(cursorId, query.cursor));
    return pageFrom(rows, query.limit, (row) => row.id);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One order with its lines, what of it needs a person, and its timeline' })
  @ZodResponse({ type: OrderDto })
  get(@CurrentStore() storeId: string, @UuidParam('id') id: string): Promise<OrderDetail> {
    return this.views.get(storeId, id);
  }

  @Post(':id/import')
  @HttpCode(200)
  @ApiOperation({ summary: 'Produce an order older than the store produces; by its id here or in Shopify' })
  @ZodResponse({ type: OrderDto })
  async import(@CurrentStore() storeId: string, @Param('id') id: string): Promise<OrderDetail> {
    return this.views.get(storeId, await this.importOrder.run(storeId, id));
  }
}
