import { z } from 'zod';
import { pageOf, pageQuery } from './pagination';

const text = (max: number) => z.string().trim().min(1).max(max);

/** One file to print for a product. */
export const mappingPart = z.strictObject({
  name: text(100).meta({ description: 'Unique within the mapping; keeps its identity through edits.', example: 'lid' }),
  file_id: z
    .string()
    .trim()
    .regex(/^[0-9a-fA-F]{32}$/, 'must be a SimplyPrint file id: 32 hexadecimal digits')
    .transform((id) => id.toLowerCase())
    .meta({ description: "SimplyPrint's file (filesystem) id.", example: 'c00489ef361771ac098b5a60e6740757' }),
  file_name: text(255).nullish().transform((name) => name ?? null),
  copies_per_unit: z.number().int().min(1).max(1000).default(1).meta({ description: 'Pieces of this part in one sold unit.' }),
  pieces_per_print: z.number().int().min(1).max(1000).default(1).meta({ description: 'Pieces that come off one print (yield).' }),
  material: text(100).nullish().transform((material) => material ?? null),
  printer_group: text(50).nullish().transform((group) => group ?? null).meta({ description: "SimplyPrint's queue group." }),
  tags: z.array(text(50)).max(20).default([]),
});
export type MappingPart = z.output<typeof mappingPart>;

const key = {
  sku: text(255).nullish().transform((sku) => sku ?? null),
  variant_id: z
    .string()
    .regex(/^\d{1,20}$/, 'must be the numeric id of a Shopify variant')
    .nullish()
    .transform((id) => id ?? null),
};
/** Parts of one mapping. */
export const MOST_MAPPING_PARTS = 50;
const parts = z
  .array(mappingPart)
  .max(MOST_MAPPING_PARTS)
  .refine((all) => new Set(all.map((part) => part.name)).size === all.length, 'part names must differ');

/** A new mapping: by SKU or by variant (exactly one); `kind: none` means that nothing is produced for it. */
export const newProductMapping = z
  .strictObject({ ...key, title: text(255).nullish().transform((title) => title ?? null), kind: z.enum(['parts', 'none']).default('parts'), parts: parts.default([]) })
  .refine((mapping) => (mapping.sku === null) !== (mapping.variant_id === null), {
    path: ['sku'],
    message: 'give either sku or variant_id',
  })
  .refine((mapping) => (mapping.kind === 'none') === (mapping.parts.length === 0), {
    path: ['parts'],
    message: 'a mapping of kind parts has at least one part, one of kind none has none',
  })
  .meta({
    id: 'NewProductMapping',
    example: {
      sku: 'PLANTER-S',
      title: 'Planter, small',
      parts: [
        { name: 'pot', file_id: 'c00489ef361771ac098b5a60e6740757', copies_per_unit: 1, pieces_per_print: 1 },
        { name: 'foot', file_id: '1a077dd6296417fe75555bf806b68089', copies_per_unit: 4, pieces_per_print: 4 },
      ],
    },
  });
export type NewProductMapping = z.output<typeof newProductMapping>;

/** A change: what is left out stays. Parts are replaced as a whole. */
export const productMappingChange = z
  .strictObject({ title: text(255).nullable().optional(), kind: z.enum(['parts', 'none']).optional(), parts: parts.optional() })
  .refine((change) => Object.keys(change).length > 0, 'give something to change')
  .meta({ id: 'ProductMappingChange', example: { title: 'Planter, small, round' } });
export type ProductMappingChange = z.output<typeof productMappingChange>;

/** For which SKU or variant (exactly one) the parts of a mapping are made once more. */
export const productMappingCopy = z
  .strictObject({ ...key, title: text(255).optional().meta({ description: 'Left out: that of the mapping copied from.' }) })
  .refine((copy) => (copy.sku === null) !== (copy.variant_id === null), { path: ['sku'], message: 'give either sku or variant_id' })
  .meta({ id: 'ProductMappingCopy', example: { sku: 'PLANTER-S-BLK', title: 'Planter, small, black' } });
export type ProductMappingCopy = z.output<typeof productMappingCopy>;

/** A part as it was saved: what it was asked to be, checked then. */
export const savedMappingPart = z.object({
  name: z.string(),
  file_id: z.string(),
  file_name: z.string().nullable(),
  copies_per_unit: z.number().int(),
  pieces_per_print: z.number().int(),
  material: z.string().nullable(),
  printer_group: z.string().nullable(),
  tags: z.array(z.string()),
});

export const productMapping = z
  .object({
    id: z.uuid(),
    sku: z.string().nullable(),
    variant_id: z.string().nullable(),
    title: z.string().nullable(),
    kind: z.enum(['parts', 'none']),
    parts: z.array(savedMappingPart),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'ProductMapping' });
export type ProductMapping = z.output<typeof productMapping>;
export const productMappingPage = pageOf(productMapping).meta({ id: 'ProductMappingPage' });

export const productMappingQuery = pageQuery.extend({
  q: z.string().trim().max(100).optional().meta({ description: 'Text in SKU, variant id or title.' }),
  kind: z.enum(['parts', 'none']).optional(),
});
export type ProductMappingQuery = z.output<typeof productMappingQuery>;

/** A mapping whose SKU looks like that of a line without one. */
export const mappingSuggestion = z
  .object({
    mapping_id: z.uuid(),
    sku: z.string(),
    reason: z.string().meta({ description: 'How the two SKUs differ, in words.', example: 'the same but for the suffix -BLK' }),
  })
  .meta({ id: 'MappingSuggestion' });
export type MappingSuggestion = z.output<typeof mappingSuggestion>;

/** A line that waits for a mapping. */
export const unmappedLine = z
  .object({
    line_item_id: z.uuid(),
    order_id: z.uuid(),
    order_name: z.string(),
    title: z.string(),
    variant_title: z.string().nullable(),
    sku: z.string().nullable(),
    variant_id: z.string().nullable(),
    quantity: z.number().int(),
    reason: z.string().meta({ description: 'Why no mapping fits.' }),
    placed_at: z.iso.datetime(),
    suggestions: z.array(mappingSuggestion).max(3).meta({
      description: 'Mappings whose SKU is almost the same, likeliest first. `POST /product-mappings/{mapping_id}/copy` maps this SKU to the same parts.',
    }),
  })
  .meta({ id: 'UnmappedLine' });
export const unmappedLinePage = pageOf(unmappedLine).meta({ id: 'UnmappedLinePage' });
export type UnmappedLine = z.output<typeof unmappedLine>;

/** What the `details` of an attention item `unmapped-lines` hold. */
export const unmappedLinesDetails = z.object({
  lines: z.array(unmappedLine.pick({ line_item_id: true, title: true, sku: true, variant_id: true, reason: true })),
});
export type UnmappedLinesDetails = z.output<typeof unmappedLinesDetails>;
