import type { UnmappedLinesDetails } from '@forma3d/contracts';
import type { LineRow } from '../orders';

type Line = Pick<LineRow, 'id' | 'title' | 'sku' | 'variantId'>;

/** What a line can be mapped by. */
type MappedBy = 'sku' | 'variant' | 'nothing';

function mappedBy({ sku, variantId }: Line): MappedBy {
  if (sku !== null && sku.trim() !== '') return 'sku';
  return variantId === null ? 'nothing' : 'variant';
}

const REASONS: Readonly<Record<MappedBy, string>> = {
  sku: 'no mapping for its SKU or variant',
  variant: 'no mapping for its variant, and it has no SKU',
  nothing: 'the line has neither SKU nor variant',
};

/** Why no product mapping fits a line. */
export const reasonUnmapped = (line: Line): string => REASONS[mappedBy(line)];

/** What people are told of the unmapped lines of an order: each with its reason, and what helps where no mapping can. */
export function whatIsUnmapped(orderName: string, lines: readonly Line[]): { message: string; details: UnmappedLinesDetails } {
  const named = { sku: new Set<string>(), variant: new Set<string>(), nothing: new Set<string>() };
  for (const line of lines) named[mappedBy(line)].add(mappedBy(line) === 'sku' ? (line.sku ?? line.title) : line.title);
  const told = [
    words(named.sku, 'has no product mapping', 'have no product mapping'),
    words(named.variant, 'has no SKU, and its variant no product mapping', 'have no SKU, and their variants no product mapping'),
    words(named.nothing, 'has neither SKU nor variant', 'have neither SKU nor variant'),
  ].flat();
  const advice = named.nothing.size === 0 ? '' : ' What has neither SKU nor variant cannot be mapped: remove or replace it in Shopify, or fulfill the order by force, or cancel it.';
  return {
    message: `Order ${orderName} waits: ${told.join('; ')}.${advice}`,
    details: {
      lines: lines.map((line) => ({
        line_item_id: line.id,
        title: line.title,
        sku: mappedBy(line) === 'sku' ? line.sku : null,
        variant_id: line.variantId,
        reason: reasonUnmapped(line),
      })),
    },
  };
}

const words = (names: ReadonlySet<string>, one: string, many: string): string[] =>
  names.size === 0 ? [] : [`${[...names].join(', ')} ${names.size === 1 ? one : many}`];
