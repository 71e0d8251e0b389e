export { PrintJobsModule } from './print-jobs.module';
