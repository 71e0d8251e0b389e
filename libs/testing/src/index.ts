export * from './fake-clock';
export * from './until';
export * from './use-database';
