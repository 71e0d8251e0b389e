import type { ProductionCounts, ProductionStatus } from '@forma3d/contracts';

/** What decides an order's production status. */
export interface ProductionFacts extends ProductionCounts {
  cancelled: boolean;
  /** The first plan was made: before it "nothing is wanted" is not known yet. */
  planned: boolean;
  /** The latest fulfillment failed for good. */
  fulfillmentFailed: boolean;
}

/** The production status of an order; the first that matches, in the order the product defines. */
export function productionStatus(facts: ProductionFacts): ProductionStatus {
  if (facts.cancelled) return 'CANCELLED';
  if (facts.failed > 0 || facts.fulfillmentFailed) return 'FAILED';
  if (facts.planned && facts.unmapped === 0 && facts.completed >= facts.wanted) return 'COMPLETED';
  if (facts.completed > 0) return 'PARTIALLY_COMPLETED';
  if (facts.sent > 0) return 'PROCESSING';
  return 'PENDING';
}
