/**
 * `npm run crash`: kills a real API process at every point where it matters, each on a journey of its own, checks how and when it
 * ends, and writes docs/crash-points.md. Some twenty minutes. `npm test` does the same at a few points.
 */
process.env.FORMA3D_CRASH_EVERY = '1';
const { runTests } = await import('./run-tests.mjs');
process.exitCode = await runTests(['--only', 'db', 'journey/crash-points']);
