/**
 * The product itself, built and booted as in production, its log included; only tasks are left to others, so that what is measured
 * is taking deliveries in.
 */
import { createRequire } from 'node:module';
import { inRoot } from '../launcher/place.mjs';

const load = createRequire(import.meta.url);
load('reflect-metadata');
const { readConfig } = load(inRoot('dist/libs/platform/src/index.js'));
const { createApp } = load(inRoot('dist/apps/api/src/app.js'));

const app = await createApp(readConfig(process.env), { runTasks: false });
await app.listen(0, '127.0.0.1');
process.send({ port: Number(new URL(await app.getUrl()).port) });
process.on('message', () => process.send(process.cpuUsage()));
process.once('SIGTERM', () => {
  process.disconnect();
  void app.close();
});
