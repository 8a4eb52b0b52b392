import { expect, test } from 'vitest';

import { pollGently } from '../../src/backend/node_polling';

/** Waits as Dawn does: it looks by the global `setImmediate` of that moment, until a timer has run out. */
function waitAsDawn(milliseconds: number): { looks: number; done: Promise<void> } {
  let over = false;
  setTimeout(() => {
    over = true;
  }, milliseconds);
  const waiting = { looks: 0, done: Promise.resolve() };
  waiting.done = new Promise((resolve) => {
    const look = (): void => {
      waiting.looks++;
      if (over) resolve();
      else globalThis.setImmediate(look);
    };
    pollGently(() => globalThis.setImmediate(look));
  });
  return waiting;
}

test('Dawn looks in few turns of what takes long, and nobody else sees another setImmediate', async () => {
  const own = globalThis.setImmediate;
  const waiting = waitAsDawn(60);
  expect(globalThis.setImmediate).toBe(own);
  let turns = 0;
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
  const [long, short] = [waitAsDawn(40), waitAsDawn(1)];
  await Promise.all([long.done, short.done]);
  expect(short.looks).toBeLessThan(long.looks);
});
