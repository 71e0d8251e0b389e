import { setImmediate as breathe } from 'node:timers/promises';
import { DomainError } from '@forma3d/kernel';
import { CsvError, parse } from 'csv-parse';
import { z } from 'zod';

/** Lines of one file, beside that of the columns. */
export const MOST_LINES = 20_000;
const LONGEST_LINE = 64 * 1024;
/** Read at a stretch; others have their turn between. */
const CHUNK_BYTES = 64 * 1024;

export interface CsvLine {
  /** Where it begins in the file, from 1. */
  line: number;
  cells: string[];
}

const parsedLine = z.object({ record: z.array(z.string()), info: z.object({ bytes: z.number() }) });

/**
 * Reads the lines of a CSV file that have anything in them: any end of line, quoted cells, byte order mark; space around cells is none of theirs.
 * Comma or semicolon stands between them, whichever the first line has.
 *
 * @throws DomainError `invalid` where it is no such file, `too-large` when it has too many lines
 */
export async function csvLines(text: string): Promise<CsvLine[]> {
  const bytes = Buffer.from(text);
  const found: CsvLine[] = [];
  const place = new Place(bytes);
  const parser = parse({
    bom: true,
    delimiter: separatorOf(text),
    record_delimiter: ['\r\n', '\n', '\r'],
    relax_column_count: true,
    max_record_size: LONGEST_LINE,
    info: true,
  });
  let failure: Error | undefined;
  parser.on('error', (error) => (failure = error));
  parser.on('data', (parsed: unknown) => {
    const { record, info } = parsedLine.parse(parsed);
    const cells = record.map((cell) => cell.trim());
    if (cells.some((cell) => cell !== '')) found.push({ line: place.line, cells });
    place.moveTo(info.bytes);
  });
  const closed = new Promise((resolve) => parser.once('close', resolve));
  for (let at = 0; at < bytes.length && failure === undefined && found.length <= MOST_LINES + 1; at += CHUNK_BYTES) {
    parser.write(bytes.subarray(at, at + CHUNK_BYTES));
    await breathe();
  }
  parser.end();
  await closed;
  if (failure !== undefined) throw unreadable(failure, place.line);
  if (found.length > MOST_LINES + 1) throw new DomainError('too-large', `The file has more than ${MOST_LINES} lines. Import it in parts.`);
  return found;
}

/** The names of columns have neither comma nor semicolon. */
function separatorOf(text: string): string {
  const [names = ''] = text.split(/[\r\n]/, 1);
  return names.includes(';') ? ';' : ',';
}

/** Counts the lines of the file up to a byte of it; the parser counts some ends of lines in quotes twice. */
class Place {
  line = 1;
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  moveTo(end: number): void {
    for (; this.at < end; this.at += 1) {
      const byte = this.bytes[this.at];
      if (byte === NEW_LINE || (byte === RETURN && this.bytes[this.at + 1] !== NEW_LINE)) this.line += 1;
    }
  }
}
const NEW_LINE = 0x0a;
const RETURN = 0x0d;

const WHY: Readonly<Record<string, string>> = {
  CSV_QUOTE_NOT_CLOSED: 'a quoted cell begins here or later and is never closed',
  CSV_INVALID_CLOSING_QUOTE: 'a cell with quotes must be quoted as a whole, and each quote in it doubled',
  INVALID_OPENING_QUOTE: 'a cell with quotes must be quoted as a whole, and each quote in it doubled',
  CSV_MAX_RECORD_SIZE: 'is longer than any line of mappings; a quote may be missing',
};

function unreadable(error: Error, line: number): DomainError<'invalid'> {
  const why = error instanceof CsvError ? WHY[error.code] : undefined;
  return fileRefusal(line, why ?? 'cannot be read as CSV');
}

/** The refusal of a whole file for something that no other line can make good. */
export function fileRefusal(line: number, message: string): DomainError<'invalid'> {
  return new DomainError('invalid', 'The file cannot be read.', { errors: [{ path: `line ${line}`, message }] });
}
