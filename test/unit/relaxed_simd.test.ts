import { expect, it, vi } from 'vitest';

import { inflated, makeEngine } from '../../src/backend/cpu/load_engine';
import { deflated } from '../../src/backend/cpu/simd/relaxed';
import { useRelaxedSimd } from '../../src/cli/relaxed_simd';
import { openDevice } from '../../src/node';
import { CharTrainer } from '../../src/train/index';

const TEXT = 'the quick brown fox jumps over the lazy dog. '.repeat(40);

/** Losses of the first steps; 9 units leave a vector and a tile unfinished. */
async function losses(reference: boolean): Promise<number[]> {
  const device = await openDevice('cpu', { reference });
  const options = { hidden: 9, embedding: 9, batch: 5, seq: 12, lr: 0.01, seed: 3 };
  const trainer = new CharTrainer(device, TEXT, { ...options, validFraction: 0 });
  const found: number[] = [];
  for (let i = 0; i < 6; i++) {
    await trainer.trainStep();
    found.push((await trainer.report())!.loss);
  }
  device.dispose();
  return found;
}

it('gives this runtime relaxed SIMD, and the losses stay', async () => {
  useRelaxedSimd();
  const loaded = vi.spyOn(WebAssembly, 'Module');
  expect((await makeEngine(WebAssembly)).engine).not.toBeNull();
  expect(loaded.mock.calls[0][0]).toEqual(await inflated(deflated));
  loaded.mockRestore();
  const [fast, plain] = [await losses(false), await losses(true)];
  expect(fast.length).toBe(6);
  fast.forEach((loss, i) => expect(loss).toBeCloseTo(plain[i], 5));
});
