import { expect, test } from 'vitest';

import { pollGently } from '../../src/backend/node_polling';

/** Waits as Dawn does: it looks by the global `setImmediate` of that moment, until it finds that it is over. */
function waitAsDawn(over: () => boolean): { looks: number; done: Promise<void> } {
  const waiting = { looks: 0, done: Promise.resolve() };
  waiting.done = new Promise((resolve) => {
    const look = (): void => {
      waiting.looks++;
      if (over()) resolve();
      else globalThis.setImmediate(look);
    };
    pollGently(() => globalThis.setImmediate(look));
  });
  return waiting;
}

test('Dawn looks in few turns of what takes long, and nobody else sees another setImmediate', async () => {
  const own = globalThis.setImmediate;
  let turns = 0;
  const waiting = waitAsDawn(() => turns > 10_000);
  expect(globalThis.setImmediate).toBe(own);
  let others = 0;
  let going = true;
  const turn = (): void => {
    turns++;
    if (globalThis.setImmediate !== own) others++;
    if (going) own(turn);
  };
  turn();
  await waiting.done;
  going = false;
  expect(waiting.looks).toBeGreaterThan(1);
  expect(waiting.looks).toBeLessThan(turns / 2);
  expect(others).toBe(0);
});

test('what fails at once leaves setImmediate as it was', () => {
  const own = globalThis.setImmediate;
  const fail = (): never => {
    expect(globalThis.setImmediate).not.toBe(own);
    throw new Error('refused');
  };
  expect(() => pollGently(fail)).toThrow('refused');
  expect(globalThis.setImmediate).toBe(own);
});

test('two that wait at the same time both end', async () => {
  const long = waitAsDawn(() => long.looks === 40);
  const short = waitAsDawn(() => short.looks === 2);
  await short.done;
  // The long one was looked at while both waited, and is looked at from then on.
  expect(long.looks).toBeGreaterThan(0);
  expect(long.looks).toBeLessThan(40);
  await long.done;
  expect([long.looks, short.looks]).toEqual([40, 2]);
});
