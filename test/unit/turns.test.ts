import { expect, test } from 'vitest';

import { Turns } from '../../demos/shared/turns';
import type { Problem } from '../../demos/shared/problem';
import { openDevice } from '../../src/index';

const PROBLEM: Problem = { kind: 'other', message: 'it broke' };

async function make() {
  const device = await openDevice('cpu');
  const did: string[] = [];
  const turns = new Turns(device, {
    turn: async () => void did.push('turn'),
    rest: async () => void did.push('rest'),
    failed: ({ message }) => did.push(message),
  });
  return { device, did, turns };
}

test('what waits for its turn is not done once it has failed', async () => {
  const { device, did, turns } = await make();
  let open!: () => void;
  const gate = new Promise<void>((resolve) => (open = resolve));
  const first = turns.between(() => gate);
  turns.resume();
  const asked = turns.attempt(async () => void did.push('asked'));
  turns.fail(PROBLEM);
  open();
  await Promise.all([first, asked, turns.pause()]);
  expect(did).toEqual(['it broke']);
  device.dispose();
});

test('at its end it takes no turn, and still does what is asked', async () => {
  const { device, did, turns } = await make();
  turns.end();
  turns.resume();
  await turns.attempt(async () => void did.push('asked'));
  expect(did).toEqual(['asked']);
  device.dispose();
});

test('its device is disposed of though freeing the rest fails, and nothing is told of that', async () => {
  const { device, did, turns } = await make();
  const closed = turns.close(() => {
    throw new Error('not freed');
  });
  await expect(closed).rejects.toThrow('not freed');
  await device.lost;
  await turns.attempt(async () => void did.push('asked'));
  expect(did).toEqual([]);
});
