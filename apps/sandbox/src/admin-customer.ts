import type { Node } from './admin-node';
import type { AddressRecord, OrderRecord } from './shop-types';
import { gid } from './shopify-json';

export function customerNode(order: OrderRecord): Node | null {
  const { customer } = order;
  if (!customer) return null;
  const address = order.shippingAddress ? addressNode(order.shippingAddress, order.id) : null;
  return {
    __typename: 'Customer',
    id: gid('Customer', customer.id),
    legacyResourceId: customer.id,
    firstName: customer.firstName,
    lastName: customer.lastName,
    displayName: [customer.firstName, customer.lastName].filter(Boolean).join(' ') || (customer.email ?? ''),
    email: customer.email,
    phone: customer.phone,
    defaultEmailAddress: customer.email
      ? { __typename: 'CustomerEmailAddress', emailAddress: customer.email, marketingState: 'NOT_SUBSCRIBED', validFormat: true }
      : null,
    defaultPhoneNumber: customer.phone
      ? { __typename: 'CustomerPhoneNumber', phoneNumber: customer.phone, marketingState: 'NOT_SUBSCRIBED' }
      : null,
    defaultAddress: address,
    createdAt: customer.createdAt,
    updatedAt: order.updatedAt,
    locale: 'en',
    note: null,
    state: 'DISABLED',
    tags: [],
    taxExempt: false,
    verifiedEmail: true,
  };
}

export function addressNode(address: AddressRecord, orderId: string): Node {
  return {
    __typename: 'MailingAddress',
    id: `${gid('MailingAddress', orderId)}?model_name=Address`,
    firstName: address.first_name,
    lastName: address.last_name,
    name: `${address.first_name} ${address.last_name}`.trim(),
    company: null,
    address1: address.address1,
    address2: null,
    zip: address.zip,
    city: address.city,
    province: null,
    provinceCode: null,
    country: address.country,
    countryCode: address.country_code,
    countryCodeV2: address.country_code,
    phone: address.phone,
    formattedArea: `${address.city}, ${address.country}`,
    latitude: null,
    longitude: null,
    coordinatesValidated: false,
    timeZone: null,
  };
}
