/** The documentation names files and tests: they must be there. */
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { inRoot } from './place.mjs';

const pages = ['README.md', 'CHANGELOG.md', ...fs.readdirSync(inRoot('docs'), { recursive: true }).map((name) => path.join('docs', String(name)))].filter((name) => name.endsWith('.md'));
const read = (page) => fs.readFileSync(inRoot(page), 'utf8');

/** What GitHub makes of a heading for links to it. */
const anchorOf = (heading) => heading.toLowerCase().replaceAll(/[^\p{L}\p{N} _-]/gu, '').trim().replaceAll(' ', '-');
const anchorsIn = (text) => [...text.matchAll(/^#+ +(.+)$/gm)].map(([, heading]) => anchorOf(heading));

test('every link inside the repository leads somewhere', () => {
  assert.ok(pages.length > 10, pages.join(', '));
  const broken = pages.flatMap((page) =>
    [...read(page).matchAll(/\]\(([^)\s]+)\)/g)]
      .map(([, link]) => link)
      .filter((link) => !/^[a-z]+:/.test(link))
      .filter((link) => {
        const [file, anchor] = link.split('#');
        const target = file === '' ? page : path.join(path.dirname(page), file);
        return !fs.existsSync(inRoot(target)) || (anchor !== undefined && !anchorsIn(read(target)).includes(anchor));
      })
      .map((link) => `${page}: ${link}`),
  );
  assert.deepEqual(broken, []);
});

test('every requirement names tests that there are', () => {
  const missing = [];
  let file = '';
  let tests = 0;
  for (const line of read('docs/requirements.md').split('\n')) {
    file = /^- \[`([^`]+)`\]/.exec(line)?.[1] ?? file;
    const name = /^ {2}- `(.+)`$/.exec(line)?.[1];
    if (name === undefined) continue;
    tests += 1;
    if (!read(file).includes(name)) missing.push(`${file}: ${name}`);
  }
  assert.ok(tests > 100, `only ${tests} tests are named`);
  assert.deepEqual(missing, []);
});
