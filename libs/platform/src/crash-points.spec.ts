import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { recordingGate } from '@forma3d/testing';
import { BadSettings } from './config';
import { SIDES } from './config-schema';
import { PointedGate, pointsToWatch, watchDatabase } from './crash-points';

const ALL = new Set(SIDES);
let folder: string;
beforeEach(() => { folder = mkdtempSync(path.join(tmpdir(), 'forma3d-points-')); });
afterEach(() => { rmSync(folder, { recursive: true }); });

test('without its settings nothing is watched, real sides or not', () => {
  expect(pointsToWatch({}, ALL)).toBeUndefined();
  expect(pointsToWatch({ FORMA3D_CRASH_POINT: '', FORMA3D_RECORD_POINTS: '' }, new Set())).toBeUndefined();
});

test.each(['FORMA3D_CRASH_POINT', 'FORMA3D_RECORD_POINTS'])('%s stops the start where a side is real', (name) => {
  expect(() => pointsToWatch({ [name]: 'x' }, new Set(['shopify', 'smtp'] as const))).toThrow(BadSettings);
});

test('the process ends at the point and the time it is told, and each point is written down before', () => {
  const file = path.join(folder, 'points');
  const ends: string[] = [];
  const watch = pointsToWatch({ FORMA3D_RECORD_POINTS: file, FORMA3D_CRASH_POINT: 'b#2' }, ALL, () => ends.push(readFileSync(file, 'utf8')));
  for (const point of ['a', 'b', 'a', 'b', 'b']) watch?.(point);
  const [passed = ''] = ends;
  expect(passed.split('\n').map((line) => line.split('\t').at(-1))).toEqual(['a', 'b', 'a', 'b', '']);
  const [first = NaN, second = NaN] = passed.split('\n').map((line) => Number(line.split('\t')[0]));
  expect(first).toBeLessThanOrEqual(second);
  expect(Math.abs(first - Date.now())).toBeLessThan(60_000);
});

test('a point without a number is the first time there', () => {
  let ends = 0;
  const watch = pointsToWatch({ FORMA3D_CRASH_POINT: 'transaction orders.record before-commit' }, ALL, () => { ends += 1; });
  const db: Parameters<typeof watchDatabase>[0] = { watcher: undefined, pool: { query: jest.fn() } as never };
  watchDatabase(db, watch ?? (() => undefined));
  void db.watcher?.('after-commit', 'orders.record');
  expect(ends).toBe(0);
  void db.watcher?.('before-commit', 'orders.record');
  expect(ends).toBe(1);
});

test('a call passes a point when it may be sent and one before its bill is paid', async () => {
  const inner = recordingGate();
  const seen: string[] = [];
  const gate = new PointedGate(inner, (point) => seen.push(`${point} ${String(inner.calls.length)} ${String(inner.bills.length)}`));
  const settle = await gate.enter({ storeId: 's', system: 'shopify', operation: 'fulfillmentCreate', timeoutMs: 1, cost: 1 });
  await settle({});
  expect(seen).toEqual(['outside shopify fulfillmentCreate before-send 1 0', 'outside shopify fulfillmentCreate after-answer 1 0']);
  expect(inner.bills).toHaveLength(1);
});
