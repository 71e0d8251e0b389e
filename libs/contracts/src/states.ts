import type { Transitions } from '@forma3d/kernel';

/** One print. PENDING: not yet known to SimplyPrint. QUEUED: in its queue. ASSIGNED: given to a printer. */
export const PRINT_JOB = {
  PENDING: ['QUEUED', 'ASSIGNED', 'PRINTING', 'COMPLETED', 'FAILED', 'CANCELLED'],
  QUEUED: ['ASSIGNED', 'PRINTING', 'COMPLETED', 'FAILED', 'CANCELLED'],
  ASSIGNED: ['PRINTING', 'COMPLETED', 'FAILED', 'CANCELLED'],
  PRINTING: ['COMPLETED', 'FAILED', 'CANCELLED'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
} as const satisfies Transitions<string>;
export type PrintJobStatus = keyof typeof PRINT_JOB;
export const PRINT_JOB_STATUSES = Object.keys(PRINT_JOB) as [PrintJobStatus, ...PrintJobStatus[]];

/** Where the order stands with the customer. Shipping may skip `packing`; nothing else is skipped, nothing goes back. */
export const PICKUP_ORDER = {
  pending: ['accepted', 'cancelled'],
  accepted: ['in_progress', 'cancelled'],
  in_progress: ['ready', 'cancelled'],
  ready: ['completed', 'cancelled'],
  completed: [],
  cancelled: [],
} as const satisfies Transitions<string>;
export const SHIPPING_ORDER = {
  pending: ['accepted', 'cancelled'],
  accepted: ['packing', 'shipped', 'cancelled'],
  packing: ['shipped', 'cancelled'],
  shipped: ['delivered'],
  delivered: [],
  cancelled: [],
} as const satisfies Transitions<string>;
export type OrderStatus = keyof typeof PICKUP_ORDER | keyof typeof SHIPPING_ORDER;
export const ORDER_STATUSES = [...new Set([...Object.keys(PICKUP_ORDER), ...Object.keys(SHIPPING_ORDER)])] as [
  OrderStatus,
  ...OrderStatus[],
];

export const FULFILMENT_TYPES = ['pickup', 'shipping'] as const;
export type FulfilmentType = (typeof FULFILMENT_TYPES)[number];

/** What the farm has made of the order; recomputed from counts, so it has no table of moves. */
export const PRODUCTION_STATUSES = [
  'PENDING',
  'PROCESSING',
  'PARTIALLY_COMPLETED',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
] as const;
export type ProductionStatus = (typeof PRODUCTION_STATUSES)[number];

export const FULFILLMENT = {
  pending: ['processing', 'retrying', 'on_hold', 'succeeded', 'failed', 'cancelled'],
  processing: ['retrying', 'on_hold', 'succeeded', 'failed', 'cancelled'],
  retrying: ['processing', 'on_hold', 'succeeded', 'failed', 'cancelled'],
  on_hold: ['processing', 'retrying', 'succeeded', 'failed', 'cancelled'],
  // A failed one may be tried again by a person, or be found done in Shopify after all.
  failed: ['processing', 'succeeded', 'cancelled'],
  succeeded: ['cancelled'],
  cancelled: [],
} as const satisfies Transitions<string>;
export type FulfillmentPhase = keyof typeof FULFILLMENT;
export const FULFILLMENT_PHASES = Object.keys(FULFILLMENT) as [FulfillmentPhase, ...FulfillmentPhase[]];

export const TASK_STATUSES = ['PENDING', 'PROCESSING', 'COMPLETED', 'FAILED', 'DISCARDED'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];
