import { createTransport } from 'nodemailer';

import { TestSandbox } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start();
});
afterEach(() => client.control('POST', 'reset'));
afterAll(() => client.stop());

const send = () =>
  createTransport({ host: '127.0.0.1', port: client.sandbox.smtpPort, secure: false }).sendMail({
    from: 'Forma3D <connect@example.com>',
    to: ['operator@example.com', 'admin@example.com'],
    subject: 'Größe: Action Required',
    text: 'Plain words',
    html: '<p>Plain words</p>',
  });
const mails = async () => (await client.control<{ mails: Record<string, unknown>[] }>('GET', 'mail')).mails;

test('a mail is kept as it came', async () => {
  await send();
  expect(await mails()).toEqual([
    {
      from: 'connect@example.com',
      to: ['operator@example.com', 'admin@example.com'],
      subject: 'Größe: Action Required',
      text: 'Plain words\n',
      html: '<p>Plain words</p>\n',
      received_at: expect.any(String) as string,
    },
  ]);
  await client.control('DELETE', 'mail');
  expect(await mails()).toEqual([]);
});

test.each(['outage', 'throttle', 'error'])('%s refuses mail', async (kind) => {
  await client.control('POST', 'faults', { target: 'smtp', kind, count: 1 });
  await expect(send()).rejects.toThrow();
  expect(await mails()).toEqual([]);
  await send();
  expect(await mails()).toHaveLength(1);
});

test('a lost answer keeps the mail and refuses it all the same', async () => {
  await client.control('POST', 'faults', { target: 'smtp', kind: 'lost-answer', count: 1 });
  await expect(send()).rejects.toThrow();
  expect(await mails()).toHaveLength(1);
});

test('a slow server takes its time', async () => {
  await client.control('POST', 'faults', { target: 'smtp', kind: 'slow', count: 1, delay_ms: 20 });
  await send();
  expect(await mails()).toHaveLength(1);
});
