import { until } from '@forma3d/testing';
import { Patience } from './patience';

class Reply {
  sent = false;
  answers: Error[] = [];
  send(error: Error): void {
    this.sent = true;
    this.answers.push(error);
  }
}

let patience: Patience;
beforeEach(() => {
  patience = new Patience({ webhookMs: 20, otherMs: 200 });
});
afterEach(() => { patience.close(); });

test('a request that waits too long is answered as not ready, once; a webhook sooner than others', async () => {
  const [webhook, other] = [new Reply(), new Reply()];
  patience.begin(webhook, true);
  patience.begin(other, false);
  await until(() => webhook.sent);
  await until(() => other.sent);
  expect(webhook.answers).toEqual([expect.objectContaining({ code: 'not-ready' })]);
  expect(other.answers).toHaveLength(1);
});

test('one that was answered is left alone', async () => {
  const [answered, late, witness] = [new Reply(), new Reply(), new Reply()];
  patience.begin(answered, true);
  patience.begin(late, true);
  patience.end(answered);
  late.sent = true;
  patience.begin(witness, true);
  await until(() => witness.sent);
  expect([answered.answers, late.answers]).toEqual([[], []]);
});
