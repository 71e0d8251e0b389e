export { MARKER_FIELD } from './simplyprint-answers';
export { createSimplyPrintClient } from './simplyprint-client';
export * from './simplyprint-types';
export * from './simplyprint-webhook';
