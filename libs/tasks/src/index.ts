export * from './agreement';
export * from './enqueue';
export * from './event-log';
export * from './outcome';
export * from './processor';
export * from './task';
export * from './stored-task';
