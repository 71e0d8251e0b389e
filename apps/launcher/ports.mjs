import net from 'node:net';
import { Refusal } from './terminal.mjs';

/** @throws Refusal naming every setting whose port somebody else has */
export async function refuseTakenPorts(wanted) {
  const twice = wanted.find(({ port }, index) => wanted.findIndex((other) => other.port === port) < index);
  if (twice) throw new Refusal(`${twice.setting}: port ${twice.port} is wanted twice; set another one in .env`);
  const problems = await Promise.all(wanted.map(async ({ setting, host, port }) => {
    if (!/^\d+$/.test(port) || Number(port) < 1 || Number(port) > 65535) return `${setting} is not a port number`;
    const reason = await whyTaken(host, Number(port));
    return reason && `${setting}: port ${port} ${reason}; end the other program or set ${setting} in .env`;
  }));
  if (problems.some(Boolean)) throw new Refusal(problems.filter(Boolean).join('\n'));
}

function whyTaken(host, port) {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(error.code === 'EADDRINUSE' ? 'is taken' : `cannot be used on ${host} (${error.code})`));
    server.listen(port, host, () => server.close(() => resolve(null)));
  });
}
