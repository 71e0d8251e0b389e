import { DatabaseTrouble } from '@forma3d/database';
import pino from 'pino';
import { calmLog } from './calm-log';

let now: number;
let lines: Record<string, unknown>[];
const logger = () =>
  pino({ hooks: { logMethod: calmLog(() => now) } }, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });

beforeEach(() => {
  now = 0;
  lines = [];
});

test('a flood of trouble with the database is a line now and one in a while, which counts those between', () => {
  const log = logger();
  const err = new DatabaseTrouble('away', '57P01', undefined);
  for (let each = 0; each < 1_000; each += 1) log.error({ err }, 'a delivery could not be stored');
  now = 10_000;
  log.error({ err, webhook_id: 'w' }, 'a delivery could not be stored');
  expect(lines.map(({ msg, left_out: leftOut }) => ({ msg, leftOut }))).toEqual([
    { msg: 'a delivery could not be stored', leftOut: undefined },
    { msg: 'a delivery could not be stored', leftOut: 999 },
  ]);
  expect(lines[1]).toMatchObject({ webhook_id: 'w', err: { message: 'the database is away (57P01)' } });
});

test('requests that were answered 503 are such a flood; other kinds do not hide behind it', () => {
  const log = logger();
  for (const status of [503, 503, 404, 404]) log.info({ status }, 'request');
  log.error({ err: new DatabaseTrouble('busy', '53300', undefined) }, 'the queue could not be read');
  log.error({ err: new DatabaseTrouble('away', '57P01', undefined) }, 'the queue could not be read');
  log.error({ err: new Error('another') }, 'the queue could not be read');
  log.error({ err: new Error('another') }, 'the queue could not be read');
  expect(lines.map(({ status, err }) => status ?? (err as Error).message)).toEqual([
    503, 404, 404, 'the database could not do it now (53300)', 'the database is away (57P01)', 'another', 'another',
  ]);
});
