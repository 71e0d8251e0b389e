/**
 * `npm test`: everything that can be checked, one part after the other, and one line at the end that counts it all.
 * `npm test -- --only unit,db` runs parts alone; words after that go to jest (`npm test -- --only unit libs/kernel`).
 */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Forma3D Connect needs Node 20.19 or newer; this is ${process.versions.node}. Get one from https://nodejs.org.`);
  process.exit(1);
}
const { runTests } = await import('./run-tests.mjs');
process.exitCode = await runTests(process.argv.slice(2));
