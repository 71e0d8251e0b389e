/**
 * `npm run crash`: kills a real API process at every point that an order passes on its way, each on a journey of its own, and checks
 * how it ends. Some minutes. `npm test` does the same at a few points.
 */
process.env.FORMA3D_CRASH_EVERY = '1';
const { runTests } = await import('./run-tests.mjs');
process.exitCode = await runTests(['--only', 'db', 'journey/crash-points']);
