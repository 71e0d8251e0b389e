export * from './shopify-client-types';
export * from './shopify-order';
