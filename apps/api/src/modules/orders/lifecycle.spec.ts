import { allowedTransitions, hasState, movesFrom, productionMoves } from './lifecycle';

const all = { accept: true, production: true, complete: true };

test('each fulfilment type has its own way', () => {
  expect(allowedTransitions('pickup', 'accepted')).toEqual(['in_progress', 'cancelled']);
  expect(allowedTransitions('shipping', 'accepted')).toEqual(['packing', 'shipped', 'cancelled']);
  expect(allowedTransitions('shipping', 'delivered')).toEqual([]);
  expect(allowedTransitions('shipping', 'in_progress')).toEqual([]);
  expect(hasState('shipping', 'in_progress')).toBe(false);
  expect(hasState('pickup', 'in_progress')).toBe(true);
});

test('an order that is fulfilled may move on, but is not cancelled any more', () => {
  const packing = { fulfilmentType: 'shipping', status: 'packing' } as const;
  expect(movesFrom({ ...packing, fulfilledAt: null })).toEqual(['shipped', 'cancelled']);
  expect(movesFrom({ ...packing, fulfilledAt: new Date() })).toEqual(['shipped']);
});

describe('the system', () => {
  const pickup = { fulfilmentType: 'pickup', status: 'accepted', started: false, complete: false } as const;
  const shipping = { ...pickup, fulfilmentType: 'shipping' } as const;

  test('moves a pickup order with its first print, and with its last', () => {
    expect(productionMoves({ ...pickup, started: true }, all)).toEqual(['in_progress']);
    expect(productionMoves({ ...pickup, status: 'in_progress', started: true, complete: true }, all)).toEqual(['ready']);
  });

  test('goes through in_progress when nothing is to be printed', () => {
    expect(productionMoves({ ...pickup, complete: true }, all)).toEqual(['in_progress', 'ready']);
  });

  test('moves a shipping order to packing with its last print only', () => {
    expect(productionMoves({ ...shipping, started: true }, all)).toEqual([]);
    expect(productionMoves({ ...shipping, started: true, complete: true }, all)).toEqual(['packing']);
  });

  test.each(['pending', 'packing', 'shipped', 'delivered', 'cancelled'] as const)('leaves a shipping order that is %s', (status) => {
    expect(productionMoves({ ...shipping, status, started: true, complete: true }, all)).toEqual([]);
  });

  test('makes only the moves that the store left to it', () => {
    const done = { ...pickup, started: true, complete: true };
    expect(productionMoves(done, { ...all, complete: false })).toEqual(['in_progress']);
    expect(productionMoves(done, { ...all, production: false })).toEqual([]);
    expect(productionMoves({ ...shipping, complete: true }, { ...all, complete: false })).toEqual([]);
  });
});
