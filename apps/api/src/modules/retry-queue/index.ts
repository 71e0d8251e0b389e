export { RetryQueueModule } from './retry-queue.module';
