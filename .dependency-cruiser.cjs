/**
 * The architecture as a test (docs/architecture): what may import what. `npm test` runs it; apps/launcher/boundaries.spec.mjs plants
 * violations and proves that it sees them.
 */

/** A module may import modules of lower floors, through their index.ts. The top floor listens, asks nobody, and has what people change there audited. */
const FLOORS = [
  ['access', 'stores'],
  ['connections'],
  ['mirror', 'attention'],
  ['inbox', 'retry-queue'],
  ['orders', 'installation', 'privacy'],
  ['product-mappings'], // its inbox shows the lines of orders that wait for a mapping
  ['print-jobs'],
  ['fulfillment', 'cancellation', 'sync'],
  ['notifications', 'metrics', 'realtime'],
];
const ASKS_NOBODY = FLOORS.length - 1;
const KEEPS_THE_AUDIT = 'attention';

/** What a library may import of the others, and of npm (true: anything). */
const LIBS = {
  kernel: { libs: [], npm: [] },
  contracts: { libs: ['kernel'], npm: ['zod'] },
  database: { libs: ['kernel'], npm: ['pg', 'zod', '@prisma/adapter-pg', '@prisma/client', '@prisma/driver-adapter-utils'] },
  tasks: { libs: ['kernel', 'contracts', 'database'], npm: ['pg', 'zod'] },
  shopify: { libs: ['kernel', 'contracts'], npm: ['zod', 'graphql', '@shopify/shopify-api'] },
  simplyprint: { libs: ['kernel', 'contracts'], npm: ['zod'] },
  mail: { libs: ['kernel', 'contracts'], npm: ['zod', 'nodemailer', 'handlebars'] },
  platform: { libs: ['kernel', 'contracts', 'database', 'tasks'], npm: true },
  testing: { libs: ['kernel', 'contracts', 'database', 'shopify'], npm: ['pg', 'jest-environment-node', '@jest/environment', 'zod'] },
};

const MODULES = '^apps/api/src/modules';
/** Tests, and what is there for tests alone. */
const SPEC = '\\.(spec|fixture|setup)\\.tsx?$';
const anyOf = (names) => `(?:${names.join('|')})`;
/** Not one of the names: a folder that is none of them. */
const noneOf = (names) => (names.length > 0 ? `(?!${anyOf(names)}/)` : '');

const forbidden = [
  { name: 'no-circles', comment: 'What needs each other is one thing.', severity: 'error', from: {}, to: { circular: true } },
  {
    name: 'nothing-unresolved',
    comment:
      'A boundary is not seen in an import that leads nowhere. (What the bench measures itself against has a package of its own, installed by the first bench.)',
    severity: 'error',
    from: { pathNot: '^apps/bench/peers/' },
    to: { couldNotResolve: true },
  },
  {
    name: 'modules-have-a-floor',
    comment: 'A new module is put on its floor here first.',
    severity: 'error',
    from: { path: `${MODULES}/${noneOf(FLOORS.flat())}[^/]+/` },
    to: {},
  },
  ...FLOORS.flatMap((names, floor) =>
    names.map((name) => {
      const below = floor === ASKS_NOBODY ? [KEEPS_THE_AUDIT] : FLOORS.slice(0, floor).flat();
      return {
        name: `${name}-only-downhill`,
        comment: `${name} is on floor ${floor}; facts travel up as events, questions go down as imports.`,
        severity: 'error',
        from: { path: `${MODULES}/${name}/`, pathNot: SPEC },
        to: { path: `${MODULES}/${noneOf([name, ...below])}[^/]+/` },
      };
    }),
  ),
  {
    name: 'modules-through-their-index',
    comment: 'What index.ts does not offer is the business of its own module.',
    severity: 'error',
    from: { path: `${MODULES}/([^/]+)/`, pathNot: SPEC },
    to: { path: `${MODULES}/(?!$1/)[^/]+/`, pathNot: '/index\\.ts$' },
  },
  { name: 'libs-not-apps', severity: 'error', comment: 'Libraries serve apps, not the other way round.', from: { path: '^libs/' }, to: { path: '^apps/' } },
  ...Object.entries(LIBS).flatMap(([name, { libs, npm }]) => [
    {
      name: `lib-${name}-libs`,
      severity: 'error',
      comment: `libs/${name} may import ${libs.join(', ') || 'no other library'}.`,
      from: { path: `^libs/${name}/`, pathNot: SPEC },
      to: { path: `^libs/${noneOf([name, ...libs])}[^/]+/` },
    },
    ...(npm === true
      ? []
      : [
          {
            name: `lib-${name}-packages`,
            severity: 'error',
            comment: `libs/${name} may import ${npm.join(', ') || 'no package'}.`,
            from: { path: `^libs/${name}/`, pathNot: SPEC },
            to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'], pathNot: npm.length > 0 ? `^node_modules/(?:@types/)?${anyOf(npm)}/` : undefined },
          },
        ]),
  ]),
  {
    name: 'libs-have-a-row',
    comment: 'A new library is given its row here first.',
    severity: 'error',
    from: { path: `^libs/${noneOf(Object.keys(LIBS))}[^/]+/` },
    to: {},
  },
  {
    name: 'libs-through-their-index',
    comment: 'A library is what its index.ts offers.',
    severity: 'error',
    from: { pathNot: '^libs/' },
    to: { path: '^libs/[^/]+/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
  },
  {
    name: 'libs-among-themselves-through-their-index',
    comment: 'A library is what its index.ts offers.',
    severity: 'error',
    from: { path: '^libs/([^/]+)/' },
    to: { path: '^libs/(?!$1/)[^/]+/', pathNot: '^libs/[^/]+/src/index\\.ts$' },
  },
  {
    name: 'apps-stand-alone',
    comment: 'The product never imports its sandbox; tests may start one app against the other.',
    severity: 'error',
    from: { path: '^apps/([^/]+)/', pathNot: [SPEC, '^apps/(bench|soak|fuzz)/'] },
    to: { path: '^apps/(?!$1/)[^/]+/' },
  },
  {
    name: 'bench-soak-and-fuzz-use-what-is-built',
    comment: 'Benchmarks, the soak and the long fuzz start the product as it is built, with the launcher; the benchmark of journeys stands on the soak\'s stage.',
    severity: 'error',
    from: { path: '^apps/(bench|soak|fuzz)/', pathNot: SPEC },
    to: { path: '^apps/(?!(?:$1|launcher|soak)/)[^/]+/' },
  },
  {
    name: 'testing-only-in-tests',
    comment: 'What is made for tests is not in the product.',
    severity: 'error',
    from: { pathNot: [SPEC, '^libs/testing/', '^apps/(acceptance-tests|bench)/'] },
    to: { path: '^libs/testing/' },
  },
  {
    name: 'web-knows-contracts-alone',
    comment: 'The dashboard is a client like any other.',
    severity: 'error',
    from: { path: '^apps/web/' },
    to: { path: '^libs/(?!contracts/)' },
  },
  {
    name: 'product-without-dev-packages',
    comment: 'A deployment has no devDependencies.',
    severity: 'error',
    from: { path: '^(apps/(api|sandbox)|libs/(?!testing/)[^/]+)/', pathNot: SPEC },
    to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
  },
];

module.exports = {
  forbidden,
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage|\\.features-gen|libs/database/src/generated)/' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
  },
};
