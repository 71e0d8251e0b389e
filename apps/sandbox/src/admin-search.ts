import { badRequest, compareKeys } from './admin-connection';
import { displayFulfillmentStatus, financialStatus } from './shop-money';
import type { OrderRecord } from './shop-types';

type Filter = (order: OrderRecord) => boolean;

const TERM = /\s*(-?)([a-z_]+):\s*(>=|<=|>|<|)\s*(?:'([^']*)'|"([^"]*)"|([^\s()]+))\s*/y;

/**
 * The search syntax of Shopify's `query` arguments, as far as the sandbox knows it: terms joined by AND or by a blank. What it does not know it
 * refuses, rather than answering as if the filter were not there (as Shopify does, with a warning).
 */
export function orderFilter(query: string | null | undefined): Filter {
  if (!query?.trim()) return () => true;
  const text = query.trim();
  const filters: Filter[] = [];
  let at = 0;
  while (at < text.length) {
    if (/^AND\s/.test(text.slice(at))) {
      at += 4;
      continue;
    }
    TERM.lastIndex = at;
    const match = TERM.exec(text);
    if (!match) throw badRequest(`The sandbox does not understand the search "${text}" from "${text.slice(at)}" on.`);
    at = TERM.lastIndex;
    const [, not, field = '', comparison = '', ...values] = match;
    const filter = term(field, comparison, values.find((value) => value !== undefined) ?? '');
    filters.push(not ? (order) => !filter(order) : filter);
  }
  return (order) => filters.every((filter) => filter(order));
}

function term(field: string, comparison: string, value: string): Filter {
  const lower = value.toLowerCase();
  switch (field) {
    case 'updated_at':
      return time((order) => order.updatedAt, comparison, value);
    case 'created_at':
      return time((order) => order.createdAt, comparison, value);
    case 'processed_at':
      return time((order) => order.processedAt, comparison, value);
    case 'id':
      return (order) => compare(compareKeys('', order.id, '', value.replace(/^.*\//, '')), comparison);
    case 'name':
      return (order) => String(order.number) === value.replace(/^#/, '');
    case 'test':
      return (order) => String(order.test) === lower;
    case 'tag':
      return (order) => order.tags.some((tag) => tag.toLowerCase() === lower);
    case 'sku':
      return (order) => order.lines.some((line) => line.sku === value);
    case 'email':
      return (order) => order.email?.toLowerCase() === lower;
    case 'financial_status':
      return (order) => lower === 'any' || financialStatus(order).toLowerCase() === lower;
    case 'fulfillment_status':
      return fulfillment(lower);
    case 'status':
      if (lower === 'any') return () => true;
      if (lower === 'cancelled') return (order) => order.cancelledAt !== null;
      if (lower === 'open' || lower === 'not_closed') return (order) => order.cancelledAt === null;
      if (lower === 'closed') return () => false;
      break;
  }
  throw badRequest(`The sandbox does not know the order filter ${field}:${value}.`);
}

function fulfillment(value: string): Filter {
  const done = (order: OrderRecord) => displayFulfillmentStatus(order);
  switch (value) {
    case 'any':
      return () => true;
    case 'shipped':
    case 'fulfilled':
      return (order) => done(order) === 'FULFILLED';
    case 'partial':
      return (order) => done(order) === 'PARTIALLY_FULFILLED';
    case 'unshipped':
      return (order) => !['FULFILLED', 'PARTIALLY_FULFILLED'].includes(done(order));
    case 'unfulfilled':
      return (order) => done(order) !== 'FULFILLED';
    default:
      throw badRequest(`The sandbox does not know the order filter fulfillment_status:${value}.`);
  }
}

function time(read: (order: OrderRecord) => string, comparison: string, value: string): Filter {
  const wanted = Date.parse(value);
  if (Number.isNaN(wanted)) throw badRequest(`"${value}" is no time.`);
  return (order) => compare(Date.parse(read(order)) - wanted, comparison);
}

function compare(difference: number, comparison: string): boolean {
  switch (comparison) {
    case '>':
      return difference > 0;
    case '>=':
      return difference >= 0;
    case '<':
      return difference < 0;
    case '<=':
      return difference <= 0;
    default:
      return difference === 0;
  }
}

/** The sort value of an order for `OrderSortKeys`; texts compare as the values do. */
export function orderSortKey(sortKey: string | null | undefined): (order: OrderRecord) => string {
  switch (sortKey ?? 'PROCESSED_AT') {
    case 'UPDATED_AT':
      return (order) => order.updatedAt;
    case 'CREATED_AT':
      return (order) => order.createdAt;
    case 'PROCESSED_AT':
    case 'RELEVANCE':
      return (order) => order.processedAt;
    case 'ID':
      return () => '';
    case 'ORDER_NUMBER':
      return (order) => String(order.number).padStart(12, '0');
    default:
      throw badRequest(`The sandbox does not sort orders by ${sortKey ?? ''}.`);
  }
}
