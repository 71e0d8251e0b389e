export * from './delivery';
export * from './gid';
export { type InvalidDelivery } from './invalid-delivery';
export * from './order-from-webhook';
export * from './parse-big-json';
export * from './shopify-client-types';
export * from './shopify-order';
