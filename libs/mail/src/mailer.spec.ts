import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { OutsideError } from '@forma3d/kernel';
import PostalMime from 'postal-mime';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { createMailer, type Mailer } from './mailer';

const MAIL = { to: ['operator@example.com', 'admin@example.com'], subject: 'Grüße', html: '<p>5 &lt; 6</p>', text: '5 < 6', messageId: 'event-1@forma3d' };

interface Server {
  port: number;
  stop(): Promise<void>;
}

async function serve(options: SMTPServerOptions): Promise<Server> {
  const server = new SMTPServer({ disabledCommands: ['STARTTLS'], authOptional: true, logger: false, ...options });
  // A client that leaves in the middle is what some of these tests are about.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return { port, stop: () => new Promise((resolve) => { server.close(() => { resolve(); }); }) };
}

let server: Server | undefined;
let mailer: Mailer | undefined;
afterEach(async () => {
  mailer?.close();
  await server?.stop();
  server = undefined;
});

function client(port: number, more: { user?: string; pass?: string; timeoutMs?: number } = {}): Mailer {
  mailer = createMailer({ host: '127.0.0.1', port, from: 'Forma3D <shop@example.com>', timeoutMs: 2_000, ...more });
  return mailer;
}

async function refusalOf(sending: Promise<void>): Promise<OutsideError> {
  const error = await sending.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof OutsideError)) throw new Error(`no OutsideError: ${String(error)}`);
  return error;
}

test('a mail arrives with both bodies, for every recipient', async () => {
  const got: { raw: string; to: string[] }[] = [];
  server = await serve({
    onData: (stream, session, done) => {
      const parts: Buffer[] = [];
      stream.on('data', (part: Buffer) => parts.push(part));
      stream.on('end', () => {
        got.push({ raw: Buffer.concat(parts).toString('utf8'), to: session.envelope.rcptTo.map((each) => each.address) });
        done();
      });
    },
  });
  await client(server.port).send(MAIL);
  expect(got[0]?.to).toEqual(MAIL.to);
  expect(await PostalMime.parse(got[0]?.raw ?? '')).toMatchObject({
    subject: 'Grüße',
    from: { address: 'shop@example.com', name: 'Forma3D' },
    messageId: '<event-1@forma3d>',
    html: expect.stringContaining('5 &lt; 6') as string,
    text: expect.stringContaining('5 < 6') as string,
  });
});

const answering = (responseCode: number): Error => Object.assign(new Error('secret-words of the server'), { responseCode });

test.each([
  [451, 'transient'],
  [554, 'permanent'],
] as const)('an answer %i to the mail is %s, and its words stay out of the error', async (code, failure) => {
  server = await serve({
    onData: (stream, _, done) => {
      stream.resume();
      stream.on('end', () => { done(answering(code)); });
    },
  });
  const error = await refusalOf(client(server.port).send(MAIL));
  expect([error.system, error.failure]).toEqual(['smtp', failure]);
  expect(error.message).toBe(`mail send failed: EMESSAGE, at DATA, answer ${String(code)}`);
});

test('one recipient of several that is refused is a failure', async () => {
  server = await serve({ onRcptTo: ({ address }, _, done) => { done(address.startsWith('admin') ? answering(550) : null); } });
  expect((await refusalOf(client(server.port).send(MAIL))).failure).toBe('permanent');
});

test('a recipient who is put off is owed the mail; who has it already does not get it again', async () => {
  const got: string[][] = [];
  let busy = true;
  server = await serve({
    onRcptTo: ({ address }, _, done) => { done(busy && address.startsWith('admin') ? answering(451) : null); },
    onData: (stream, session, done) => {
      got.push(session.envelope.rcptTo.map((each) => each.address));
      stream.resume();
      stream.on('end', () => { done(); });
    },
  });
  const sender = client(server.port);
  expect(await refusalOf(sender.send(MAIL))).toMatchObject({ failure: 'transient', message: 'the mail server did not take yet 1 of 2 recipients' });
  // Nobody is left whom it takes.
  expect((await refusalOf(sender.send(MAIL))).failure).toBe('transient');
  busy = false;
  await sender.send({ ...MAIL, messageId: 'event-2@forma3d' });
  await sender.send(MAIL);
  await sender.send(MAIL);
  expect(got).toEqual([['operator@example.com'], MAIL.to, ['admin@example.com'], MAIL.to]);
});

