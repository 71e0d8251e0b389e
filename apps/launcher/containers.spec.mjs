/** What can be said of the containers without Docker: the linters' word, the rules of this deployment, and the proxy at work. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { connect, createServer } from 'node:net';
import { after, describe, test } from 'node:test';
import { startProxy } from '../../docker/proxy.mjs';
import { inRoot, root } from './place.mjs';

const run = (script, ...args) => execFileSync(process.execPath, [inRoot('node_modules', script), ...args], { cwd: root, encoding: 'utf8', stdio: 'pipe' });
const bin = (name) => {
  const declared = JSON.parse(fs.readFileSync(inRoot('node_modules', name, 'package.json'), 'utf8')).bin;
  return `${name}/${typeof declared === 'string' ? declared : declared[name]}`;
};

test('dclint finds nothing in the compose file', () => {
  run(bin('dclint'), '-q', 'docker-compose.yml');
});

test('dockerfile-utils finds nothing in the Dockerfile', () => {
  run(bin('dockerfile-utils'), 'lint', 'docker/Dockerfile');
});

test('benchmarks run on the Node of the image', () => {
  const images = [...fs.readFileSync(inRoot('docker/Dockerfile'), 'utf8').matchAll(/^FROM node:(\d+)/gm)].map(([, major]) => major);
  const { dependencies } = JSON.parse(fs.readFileSync(inRoot('apps/bench/peers/package.json'), 'utf8'));
  assert.deepEqual(new Set(images), new Set([dependencies.node.split('.')[0]]));
});

test('the sandbox in containers names only settings that there are', () => {
  const namesOf = (file) => [...fs.readFileSync(inRoot(file), 'utf8').matchAll(/^([A-Z][A-Z0-9_]*)=/gm)].map(([, name]) => name);
  const known = new Set(['COMPOSE_PROFILES', 'SIDE_SETTINGS', ...namesOf('.env.example')]);
  assert.deepEqual(namesOf('docker/sandbox.env').filter((name) => !known.has(name)), []);
});

describe('the proxy', () => {
  const ends = [];
  after(() => Promise.all(ends.map((end) => end())));

  /** A server that says its name to each caller, and again after each word. */
  async function container(name) {
    const sockets = new Set();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.write(name);
      socket.on('data', () => socket.write(name)).on('error', () => socket.destroy());
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address();
    const die = () => {
      sockets.forEach((socket) => socket.destroy());
      if (server.listening) server.close();
    };
    ends.push(die);
    return { host: '127.0.0.1', port, die };
  }

  async function proxyFor(find) {
    const proxy = await startProxy({ port: 0, host: '127.0.0.1', find });
    ends.push(() => proxy.close());
    return proxy;
  }

  async function greeting(port) {
    const socket = connect(port, '127.0.0.1');
    const [text] = await once(socket, 'data');
    socket.destroy();
    return String(text);
  }

  test('passes connections on in turn', async () => {
    const all = [await container('a'), await container('b'), await container('c')];
    const { port } = await proxyFor(async () => all);
    const heard = [];
    for (let i = 0; i < 6; i++) heard.push(await greeting(port));
    assert.deepEqual(heard, ['a', 'b', 'c', 'a', 'b', 'c']);
  });

  test('passes over a container that has died, and ends what it had', async () => {
    const all = [await container('a'), await container('b')];
    const { port } = await proxyFor(async () => all);
    const caller = connect(port, '127.0.0.1');
    await once(caller, 'data');
    const ended = once(caller, 'close');
    all[0].die();
    await ended;
    assert.deepEqual([await greeting(port), await greeting(port), await greeting(port)], ['b', 'b', 'b']);
  });

  test('keeps a caller waiting until a container takes connections', async () => {
    let asked = 0;
    const late = await container('late');
    const { port } = await proxyFor(async () => {
      asked += 1;
      if (asked < 3) throw new Error('no such name yet');
      return [late];
    });
    assert.equal(await greeting(port), 'late');
    assert.equal(asked, 3);
  });

  test('stops taking connections at its end, and lets those it has go on', async () => {
    const a = await container('a');
    const proxy = await startProxy({ port: 0, host: '127.0.0.1', find: async () => [a] });
    const caller = connect(proxy.port, '127.0.0.1');
    await once(caller, 'data');
    const closed = proxy.close();
    caller.write('more');
    assert.equal(String((await once(caller, 'data'))[0]), 'a');
    caller.destroy();
    await closed;
    const refused = connect(proxy.port, '127.0.0.1');
    const [error] = await once(refused, 'error');
    assert.equal(error.code, 'ECONNREFUSED');
  });
});
