import { Module } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { CleanUp } from './clean-up';
import { CredentialsRefused } from './credentials-refused';
import { QueueStats } from './queue-stats';
import { ReplayMany } from './replay-many';
import { ReplayTasks } from './replay-tasks';
import { RetryQueueController } from './retry-queue.controller';
import { RetryQueueRepository } from './retry-queue.repository';
import { Sweep } from './sweep';
import { TaskTrouble } from './task-trouble';
import { TaskViews } from './task-views';

/** The people's side of the task queue. */
@Module({
  imports: [AttentionModule],
  controllers: [RetryQueueController],
  providers: [RetryQueueRepository, CleanUp, Sweep, TaskTrouble, CredentialsRefused, TaskViews, QueueStats, ReplayTasks, ReplayMany],
})
export class RetryQueueModule {}
