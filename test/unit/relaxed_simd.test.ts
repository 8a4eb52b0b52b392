import { expect, it } from 'vitest';

import { loadEngine } from '../../src/backend/cpu/engine';
import { relaxed } from '../../src/backend/cpu/simd/wasm';
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
  expect(WebAssembly.validate(Uint8Array.from(atob(relaxed), (x) => x.charCodeAt(0)))).toBe(true);
  expect(loadEngine(WebAssembly).engine).not.toBeNull();
  const [fast, plain] = [await losses(false), await losses(true)];
  expect(fast.length).toBe(6);
  fast.forEach((loss, i) => expect(loss).toBeCloseTo(plain[i], 5));
});
