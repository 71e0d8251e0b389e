import { setImmediate as breathe } from 'node:timers/promises';
import { MOST_MAPPING_PARTS, newProductMapping, type NewProductMapping } from '@forma3d/contracts';
import { csvLines, fileRefusal, type CsvLine } from './csv-lines';
import { COLUMNS, splitTags, unguarded, type Cells, type Column } from './mapping-csv';

/** What is wrong with a line, by column. */
export interface LineError {
  path: string;
  message: string;
}

/** A line of a file of mappings. */
export interface FileLine {
  line: number;
  sku: string | null;
  variant_id: string | null;
  errors: LineError[];
}

export interface MappingFile {
  lines: FileLine[];
  /** What the lines without errors say, by `keyOf`, in the order of the file. */
  mappings: Map<string, { mapping: NewProductMapping; firstLine: number }>;
}

/** What tells a mapping from all others of its store. */
export const keyOf = ({ sku, variant_id }: { sku: string | null; variant_id: string | null }): string => (sku === null ? `variant ${variant_id ?? ''}` : `sku ${sku}`);

/** Lines between which others have their turn. */
const STRETCH = 500;

/**
 * Reads a file of mappings. Lines of one SKU or variant are parts of one mapping, in their order, wherever they stand. Everything that is
 * wrong with a line is told at that line.
 *
 * @throws DomainError `invalid` or `too-large` where it is no such file
 */
export async function readMappingFile(text: string): Promise<MappingFile> {
  const [names, ...rows] = await csvLines(text);
  if (names === undefined) throw fileRefusal(1, `the file is empty; its first line names the columns: ${COLUMNS.join(', ')}`);
  const columns = columnsOf(names);
  const file: MappingFile = { lines: [], mappings: new Map() };
  for (const [index, row] of rows.entries()) {
    addLine(file, row, columns);
    if (index % STRETCH === STRETCH - 1) await breathe();
  }
  return file;
}

/** In any order, in any case; what a file does not name is empty. */
function columnsOf({ line, cells }: CsvLine): Column[] {
  const names = cells.map((cell) => cell.toLowerCase());
  const columns = names.map((name) => COLUMNS.find((column) => column === name));
  const unknown = columns.indexOf(undefined);
  if (unknown >= 0) throw fileRefusal(line, `cell ${unknown + 1} names no column; the columns are ${COLUMNS.join(', ')}`);
  const known = columns.filter((column) => column !== undefined);
  if (new Set(known).size < known.length) throw fileRefusal(line, 'a column is named twice');
  if (!known.includes('sku') && !known.includes('variant_id')) throw fileRefusal(line, 'there is neither a column sku nor variant_id');
  return known;
}

function addLine(file: MappingFile, { line, cells }: CsvLine, columns: readonly Column[]): void {
  const own: Cells = Object.fromEntries(columns.map((column, index) => [column, unguarded(cells[index] ?? '')]));
  const parsed = newProductMapping.safeParse(asMapping(own));
  const read: FileLine = { line, sku: own.sku || null, variant_id: own.variant_id || null, errors: [] };
  file.lines.push(read);
  if (cells.slice(columns.length).some((cell) => cell !== '')) read.errors.push({ path: 'line', message: `has more cells than there are columns (${columns.length})` });
  if (parsed.success) read.errors.push(...addTo(file, line, parsed.data));
  else read.errors.push(...parsed.error.issues.map((issue) => inWords(issue, own)));
}

/** Makes what a line says, right by itself, part of its mapping; answers what is wrong with it beside the lines before. */
function addTo({ mappings }: MappingFile, line: number, said: NewProductMapping): LineError[] {
  const known = mappings.get(keyOf(said));
  if (!known) {
    mappings.set(keyOf(said), { mapping: said, firstLine: line });
    return [];
  }
  const { mapping, firstLine } = known;
  const [part] = said.parts;
  if (part === undefined || mapping.kind === 'none') return [{ path: 'kind', message: `line ${firstLine} is of the same mapping; one of kind none has one line` }];
  const errors: LineError[] = [];
  if (said.title !== null && said.title !== mapping.title) errors.push({ path: 'title', message: `differs from line ${firstLine}, which is of the same mapping` });
  if (mapping.parts.some(({ name }) => name === part.name)) errors.push({ path: 'part', message: 'the mapping has a part of this name on a line before' });
  if (mapping.parts.length === MOST_MAPPING_PARTS) errors.push({ path: 'part', message: `a mapping has at most ${MOST_MAPPING_PARTS} parts` });
  if (errors.length === 0) mapping.parts.push(part);
  return errors;
}

const PART_COLUMNS = ['part', 'file_id', 'file_name', 'copies_per_unit', 'pieces_per_print', 'material', 'printer_group', 'tags'] as const;

/** A line as a mapping of one part, or of none. */
function asMapping(own: Cells): unknown {
  const part = {
    name: own.part ?? '',
    file_id: own.file_id ?? '',
    file_name: own.file_name || null,
    copies_per_unit: wholeNumber(own.copies_per_unit),
    pieces_per_print: wholeNumber(own.pieces_per_print),
    material: own.material || null,
    printer_group: own.printer_group || null,
    tags: splitTags(own.tags ?? ''),
  };
  return {
    sku: own.sku || null,
    variant_id: own.variant_id || null,
    title: own.title || null,
    kind: own.kind?.toLowerCase() || 'parts',
    parts: PART_COLUMNS.some((column) => (own[column] ?? '') !== '') ? [part] : [],
  };
}

/** Undefined, which stands for the usual, when the cell is empty; NaN when it holds anything else. */
function wholeNumber(cell = ''): number | undefined {
  if (cell === '') return undefined;
  return /^\d{1,9}$/.test(cell) ? Number(cell) : Number.NaN;
}

function inWords({ path, message }: { path: PropertyKey[]; message: string }, own: Cells): LineError {
  const [field, , ofPart] = path.map(String);
  const column = ofPart === 'name' || (field === 'parts' && ofPart === undefined) ? 'part' : (ofPart ?? field ?? 'line');
  if ((column === 'part' || column === 'file_id') && ofPart !== undefined && (own[column] ?? '') === '') return { path: column, message: 'is missing' };
  if (column === 'copies_per_unit' || column === 'pieces_per_print') return { path: column, message: 'must be a whole number from 1 to 1000' };
  return { path: column, message };
}
