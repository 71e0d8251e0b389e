/** Tells Docker whether what runs in this container answers: `node health.mjs /health/live`. Success is a 2xx within four seconds. */
const { PORT = '3000' } = process.env;
const url = `http://127.0.0.1:${PORT}${process.argv[2] ?? '/health/live'}`;

try {
  const { ok, status } = await fetch(url, { signal: AbortSignal.timeout(4_000) });
  if (!ok) throw new Error(`HTTP ${status}`);
} catch (error) {
  console.error(`${url}: ${error.message}`);
  process.exitCode = 1;
}
