import { Module } from '@nestjs/common';
import { AccessModule } from '../access';
import { AttentionModule } from '../attention';
import { ConnectionsModule } from '../connections';
import { InboxModule } from '../inbox';
import { MirrorModule } from '../mirror';
import { CatchUp, CatchUpTick } from './catch-up';
import { ImportOrder } from './import-order';
import { OrderViews } from './order-views';
import { OrderWebhook } from './order-webhook';
import { Orders } from './orders';
import { OrdersController } from './orders.controller';
import { RecordShopifyOrder } from './record-shopify-order';
import { RefreshOrder } from './refresh-order';
import { RoutingNews } from './routing-news';
import { UnmappedLines } from './unmapped-lines';

/** Our work on each purchase: the frozen order, and where the work stands. */
@Module({
  imports: [AccessModule, AttentionModule, ConnectionsModule, InboxModule, MirrorModule],
  controllers: [OrdersController],
  providers: [
    Orders,
    RecordShopifyOrder,
    OrderWebhook,
    RefreshOrder,
    RoutingNews,
    CatchUp,
    CatchUpTick,
    ImportOrder,
    OrderViews,
    UnmappedLines,
  ],
  exports: [Orders, RecordShopifyOrder, UnmappedLines],
})
export class OrdersModule {}
