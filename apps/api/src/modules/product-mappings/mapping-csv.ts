import type { MappingPart, NewProductMapping } from '@forma3d/contracts';
import { stringify } from 'csv-stringify/sync';

/** The columns of a file of mappings: one line for each part, and one for each mapping of kind `none`. */
export const COLUMNS = [
  'sku', 'variant_id', 'title', 'kind', 'part', 'file_id', 'file_name', 'copies_per_unit', 'pieces_per_print', 'material', 'printer_group', 'tags',
] as const;
export type Column = (typeof COLUMNS)[number];
export type Cells = Partial<Record<Column, string>>;

export const SEPARATORS = { comma: ',', semicolon: ';' } as const;
export type Separator = keyof typeof SEPARATORS;

const BYTE_ORDER_MARK = '\ufeff';
/** RFC 4180. */
const LINE_END = '\r\n';

/**
 * Where a spreadsheet would see a formula (https://owasp.org/www-community/attacks/CSV_Injection) stands an apostrophe before it, which makes
 * it text: at the begin of a cell, and after whatever another program takes for a separator. Where there are apostrophes already stands one
 * more, so that taking one away always gives back what was. Cells begin with no space: it is taken from all text that comes in.
 */
export const guarded = (cell: string): string => cell.replaceAll(/(^|[,;\t\r\n])(?=['"]*[=+\-@＝＋－＠])/gu, "$1'");
export const unguarded = (cell: string): string => cell.replaceAll(/(^|[,;\t\r\n])'(?=['"]*[=+\-@＝＋－＠])/gu, '$1');

/** Tags in one cell, between bars; a bar or backslash of a tag itself stands behind a backslash. */
export const joinTags = (tags: readonly string[]): string => tags.map((tag) => tag.replaceAll(/[\\|]/g, '\\$&')).join('|');

export function splitTags(cell: string): string[] {
  if (cell.trim() === '') return [];
  const tags = [''];
  for (const [piece] of cell.matchAll(/\\[\\|]|[^]/gu)) {
    if (piece === '|') tags.push('');
    else tags.push((tags.pop() ?? '') + (piece.length > 1 && piece.startsWith('\\') ? piece.slice(1) : piece));
  }
  return tags.map((tag) => tag.trim());
}

/** The names of the columns, as the first line of a file. */
export const headLine = (separator: Separator): string => {
  // A European Excel reads a file as UTF-8 only by its mark.
  return (separator === 'semicolon' ? BYTE_ORDER_MARK : '') + lines([COLUMNS], separator);
};

/** A mapping as lines of a file. */
export function mappingLines(mapping: NewProductMapping, separator: Separator): string {
  const { sku, variant_id, title, kind } = mapping;
  const own: Cells = { sku: sku ?? '', variant_id: variant_id ?? '', title: title ?? '', kind };
  const all = mapping.parts.length === 0 ? [own] : mapping.parts.map((part) => ({ ...own, ...partCells(part) }));
  return lines(all.map((cells) => COLUMNS.map((column) => guarded(cells[column] ?? ''))), separator);
}

const partCells = (part: MappingPart): Cells => ({
  part: part.name,
  file_id: part.file_id,
  file_name: part.file_name ?? '',
  copies_per_unit: String(part.copies_per_unit),
  pieces_per_print: String(part.pieces_per_print),
  material: part.material ?? '',
  printer_group: part.printer_group ?? '',
  tags: joinTags(part.tags),
});

/** Quoted where any program might see a separator or the end of a line, whichever this file has. */
const lines = (rows: readonly (readonly string[])[], separator: Separator): string =>
  stringify([...rows.map((row) => [...row])], { delimiter: SEPARATORS[separator], record_delimiter: LINE_END, quoted_match: /[,;\t\r\n]/ });
