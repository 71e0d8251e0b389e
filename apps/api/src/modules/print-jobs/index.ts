export { CancelProduction } from './cancel-production';
export { PrintJobsModule } from './print-jobs.module';
export type { CancelCounts } from './withdrawals.repository';
