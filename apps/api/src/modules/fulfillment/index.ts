export { FulfillmentModule } from './fulfillment.module';
