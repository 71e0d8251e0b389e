export type { LineRow, OrderRow } from './order-row';
export { inScopeOf } from './order-scope';
export * from './orders';
export { OrdersModule } from './orders.module';
export * from './record-shopify-order';
export * from './unmapped-lines';
export * from './wanted-units';
export { decisionsOf } from './orders.repository';
