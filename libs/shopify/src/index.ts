export * from './delivery';
export { DOCUMENTS, type ShopifyDocument } from './documents';
export * from './gid';
export * from './order-from-webhook';
export * from './parse-big-json';
export * from './privacy-delivery';
export { createShopifyClient } from './shopify-client';
export * from './shopify-client-types';
export * from './shopify-order';
