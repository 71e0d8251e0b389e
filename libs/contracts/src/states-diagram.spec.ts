import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fillPage, GENERATED } from './documentation.fixture';

const root = join(__dirname, '../../..');

// After a change of the contracts, `WRITE_DOCS=1 npm test -- --only unit states-diagram` writes the pages anew.
describe('the documentation', () => {
  test.each(Object.entries(GENERATED))('%s says what the tables say', (page, parts) => {
    const file = join(root, page);
    const filled = fillPage(readFileSync(file, 'utf8'), parts);
    if (process.env['WRITE_DOCS'] === '1') writeFileSync(file, filled);
    expect(readFileSync(file, 'utf8')).toBe(filled);
  });

  test('a page without a place for a part is refused', () => {
    expect(() => fillPage('# Empty', { table: () => '' })).toThrow('no place for table');
  });
});
