export * from './backoff';
export * from './clock';
export * from './domain-error';
export * from './ids';
export * from './money';
export * from './outside-error';
export * from './outside-gate';
export * from './state-table';
