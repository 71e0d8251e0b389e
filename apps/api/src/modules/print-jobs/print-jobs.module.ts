import { Module } from '@nestjs/common';
import { AccessModule } from '../access';
import { AttentionModule } from '../attention';
import { ConnectionsModule } from '../connections';
import { InboxModule } from '../inbox';
import { OrdersModule } from '../orders';
import { ProductMappingsModule } from '../product-mappings';
import { AddQueueItem } from './add-queue-item';
import { CancelProduction } from './cancel-production';
import { FarmReadings } from './farm-readings';
import { MarkerField } from './marker-field';
import { OperatorActions } from './operator-actions';
import { PlanProduction } from './plan-production';
import { PrintJobViews } from './print-job-views';
import { PrintJobsController } from './print-jobs.controller';
import { PrintJobsRepository } from './print-jobs.repository';
import { PrintMoves } from './print-moves';
import { PrintReports } from './print-reports';
import { PrintReview } from './print-review';
import { QueueItemsRepository } from './queue-items.repository';
import { ReleaseMapped } from './release-mapped';
import { SimplyPrintWebhook } from './simplyprint-webhook';
import { StopPrint } from './stop-print';
import { StopRequests } from './stop-requests';
import { SweepPrints } from './sweep-prints';
import { SweepSchedule } from './sweep-schedule';
import { TrimQueueItem } from './trim-queue-item';
import { Withdrawals } from './withdrawals';

@Module({
  imports: [AccessModule, AttentionModule, ConnectionsModule, InboxModule, OrdersModule, ProductMappingsModule],
  controllers: [PrintJobsController],
  providers: [
    AddQueueItem,
    CancelProduction,
    FarmReadings,
    MarkerField,
    OperatorActions,
    PlanProduction,
    PrintJobViews,
    PrintJobsRepository,
    PrintMoves,
    PrintReports,
    PrintReview,
    QueueItemsRepository,
    ReleaseMapped,
    SimplyPrintWebhook,
    StopPrint,
    StopRequests,
    SweepPrints,
    SweepSchedule,
    TrimQueueItem,
    Withdrawals,
  ],
  exports: [CancelProduction],
})
export class PrintJobsModule {}
