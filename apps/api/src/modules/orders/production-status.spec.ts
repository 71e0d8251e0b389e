import { productionStatus, type ProductionFacts } from './production-status';

const facts = (change: Partial<ProductionFacts>): ProductionFacts => ({
  wanted: 3,
  sent: 0,
  completed: 0,
  failed: 0,
  unmapped: 0,
  cancelled: false,
  planned: true,
  fulfillmentFailed: false,
  ...change,
});

test.each([
  ['CANCELLED', 'a cancelled order, whatever else is true', { cancelled: true, failed: 1, completed: 3 }],
  ['FAILED', 'a print that failed for good', { failed: 1, completed: 2, sent: 3 }],
  ['FAILED', 'a fulfillment that failed for good, though every print is complete', { fulfillmentFailed: true, completed: 3 }],
  ['COMPLETED', 'every wanted print complete', { sent: 3, completed: 3 }],
  ['COMPLETED', 'nothing wanted, once it is planned', { wanted: 0 }],
  ['PENDING', 'nothing wanted before the first plan', { wanted: 0, planned: false }],
  ['PARTIALLY_COMPLETED', 'every print complete and a line unmapped', { completed: 3, unmapped: 1 }],
  ['PENDING', 'nothing but an unmapped line', { wanted: 0, unmapped: 1 }],
  ['PARTIALLY_COMPLETED', 'some prints complete', { sent: 3, completed: 1 }],
  ['PROCESSING', 'a print that was sent', { sent: 1 }],
  ['PENDING', 'nothing sent', {}],
] as const)('%s is %s', (status, _what, change) => {
  expect(productionStatus(facts(change))).toBe(status);
});
