import net from 'node:net';
import { Refusal } from './terminal.mjs';

/** @throws Refusal naming every setting whose port somebody else has */
export async function refuseTakenPorts(wanted) {
  const problems = await Promise.all(wanted.map(async ({ setting, host, port }) => {
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535) return `${setting} is not a port number`;
    const reason = await whyTaken(host, Number(port));
    return reason && `${setting}: port ${port} ${reason}; end the other program or set ${setting} in .env`;
  }));
  const found = problems.filter(Boolean);
  const twice = wanted.filter(({ port }, index) => wanted.findIndex((other) => other.port === port) < index);
  found.push(...twice.map(({ setting, port }) => `${setting}: port ${port} is given twice`));
  if (found.length > 0) throw new Refusal(found.join('\n'));
}

function whyTaken(host, port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used on ${host} (${error.code})`));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
