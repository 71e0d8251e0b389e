/** What the soak's shop sells and how it is made: what is expected of the farm follows from this page alone. */
import { createHash } from 'node:crypto';

/** Each part has a file of its own, so that the farm's history tells which part a print was. */
const part = (name, copies = 1, pieces = 1) => ({
  name,
  file_id: createHash('md5').update(`soak ${name}`).digest('hex'),
  file_name: `${name}.gcode`,
  copies_per_unit: copies,
  pieces_per_print: pieces,
});

export const MAPPED = {
  'DRAGON-L': [part('body'), part('wings', 2, 4)],
  'CLIP-10': [part('clips', 10, 10)],
  'HEX-WHITE': [part('pot')],
  'VASE-WALL': [part('vase', 3, 2)],
  KEYRING: [part('ring', 1, 20)],
  'BASE-25': [], // nothing is produced for it
};

/** Sold before anybody has said how it is made. */
export const MAPPED_LATE = { 'DOCK-PHONE': [part('dock')], 'TRAY-8': [part('tray', 8, 3)] };

/** Fulfilled by Shopify itself, and by a third party: never ours. */
export const GIFT_CARD = 'GIFT-25';
export const OTHER_SERVICE = { sku: 'CHESS-SET', fulfillment_service: 'pack-and-post' };

export const partsOf = (sku) => MAPPED[sku] ?? MAPPED_LATE[sku] ?? [];

/** Prints of a part for a number of sold units. */
export const printsFor = (units, { copies_per_unit, pieces_per_print }) => Math.ceil((units * copies_per_unit) / pieces_per_print);

/** The body that saves the mapping of a SKU. */
export function mappingOf(sku) {
  const parts = partsOf(sku);
  return parts.length > 0 ? { sku, parts } : { sku, kind: 'none' };
}
