/** Fulfillments: every unit that is due went out once, and the customer was told. */
import { GIFT_CARD } from './products.mjs';
import { fulfilledUnits } from './expectation.mjs';

/** Fulfillments of lines that are ours, with the order. */
const ours = (shop) => shop.flatMap((order) => order.fulfillments
  .filter(({ status, lines }) => status === 'SUCCESS' && lines.some(({ line_item_id: id }) => serviceOf(order, id) === 'manual'))
  .map((fulfillment) => ({ order, fulfillment })));
const serviceOf = (order, lineId) => order.lines.find(({ id }) => id === lineId)?.fulfillment_service;

const eachLine = ({ expected }, words) => [...expected.values()].flatMap((order) => order.lines.flatMap((line) => words(order, line)));

export const fulfillmentRules = [
  {
    kind: 'stuck',
    name: 'every unit that is due is fulfilled in Shopify',
    find: (evidence) => eachLine(evidence, ({ name }, { sku, due, fulfilled }) => (fulfilled < due ? [`${name}: ${fulfilled} of ${due} ${sku}`] : [])),
  },
  {
    kind: 'doubled',
    name: 'no unit is fulfilled twice, or without being due',
    find: (evidence) => eachLine(evidence, ({ name, fulfilledByMerchant, paid, cancelled }, { sku, due, fulfilled }) => {
      const allowed = (paid && !cancelled) || !fulfilledByMerchant ? due : Infinity; // unpaid goods may be handed out by the merchant
      return fulfilled > allowed ? [`${name}: ${fulfilled} instead of ${due} ${sku}`] : [];
    }),
  },
  {
    kind: 'doubled',
    name: 'an order that nobody changed has one fulfillment for each location',
    find: ({ shop, expected }) => {
      const made = ours(shop);
      return shop.flatMap((order) => {
        const { plain, paid, cancelled } = expected.get(order.id) ?? {};
        if (!plain || !paid || cancelled) return [];
        const own = order.fulfillment_orders.filter(({ lines }) => lines.some(({ line_item_id: id }) => serviceOf(order, id) === 'manual'));
        const places = new Set(own.map(({ location }) => location)).size;
        const count = made.filter((each) => each.order === order).length;
        return count > places ? [`${order.name}: ${count} for ${places} locations`] : [];
      });
    },
  },
  {
    kind: 'wrong',
    name: 'customers are told of every fulfillment',
    find: ({ shop }) => ours(shop).filter(({ fulfillment }) => !fulfillment.notified).map(({ order, fulfillment }) => `${order.name}: fulfillment ${fulfillment.id}`),
  },
  {
    kind: 'wrong',
    name: 'lines of others are left alone',
    find: ({ shop, expected }) => shop.flatMap((order) => {
      if (expected.get(order.id)?.fulfilledByMerchant) return [];
      const others = order.lines.filter(({ fulfillment_service: service, sku }) => service !== 'manual' && sku !== GIFT_CARD);
      return others.filter(({ id }) => fulfilledUnits(order, id) > 0).map(({ sku }) => `${order.name}: ${sku}`);
    }),
  },
  {
    kind: 'wrong',
    name: 'our fulfillments are those of Shopify',
    find: ({ shop, rows, expected }) => {
      const succeeded = new Map(rows.fulfillments.filter(({ phase }) => phase === 'succeeded').map((row) => [row.shopify_id, row]));
      const there = new Set(shop.flatMap(({ fulfillments }) => fulfillments.filter(({ status }) => status === 'SUCCESS').map(({ id }) => id)));
      return [
        // What the merchant hands out unpaid is not looked at before it is paid.
        ...ours(shop).filter(({ order, fulfillment }) => expected.get(order.id)?.paid && !succeeded.has(fulfillment.id)).map(({ order, fulfillment }) => `${order.name}: we do not know of ${fulfillment.id}`),
        ...[...succeeded.keys()].filter((id) => !there.has(id)).map((id) => `Shopify does not know of ${id}`),
      ];
    },
  },
  {
    kind: 'stuck',
    name: 'no fulfillment of ours is under way',
    find: ({ rows }) => rows.fulfillments.filter(({ phase }) => !['succeeded', 'cancelled'].includes(phase)).map(({ order_id: order, phase }) => `order ${order}: ${phase}`),
  },
];
