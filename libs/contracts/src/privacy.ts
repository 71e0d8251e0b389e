import { z } from 'zod';
import { pageOf, pageQuery } from './pagination';

/** Requests that make personal data go. */
export const REDACTIONS = ['customer_redact', 'shop_redact'] as const;
/** What Shopify passes on by its privacy topics. */
export const PRIVACY_REQUEST_KINDS = ['data_request', ...REDACTIONS] as const;
export type PrivacyRequestKind = (typeof PRIVACY_REQUEST_KINDS)[number];

const REQUEST_EXAMPLE = {
  id: '0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e',
  kind: 'data_request',
  received_at: '2026-11-21T09:00:00.000Z',
  completed_at: null,
  customer_id: '207119551',
  shopify_order_ids: ['450789469'],
  redacted_orders: 0,
  redacted_deliveries: 0,
};

/** A request about personal data, as ids alone: who it is about stands in Shopify, and in the export. */
export const privacyRequest = z
  .object({
    id: z.uuid(),
    kind: z.enum(PRIVACY_REQUEST_KINDS),
    received_at: z.iso.datetime(),
    completed_at: z.iso.datetime().nullable().meta({ description: 'When the data were redacted, or a person said that the customer has them.' }),
    customer_id: z.string().nullable().meta({ description: "Shopify's id of the customer." }),
    shopify_order_ids: z.array(z.string()).meta({ description: "Shopify's ids of the orders that it is about, as far as Shopify named or we found them." }),
    redacted_orders: z.number().int(),
    redacted_deliveries: z.number().int(),
  })
  .meta({
    id: 'PrivacyRequest',
    example: REQUEST_EXAMPLE,
  });
export type PrivacyRequestView = z.output<typeof privacyRequest>;
export const privacyRequestPage = pageOf(privacyRequest).meta({ id: 'PrivacyRequestPage' });
export const privacyRequestQuery = pageQuery;
export type PrivacyRequestQuery = z.output<typeof privacyRequestQuery>;

const anyJson = z.record(z.string(), z.unknown());

/** Everything that is held of a customer, made when it is asked for and kept nowhere. */
export const personalDataExport = z
  .object({
    request: privacyRequest,
    exported_at: z.iso.datetime(),
    orders: z.array(anyJson).meta({ description: 'Orders as they were placed: customer, address, note, lines, amounts, tracking.' }),
    mirror: z.array(anyJson).meta({ description: 'What the shop says now of the customer of each order.' }),
    deliveries: z.array(anyJson).meta({ description: 'Deliveries of Shopify that are still stored, as they came.' }),
  })
  .meta({
    id: 'PersonalDataExport',
    example: {
      request: REQUEST_EXAMPLE,
      exported_at: '2026-11-21T10:00:00.000Z',
      orders: [{ name: '#1001', customer: { name: 'Jo Doe' }, shipping_address: { city: 'Ghent' } }],
      mirror: [{ name: '#1001', customer_name: 'Jo Doe' }],
      deliveries: [{ topic: 'orders/create', received_at: '2026-11-21T08:00:00.000Z', body: {} }],
    },
  });
export type PersonalDataExport = z.output<typeof personalDataExport>;
