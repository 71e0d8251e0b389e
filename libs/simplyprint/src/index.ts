export * from './simplyprint-types';
