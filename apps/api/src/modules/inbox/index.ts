export * from './inbox';
export { InboxModule } from './inbox.module';
export type { Delivery } from './inbox.repository';