test('who has it is known however the address was written', async () => {
  const got: string[][] = [];
  server = await serve({
    onRcptTo: ({ address }, _, done) => { done(address.startsWith('admin') ? answering(451) : null); },
    onData: (stream, session, done) => {
      got.push(session.envelope.rcptTo.map((each) => each.address));
      stream.resume();
      stream.on('end', () => { done(); });
    },
  });
  const sender = client(server.port);
  const mail = { ...MAIL, to: ['Operator@Example.COM', 'admin@example.com'] };
  await refusalOf(sender.send(mail));
  await refusalOf(sender.send(mail));
  expect(got).toHaveLength(1);
});

test('of one who is put off and one who is refused for good, the first is tried again', async () => {
  server = await serve({ onRcptTo: ({ address }, _, done) => { done(answering(address.startsWith('admin') ? 550 : 451)); } });
  expect((await refusalOf(client(server.port).send(MAIL))).failure).toBe('transient');
});

test('wrong credentials are refused, and appear in no message', async () => {
  server = await serve({ onAuth: (_auth, _session, done) => { done(answering(535)); }, allowInsecureAuth: true });
  const error = await refusalOf(client(server.port, { user: 'me', pass: 'geheim-123' }).check());
  expect(error.failure).toBe('refused');
  expect(error.message).not.toContain('geheim-123');
});

test('good credentials pass the check', async () => {
  server = await serve({ onAuth: ({ username }, _session, done) => { done(null, { user: username }); }, allowInsecureAuth: true });
  await expect(client(server.port, { user: 'me', pass: 'right' }).check()).resolves.toBeUndefined();
});

test('no server there is transient', async () => {
  const probe = await serve({});
  await probe.stop();
  expect((await refusalOf(client(probe.port).send(MAIL))).failure).toBe('transient');
});

test('a server that says nothing leaves the fate unknown after the timeout', async () => {
  const mute = createServer();
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  expect((await refusalOf(client(port, { timeoutMs: 100 }).send(MAIL))).failure).toBe('unknown');
  await new Promise((resolve) => mute.close(resolve));
});

test.each([
  ['a server that never comes to an end', undefined],
  ['who asked for it is stopped', AbortSignal.abort()],
])('a mail is not sent for ever: %s', async (_, signal) => {
  const endless = createServer((socket) => {
    socket.resume().write('220 endless\r\n');
    const words = setInterval(() => socket.write('250-and more\r\n'), 10);
    socket.on('close', () => { clearInterval(words); });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => endless.listen(0, '127.0.0.1', resolve));
  const { port } = endless.address() as AddressInfo;
  expect(await refusalOf(client(port, { timeoutMs: 100 }).send(MAIL, signal))).toMatchObject({ failure: 'unknown', message: 'mail send failed: EABORT' });
  await new Promise((resolve) => endless.close(resolve));
});

test('a connection that breaks while the mail is handed over leaves its fate unknown', async () => {
  const rude = createServer((socket) => {
    socket.write('220 rude\r\n');
    let inData = false;
    socket.on('data', (chunk) => {
      const line = chunk.toString();
      if (inData) socket.destroy();
      else if (/^DATA/i.test(line)) {
        inData = true;
        socket.write('354 go on\r\n');
      } else socket.write('250 ok\r\n');
    });
    socket.on('error', () => undefined);
  });
  await new Promise<void>((resolve) => rude.listen(0, '127.0.0.1', resolve));
  const { port } = rude.address() as AddressInfo;
  const error = await refusalOf(client(port).send(MAIL));
  await new Promise((resolve) => rude.close(resolve));
  expect(error).toMatchObject({ failure: 'unknown' });
});
