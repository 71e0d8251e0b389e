/**
 * `npm start`, and with `--watch` `npm run dev`. Runs before anything is installed: it looks at Node, and only then loads the rest, whose
 * language an old Node may not understand.
 */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  console.error(`Forma3D Connect needs Node 20.19 or newer; this is ${process.versions.node}. Get one from https://nodejs.org.`);
  process.exit(1);
}
const { startProduct } = await import('./start-product.mjs');
await startProduct({ watch: process.argv.includes('--watch') });
