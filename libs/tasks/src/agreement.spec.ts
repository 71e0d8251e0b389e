import { TASKS } from '@forma3d/contracts';
import { disagreements } from './agreement';

describe('agreement of contracts and handlers', () => {
  const all = Object.keys(TASKS);

  it('is silent when each task has one handler', () => {
    expect(disagreements(all)).toEqual([]);
  });

  it('names what is missing, doubled or unknown', () => {
    const wrong = disagreements([...all.filter((type) => type !== 'FULFILLMENT'), 'CATCH_UP', 'COOKING']);
    expect(wrong).toEqual([
      'task type CATCH_UP has 2 handlers',
      expect.stringMatching(/^task type FULFILLMENT has no handler \(wanted by .*order\.ready-for-fulfillment/),
      'handler for COOKING, which is no task type',
    ]);
  });
});
