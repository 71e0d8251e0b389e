import { fulfillmentNode, fulfillmentOrderNode, locationNode, serviceNode } from './admin-fulfillment';
import { lineNode, productNode, variantNode } from './admin-line';
import type { Nodes } from './admin-node';
import { orderNode, transactionNode } from './admin-order';
import { refundNode } from './admin-refund';
import type { Shop } from './shop';

/** All kinds of objects for one shop. */
export function adminNodes(shop: Shop): Nodes {
  const nodes: Nodes = {
    shop,
    order: (order) => orderNode(nodes, order),
    line: (order, line) => lineNode(nodes, order, line),
    product: (id) => productNode(nodes, id),
    variant: (id) => variantNode(nodes, id),
    fulfillment: (order, fulfillment) => fulfillmentNode(nodes, order, fulfillment),
    fulfillmentOrder: (order, fulfillmentOrder) => fulfillmentOrderNode(nodes, order, fulfillmentOrder),
    refund: (order, refund) => refundNode(nodes, order, refund),
    transaction: (order, transaction) => transactionNode(order, transaction),
    location: (id) => locationNode(nodes, id),
    service: (handle) => serviceNode(nodes, handle),
  };
  return nodes;
}
