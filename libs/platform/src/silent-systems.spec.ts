import type { OutsideCall } from '@forma3d/kernel';
import { SilentSystems } from './silent-systems';

const call = (system: OutsideCall['system'] = 'shopify'): OutsideCall => ({ storeId: 's', system, operation: 'order', timeoutMs: 1_000, cost: 1 });

function silent(): SilentSystems {
  const systems = new SilentSystems();
  for (let n = 0; n < 5; n += 1) systems.begin(call())('unanswered');
  return systems;
}

it('while a system answers now and then, as many may ask as like', () => {
  const systems = new SilentSystems();
  for (let n = 0; n < 20; n += 1) systems.begin(call())(n % 5 === 4 ? 'answered' : 'unanswered');
  for (let n = 0; n < 100; n += 1) systems.begin(call());
});

it('a silent system is asked by four at a time; the others come again later, each in its own time, and use no attempt', () => {
  const systems = silent();
  for (let n = 0; n < 4; n += 1) systems.begin(call());
  const waits = Array.from({ length: 50 }, () => {
    try {
      systems.begin(call());
    } catch (error) {
      expect(error).toMatchObject({ failure: 'throttled', operation: 'order' });
      return (error as { retryAfterMs: number }).retryAfterMs;
    }
    throw new Error('let through');
  });
  for (const wait of waits) expect(wait >= 20_000 && wait <= 60_000).toBe(true);
  expect(new Set(waits).size).toBeGreaterThan(25);
});

it('who is through makes room for the next, also without having sent anything', () => {
  const systems = silent();
  const asking = Array.from({ length: 4 }, () => systems.begin(call()));
  expect(() => systems.begin(call())).toThrow('does not answer');
  asking[0]?.('unanswered');
  const next = systems.begin(call());
  expect(() => systems.begin(call())).toThrow('does not answer');
  next('not sent');
  systems.begin(call());
});

it('the first answer opens the way for all', () => {
  const systems = silent();
  systems.begin(call())('answered');
  for (let n = 0; n < 100; n += 1) systems.begin(call());
});

it('the silence of one system is none of another', () => {
  const systems = silent();
  for (let n = 0; n < 100; n += 1) systems.begin(call('simplyprint'));
});
