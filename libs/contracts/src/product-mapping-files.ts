import { z } from 'zod';

const flag = z
  .enum(['true', 'false'])
  .default('false')
  .transform((value) => value === 'true');

/** Which separator a file of mappings has. */
export const productMappingExportQuery = z.strictObject({
  separator: z
    .enum(['comma', 'semicolon'])
    .default('comma')
    .meta({ description: '`comma` is RFC 4180. `semicolon`, with a byte order mark, opens rightly in a European Excel.' }),
});
export type ProductMappingExportQuery = z.output<typeof productMappingExportQuery>;

export const productMappingImportQuery = z.strictObject({
  dry_run: flag.meta({ description: '`true`: tell what would happen, and change nothing.' }),
});

/** What an import does, or would do, with a line of the file. */
export const importedLine = z
  .object({
    line: z.number().int().meta({ description: 'Where the line begins in the file; the names of the columns stand on line 1.' }),
    sku: z.string().nullable(),
    variant_id: z.string().nullable(),
    action: z.enum(['create', 'update', 'unchanged', 'error']).meta({ description: 'What becomes of its mapping. Lines of one mapping say the same, unless they have errors.' }),
    errors: z.array(z.object({ path: z.string().meta({ description: 'The column.' }), message: z.string() })),
  })
  .meta({ id: 'ImportedLine' });
export type ImportedLine = z.output<typeof importedLine>;

/** What became of a file of mappings, line by line. */
export const productMappingImport = z
  .object({
    dry_run: z.boolean(),
    applied: z.boolean().meta({ description: 'Whether the mappings are now as the file says. Never in a dry run.' }),
    mappings: z.object({ create: z.number().int(), update: z.number().int(), unchanged: z.number().int() }).meta({ description: 'Mappings of which every line is right.' }),
    lines_with_errors: z.number().int(),
    lines: z.array(importedLine),
  })
  .meta({
    id: 'ProductMappingImport',
    example: {
      dry_run: true,
      applied: false,
      mappings: { create: 1, update: 0, unchanged: 0 },
      lines_with_errors: 1,
      lines: [
        { line: 2, sku: 'PLANTER-S', variant_id: null, action: 'create', errors: [] },
        { line: 3, sku: 'VASE', variant_id: null, action: 'error', errors: [{ path: 'file_id', message: 'must be a SimplyPrint file id: 32 hexadecimal digits' }] },
      ],
    },
  });
export type ProductMappingImport = z.output<typeof productMappingImport>;
