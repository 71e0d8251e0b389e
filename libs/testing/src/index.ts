export * from './fake-clock';
export * from './outside-server';
export * from './until';
export * from './use-database';
