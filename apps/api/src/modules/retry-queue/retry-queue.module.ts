import { Module } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { CleanUp } from './clean-up';
import { CredentialsRefused } from './credentials-refused';
import { RetryQueueRepository } from './retry-queue.repository';
import { Sweep } from './sweep';
import { TaskTrouble } from './task-trouble';

/** The people's side of the task queue. */
@Module({ imports: [AttentionModule], providers: [RetryQueueRepository, CleanUp, Sweep, TaskTrouble, CredentialsRefused] })
export class RetryQueueModule {}
