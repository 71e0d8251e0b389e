export * from './fake-clock';
export * from './outside-server';
export * from './recording-gate';
export * from './test-settings';
export * from './shopify-order';
export * from './tcp-proxy';
export * from './until';
export * from './use-database';
