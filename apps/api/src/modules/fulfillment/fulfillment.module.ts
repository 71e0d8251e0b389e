import { CONFIG, type Config } from '@forma3d/platform';
import { Module } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { ConnectionsModule } from '../connections';
import { OrdersModule } from '../orders';
import { PrintJobsModule } from '../print-jobs';
import { CarryOut } from './carry-out';
import { CreateFulfillment } from './create-fulfillment';
import { FulfillmentNews } from './fulfillment-news';
import { FulfillmentOutcomes } from './fulfillment-outcomes';
import { FULFILLMENT_SETTINGS, settingsFrom } from './fulfillment-settings';
import { FulfillmentTrouble } from './fulfillment-trouble';
import { FulfillmentController } from './fulfillment.controller';
import { PreparePickup } from './prepare-pickup';
import { PushTracking } from './push-tracking';
import { RequestFulfillment } from './request-fulfillment';
import { SendFulfillment } from './send-fulfillment';
import { SettleFulfillments } from './settle-fulfillments';

/** From "ready" to "fulfilled in Shopify", exactly once. */
@Module({
  imports: [AttentionModule, ConnectionsModule, OrdersModule, PrintJobsModule],
  controllers: [FulfillmentController],
  providers: [
    { provide: FULFILLMENT_SETTINGS, inject: [CONFIG], useFactory: (config: Config) => settingsFrom(config) },
    CarryOut,
    CreateFulfillment,
    FulfillmentNews,
    FulfillmentOutcomes,
    FulfillmentTrouble,
    PreparePickup,
    PushTracking,
    RequestFulfillment,
    SendFulfillment,
    SettleFulfillments,
  ],
})
export class FulfillmentModule {}
