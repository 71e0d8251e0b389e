export * from './events';
export * from './pagination';
export * from './problem';
export * from './sandbox';
export * from './states';
export * from './store';
export * from './tasks';
