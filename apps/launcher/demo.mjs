/** What the first start puts into an empty sandbox: what some of the shop's products mean in production, and an order. */
import { createHash } from 'node:crypto';

/** The simulated farm takes any file id, as long as it looks like one. */
const file = (name) => ({ file_id: createHash('md5').update(name).digest('hex'), file_name: name });

export const DEMO_MAPPINGS = [
  {
    sku: 'DRAGON-L',
    title: 'Desk dragon, large',
    parts: [
      { name: 'body', ...file('dragon-body.gcode') },
      { name: 'wings', ...file('dragon-wings.gcode'), copies_per_unit: 2, pieces_per_print: 4 },
    ],
  },
  { sku: 'CLIP-10', title: 'Cable clip set', parts: [{ name: 'clips', ...file('clips.gcode'), copies_per_unit: 10, pieces_per_print: 10 }] },
  { sku: 'GIFT-25', title: 'Gift card', kind: 'none' },
];

export const DEMO_ORDER = {
  lines: [
    { sku: 'DRAGON-L', quantity: 2 },
    { sku: 'CLIP-10', quantity: 1 },
  ],
};
