/** The tools that guard the architecture are shown violations: a guard that sees nothing reports success too. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, test } from 'node:test';
import { ESLint } from 'eslint';
import { inRoot, root } from './place.mjs';

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-planted-')));

const PLANTED = {
  'apps/api/src/modules/orders/index.ts': `import { fulfill } from '../fulfillment';\nexport const orders = fulfill;\n`,
  'apps/api/src/modules/orders/inside.ts': `export const inside = 1;\n`,
  'apps/api/src/modules/fulfillment/index.ts': `export const fulfill = 1;\n`,
  'apps/api/src/modules/fulfillment/peek.ts': `import { inside } from '../orders/inside';\nexport const peek = inside;\n`,
  'apps/api/src/modules/metrics/index.ts': `import { orders } from '../orders';\nexport const metrics = orders;\n`,
  'apps/api/src/modules/elsewhere/index.ts': `import { metrics } from '../metrics';\nexport const elsewhere = metrics;\n`,
  'apps/api/src/circle-a.ts': `import { b } from './circle-b';\nexport const a: unknown = b;\n`,
  'apps/api/src/circle-b.ts': `import { a } from './circle-a';\nexport const b: unknown = a;\n`,
  'apps/api/src/cheat.ts': `import { sandbox } from '../../sandbox/src/main';\nimport { clock } from '@forma3d/testing';\nexport const cheat = [sandbox, clock];\n`,
  'apps/sandbox/src/main.ts': `export const sandbox = 1;\n`,
  'apps/web/src/page.ts': `import { now } from '@forma3d/kernel';\nexport const page = now;\n`,
  'libs/testing/src/index.ts': `export const clock = 1;\n`,
  'libs/kernel/src/index.ts': `import { Injectable } from '@nestjs/common';\nimport { page } from '../../../apps/web/src/page';\nexport const now = [Injectable, page];\n`,
  'apps/api/src/modules/orders/habits.ts': `
export async function habits(db: { $transaction(): Promise<void> }, kind: 'a' | 'b'): Promise<unknown> {
  const loose: any = JSON.parse('{}');
  db.$transaction();
  console.log(loose!.field);
  switch (kind) {
    case 'a':
      return Date.now();
  }
  return new Date();
}
`,
  'apps/api/src/modules/orders/narrowed.spec.ts': `test.only('alone', () => undefined);\n`,
};

before(() => {
  for (const [file, text] of Object.entries(PLANTED)) {
    fs.mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
    fs.writeFileSync(path.join(folder, file), text);
  }
  fs.symlinkSync(inRoot('node_modules'), path.join(folder, 'node_modules'), 'junction');
  fs.copyFileSync(inRoot('package.json'), path.join(folder, 'package.json'));
  for (const file of ['tsconfig.base.json', 'tsconfig.json']) fs.copyFileSync(inRoot(file), path.join(folder, file));
});

after(() => fs.rmSync(folder, { recursive: true, force: true }));

function cruise(cwd) {
  const bin = inRoot('node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [bin, 'apps', 'libs', '--config', inRoot('.dependency-cruiser.cjs'), '--output-type', 'json'];
  return JSON.parse(execFileSync(process.execPath, args, { cwd, encoding: 'utf8', maxBuffer: 200_000_000 }));
}

test('dependency-cruiser sees every planted violation, and no other', () => {
  const report = cruise(folder);
  const seen = new Set(report.summary.violations.map(({ rule, from, to }) => `${rule.name}: ${from} > ${to.replace(/^.*node_modules/, 'node_modules')}`));
  const expected = [
    'orders-only-downhill: apps/api/src/modules/orders/index.ts > apps/api/src/modules/fulfillment/index.ts',
    'modules-through-their-index: apps/api/src/modules/fulfillment/peek.ts > apps/api/src/modules/orders/inside.ts',
    'metrics-only-downhill: apps/api/src/modules/metrics/index.ts > apps/api/src/modules/orders/index.ts',
    'modules-have-a-floor: apps/api/src/modules/elsewhere/index.ts > apps/api/src/modules/metrics/index.ts',
    'apps-stand-alone: apps/api/src/cheat.ts > apps/sandbox/src/main.ts',
    'testing-only-in-tests: apps/api/src/cheat.ts > libs/testing/src/index.ts',
    'web-knows-contracts-alone: apps/web/src/page.ts > libs/kernel/src/index.ts',
    'libs-not-apps: libs/kernel/src/index.ts > apps/web/src/page.ts',
    'lib-kernel-packages: libs/kernel/src/index.ts > node_modules/@nestjs/common/index.js',
  ];
  for (const violation of expected) assert.ok(seen.has(violation), `not seen: ${violation}\nseen:\n${[...seen].join('\n')}`);
  const circles = [...seen].filter((violation) => violation.startsWith('no-circles'));
  assert.equal(circles.length, 2, `the circle of two files in the API, and that of kernel and web: ${circles.join('\n')}`);
  assert.equal(seen.size, expected.length + circles.length, [...seen].join('\n'));
});

test('what Nx is told of the dependencies between projects is what the imports say', () => {
  const told = (project) => JSON.parse(fs.readFileSync(inRoot(project, 'project.json'), 'utf8')).implicitDependencies ?? [];
  const projectOf = (file) => /^(?:apps|libs)\/[^/]+/.exec(file)?.[0];
  const missing = cruise(root).modules.filter(({ source }) => !/\.(spec|fixture|setup)\.tsx?$/.test(source)).flatMap(({ source, dependencies }) => {
    const from = projectOf(source);
    const used = dependencies.map(({ resolved }) => projectOf(resolved)).filter((to) => to?.startsWith('libs/') && to !== from);
    return used.filter((to) => !told(from).includes(path.basename(to))).map((to) => `${from} > ${to} (${source})`);
  });
  assert.deepEqual([...new Set(missing)], []);
});

describe('ESLint', () => {
  const rulesIn = async (file) => {
    const eslint = new ESLint({ cwd: folder, overrideConfigFile: inRoot('eslint.config.mjs') });
    const [{ messages }] = await eslint.lintFiles([file]);
    return messages.map(({ ruleId, message }) => `${ruleId}${ruleId === 'no-restricted-syntax' ? `: ${message}` : ''}`).sort();
  };

  test('sees what harms a module', async () => {
    assert.deepEqual(await rulesIn('apps/api/src/modules/orders/habits.ts'), [
      '@typescript-eslint/no-explicit-any',
      '@typescript-eslint/no-floating-promises',
      '@typescript-eslint/no-non-null-assertion',
      '@typescript-eslint/no-unsafe-assignment',
      '@typescript-eslint/no-unsafe-member-access',
      '@typescript-eslint/switch-exhaustiveness-check',
      'no-console',
      'no-restricted-syntax: Ask the clock that you were given: tests move it.',
      'no-restricted-syntax: Ask the clock that you were given: tests move it.',
      'no-restricted-syntax: Use db.transaction: one Tx, one connection, events and tasks inside.',
    ]);
  });

  test('sees a test that runs alone', async () => {
    const rules = await rulesIn('apps/api/src/modules/orders/narrowed.spec.ts');
    assert.ok(rules.includes('no-restricted-syntax: A test that does not run tells nothing.'), rules.join('\n'));
  });
});
