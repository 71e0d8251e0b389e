import type { LocationRecord, ProductRecord } from './shop-types';

/** Two places of the shop itself, and the warehouse of a third party: its lines are not ours to fulfill. */
export const LOCATIONS: LocationRecord[] = [
  { id: '71000000001', name: 'Workshop', city: 'Ghent', service: null },
  { id: '71000000002', name: 'City counter', city: 'Antwerp', service: null },
  { id: '71000000003', name: 'Pack & Post warehouse', city: 'Rotterdam', service: 'pack-and-post' },
];

const rows: [title: string, vendor: string, variants: [sku: string, cents: number, title?: string][], giftCard?: true][] = [
  ['Desk dragon', 'Forma3D', [['DRAGON-S', 1490, 'Small'], ['DRAGON-L', 2990, 'Large']]],
  ['Cable clip set', 'Forma3D', [['CLIP-10', 990]]],
  ['Planter Hex', 'Green Layer', [['HEX-WHITE', 1950, 'White'], ['HEX-GREEN', 1950, 'Green'], ['HEX-BLACK', 1950, 'Black']]],
  ['Wall vase', 'Green Layer', [['VASE-WALL', 2450]]],
  ['Headphone stand', 'Studio Nozzle', [['STAND-HP', 3490]]],
  ['Phone dock', 'Studio Nozzle', [['DOCK-PHONE', 1790]]],
  ['Chess set', 'Studio Nozzle', [['CHESS-SET', 6900]]],
  ['Dice tower', 'Tabletop & Co', [['DICE-TOWER', 2690]]],
  ['Token tray', 'Tabletop & Co', [['TRAY-4', 1290, 'Four'], ['TRAY-8', 2190, 'Eight']]],
  ['Miniature base pack', 'Tabletop & Co', [['BASE-25', 890]]],
  ['Lamp shade Twist', 'Forma3D', [['LAMP-TWIST', 4590]]],
  ['Key ring', 'Green Layer', [['KEYRING', 490]]],
  ['Gift card', 'Forma3D', [['GIFT-25', 2500]], true],
];

/** A fresh copy of the thirteen products that every new sandbox shop sells. */
export function seedProducts(): ProductRecord[] {
  let next = 81000000000;
  const id = () => String((next += 1));
  return rows.map(([title, vendor, variants, giftCard]) => ({
    id: id(),
    title,
    vendor,
    giftCard: giftCard === true,
    variants: variants.map(([sku, priceCents, variantTitle]) => ({
      id: id(),
      title: variantTitle ?? null,
      sku,
      priceCents,
    })),
  }));
}

/** The shop's vendors by name, most products first: the default of what history is made of. */
export const VENDORS = ['Forma3D', 'Green Layer', 'Studio Nozzle', 'Tabletop & Co'];
