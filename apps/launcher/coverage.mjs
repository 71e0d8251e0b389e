/** The tests must reach more than 80 % of the lines of every module and library, each for itself. */
import fs from 'node:fs';
import path from 'node:path';
import { root } from './place.mjs';
import { say } from './terminal.mjs';

const WANTED_PERCENT = 80;

/** What stands or falls together: a module of the API, the rest of an app, a library. */
function groupOf(file) {
  const parts = path.relative(root, file).split(path.sep);
  return parts[2] === 'src' && parts[3] === 'modules' ? parts.slice(0, 5).join('/') : parts.slice(0, 2).join('/');
}

/** One check a group, from jest's coverage summary. */
export function coverageChecks(folder) {
  const file = path.join(folder, 'coverage-summary.json');
  if (!fs.existsSync(file)) return { passed: 0, failed: 1 };
  const { total: _total, ...files } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const groups = new Map();
  for (const [name, { lines }] of Object.entries(files)) {
    const group = groups.get(groupOf(name)) ?? { total: 0, covered: 0 };
    groups.set(groupOf(name), { total: group.total + lines.total, covered: group.covered + lines.covered });
  }
  let failed = 0;
  for (const [name, { total, covered }] of [...groups].filter(([, { total }]) => total > 0).sort()) {
    const percent = (100 * covered) / total;
    if (percent <= WANTED_PERCENT) failed += 1;
    say(`${percent > WANTED_PERCENT ? '✓' : '✗'} ${name.padEnd(44)} ${percent.toFixed(1).padStart(5)} % of ${total} lines`);
  }
  return { passed: groups.size - failed, failed };
}
