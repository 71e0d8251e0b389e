import { Module } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { ConnectionsModule } from '../connections';
import { OrdersModule } from '../orders';
import { PrintJobsModule } from '../print-jobs';
import { CancelInShopify } from './cancel-in-shopify';
import { CancelOrder } from './cancel-order';
import { CancellationController } from './cancellation.controller';

/** A person cancels an order, here and in Shopify. */
@Module({
  imports: [AttentionModule, ConnectionsModule, OrdersModule, PrintJobsModule],
  controllers: [CancellationController],
  providers: [CancelInShopify, CancelOrder],
})
export class CancellationModule {}
