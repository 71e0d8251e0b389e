import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Timetable } from './timetable.mjs';

test('everything comes, and what that adds is waited for too', async () => {
  const timetable = new Timetable();
  const seen = [];
  timetable.at(0, () => {
    seen.push('first');
    timetable.at(timetable.now + 0.02, () => seen.push('added'));
  });
  await timetable.done();
  assert.deepEqual(seen, ['first', 'added']);
});

test('after its end nothing more begins, and nobody waits for it', async () => {
  const timetable = new Timetable();
  timetable.at(3600, () => assert.fail('it began'));
  timetable.end();
  await timetable.done();
});

test('a failure is told', async () => {
  const timetable = new Timetable();
  timetable.at(0, () => Promise.reject(new Error('no such thing')));
  await assert.rejects(timetable.done(), /no such thing/);
});
