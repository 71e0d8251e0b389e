import { connection } from './admin-connection';
import { decimal, moneyBag, moneyV2 } from './admin-money';
import type { Args, Node, Nodes } from './admin-node';
import { fulfilledQuantity, linePrice, lineTax, unfulfilledQuantity } from './shop-money';
import type { LineRecord, OrderRecord } from './shop-types';
import { gid } from './shopify-json';

export function lineNode(nodes: Nodes, order: OrderRecord, line: LineRecord): Node {
  const { currency } = order;
  const bag = (cents: number) => moneyBag(cents, currency);
  const taxCents = lineTax(line, line.quantity, order.taxesIncluded);
  const open = unfulfilledQuantity(order, line);
  const done = fulfilledQuantity(order, line.id);
  const perUnit = line.quantity === 0 ? 0 : Math.round(linePrice(line, line.quantity) / line.quantity);
  return {
    __typename: 'LineItem',
    id: gid('LineItem', line.id),
    name: line.variantTitle ? `${line.title} - ${line.variantTitle}` : line.title,
    title: line.title,
    variantTitle: line.variantTitle,
    sku: line.sku,
    vendor: line.vendor,
    quantity: line.quantity,
    currentQuantity: line.currentQuantity,
    fulfillableQuantity: open,
    unfulfilledQuantity: open,
    nonFulfillableQuantity: line.currentQuantity - Math.min(line.currentQuantity, open),
    refundableQuantity: line.currentQuantity,
    fulfillmentStatus: done === 0 ? 'unfulfilled' : open === 0 ? 'fulfilled' : 'partial',
    requiresShipping: line.requiresShipping,
    restockable: true,
    taxable: !line.giftCard && !line.tip,
    isGiftCard: line.giftCard,
    merchantEditable: true,
    customAttributes: [],
    duties: [],
    originalUnitPriceSet: bag(line.unitPriceCents),
    originalTotalSet: bag(line.unitPriceCents * line.quantity),
    discountedUnitPriceSet: bag(line.unitPriceCents),
    discountedUnitPriceAfterAllDiscountsSet: bag(perUnit),
    discountedTotalSet: bag(line.unitPriceCents * line.quantity),
    totalDiscountSet: bag(0),
    unfulfilledOriginalTotalSet: bag(line.unitPriceCents * open),
    unfulfilledDiscountedTotalSet: bag(linePrice(line, open)),
    discountAllocations:
      line.discountCents > 0
        ? [
            {
              __typename: 'DiscountAllocation',
              allocatedAmountSet: bag(line.discountCents),
              allocatedAmount: moneyV2(line.discountCents, currency),
            },
          ]
        : [],
    taxLines: line.taxRate > 0 ? [taxLine(taxCents, line.taxRate, currency)] : [],
    product: () => nodes.product(line.productId),
    variant: () => nodes.variant(line.variantId),
    // Custom lines and tips are nobody's stock, but the shop fulfills them: Shopify says `manual`.
    fulfillmentService: nodes.service(line.service),
    image: null,
    sellingPlan: null,
    contract: null,
    lineItemGroup: null,
  };
}

export function productNode(nodes: Nodes, id: string | null): Node | null {
  const product = nodes.shop.data.products.find((candidate) => candidate.id === id);
  if (!product) return null;
  return {
    __typename: 'Product',
    id: gid('Product', product.id),
    legacyResourceId: product.id,
    title: product.title,
    vendor: product.vendor,
    handle: product.title.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
    isGiftCard: product.giftCard,
    productType: '',
    status: 'ACTIVE',
    tags: [],
    createdAt: '2026-01-05T08:00:00Z',
    updatedAt: '2026-01-05T08:00:00Z',
    variants: (args: Args) => connection(product.variants, args, (variant) => nodes.variant(variant.id)),
  };
}

export function variantNode(nodes: Nodes, id: string | null): Node | null {
  if (id === null) return null;
  for (const product of nodes.shop.data.products) {
    const variant = product.variants.find((candidate) => candidate.id === id);
    if (!variant) continue;
    const title = variant.title ?? 'Default Title';
    return {
      __typename: 'ProductVariant',
      id: gid('ProductVariant', variant.id),
      legacyResourceId: variant.id,
      title,
      displayName: `${product.title} - ${title}`,
      sku: variant.sku,
      price: decimal(variant.priceCents, 'EUR'),
      barcode: null,
      position: product.variants.indexOf(variant) + 1,
      product: () => nodes.product(product.id),
    };
  }
  return null;
}

export function taxLine(cents: number, rate: number, currency: string): Node {
  const priceSet = moneyBag(cents, currency);
  return { __typename: 'TaxLine', title: 'VAT', rate, ratePercentage: rate * 100, channelLiable: false, source: 'Shopify', priceSet };
}
