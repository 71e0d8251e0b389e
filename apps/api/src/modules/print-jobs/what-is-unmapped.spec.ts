import { whatIsUnmapped } from './what-is-unmapped';

const line = (id: string, title: string, sku: string | null, variantId: string | null) => ({ id, title, sku, variantId });
const message = (...lines: ReturnType<typeof line>[]) => whatIsUnmapped('#1003', lines).message;

it('names what has no mapping by its SKU, each once', () => {
  expect(message(line('1', 'Vase', 'VASE-WALL', '7'))).toBe('Order #1003 waits: VASE-WALL has no product mapping.');
  expect(message(line('1', 'Vase', 'VASE', '7'), line('2', 'Vase', 'VASE', '7'), line('3', 'Mug', 'MUG', null))).toBe(
    'Order #1003 waits: VASE, MUG have no product mapping.',
  );
});

it('names what has no SKU by its title', () => {
  expect(message(line('1', 'Vase', null, '7'))).toBe('Order #1003 waits: Vase has no SKU, and its variant no product mapping.');
});

it('says of what cannot be mapped what helps instead', () => {
  expect(message(line('1', 'Vase', 'VASE', '7'), line('2', 'Engraving', null, null), line('3', 'Gift wrap', ' ', null))).toBe(
    'Order #1003 waits: VASE has no product mapping; Engraving, Gift wrap have neither SKU nor variant.' +
      ' What has neither SKU nor variant cannot be mapped: remove or replace it in Shopify, or fulfill the order by force, or cancel it.',
  );
});

it('holds every line with its reason', () => {
  expect(whatIsUnmapped('#1003', [line('1', 'Vase', 'VASE', '7'), line('2', 'Mug', null, '8'), line('3', 'Engraving', ' ', null)]).details).toEqual({
    lines: [
      { line_item_id: '1', title: 'Vase', sku: 'VASE', variant_id: '7', reason: 'no mapping for its SKU or variant' },
      { line_item_id: '2', title: 'Mug', sku: null, variant_id: '8', reason: 'no mapping for its variant, and it has no SKU' },
      { line_item_id: '3', title: 'Engraving', sku: null, variant_id: null, reason: 'the line has neither SKU nor variant' },
    ],
  });
});
