import { cancellationResult, cancelOrder, type CancellationResult } from '@forma3d/contracts';
import { CurrentStore, UuidParam } from '@forma3d/platform';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import { ApiConflictResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { createZodDto, ZodResponse } from 'nestjs-zod';
import { CancelOrder } from './cancel-order';

class CancelOrderDto extends createZodDto(cancelOrder) {}
class CancellationResultDto extends createZodDto(cancellationResult) {}

@ApiTags('Cancellations')
@Controller('cancellations')
export class CancellationController {
  constructor(private readonly cancelOrder: CancelOrder) {}

  @Post('order/:orderId')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'The order is fulfilled, shipped or handed over. The problem names its state.' })
  @ApiOperation({ summary: 'Cancel an order here, and in Shopify if asked; again: how far its prints are' })
  @ZodResponse({ status: 200, type: CancellationResultDto })
  cancel(@CurrentStore() storeId: string, @UuidParam('orderId') orderId: string, @Body() body: CancelOrderDto): Promise<CancellationResult> {
    return this.cancelOrder.cancel(storeId, orderId, body);
  }

  @Post('order/:orderId/acknowledge')
  @HttpCode(200)
  @ApiConflictResponse({ description: 'The order is not cancelled.' })
  @ApiOperation({ summary: 'A fulfillment that was faster, or Shopify’s refusal, is seen to: it needs nobody any more' })
  @ZodResponse({ status: 200, type: CancellationResultDto })
  acknowledge(@CurrentStore() storeId: string, @UuidParam('orderId') orderId: string): Promise<CancellationResult> {
    return this.cancelOrder.acknowledge(storeId, orderId);
  }
}
