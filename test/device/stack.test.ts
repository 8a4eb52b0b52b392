/** Layers scanned at once, as a wavefront, on WebGPU: the numbers of one after the other on the CPU. */
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';

import { backward, mul, openDevice, Random, sum, tensor } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { GRU, LSTM, RNN } from '../../src/nn/index';
import type { RecurrentOptions } from '../../src/nn/index';
import { CharTrainer } from '../../src/train/index';
import { expectClose } from '../setup/fixtures';
import { requestGpu } from '../setup/gpu';

let gpu: Device;
let cpu: Device;
beforeAll(async () => {
  await requestGpu();
  gpu = await openDevice('webgpu');
  cpu = await openDevice('cpu');
});
afterEach(async () => {
  vi.restoreAllMocks();
  await gpu.finish();
});
afterAll(() => gpu.dispose());

const LAYERS = { LSTM, GRU, RNN };
type Name = keyof typeof LAYERS;

/** Has all stacks go that way, whatever a trial would say; the spy counts those who asked. */
function choose(way: 'layers' | 'wavefront') {
  return vi.spyOn(gpu.autotuner!, 'select').mockReturnValue(way);
}

function drawn(device: Device, shape: number[], seed: number): Tensor {
  const random = new Random(seed);
  const size = shape.reduce((a, b) => a * b, 1);
  const values = Float32Array.from({ length: size }, () => random.normal());
  return tensor(device, values, shape, { requiresGrad: true });
}

/** Output, last state, and all gradients; and how many commands it took. */
async function pass(
  device: Device,
  name: Name,
  [time, batch, hidden]: readonly number[],
  { frozen = false, ...options }: RecurrentOptions & { bias?: boolean; frozen?: boolean },
) {
  const layer: LSTM | GRU | RNN = new LAYERS[name](device, 3, hidden, {
    ...options,
    random: new Random(4),
  });
  const x = drawn(device, [time, batch, 3], 1);
  const state = layer.stateNames.map((_, i) =>
    drawn(device, [layer.numLayers, batch, hidden], i + 2),
  );
  if (frozen) {
    const [, upper] = layer.cells;
    for (const part of [x, ...state, upper.weight_ih, upper.weight_hh]) part.requiresGrad = false;
  }
  const before = device.backend.dispatches;
  const { output, state: last } = layer.run(x, state);
  const total = [output, ...last].map((part, i) =>
    sum(mul(part, drawn(device, [...part.shape], i + 9))),
  );
  const values = await Promise.all([output, ...last].map((part) => part.data()));
  for (const part of total) backward(part, { retainGraph: part !== total.at(-1) });
  const leaves = [x, ...state, ...layer.parameters()];
  const wanted = leaves.filter((leaf) => leaf.requiresGrad);
  const gradients = await Promise.all(wanted.map((leaf) => leaf.grad!.data()));
  expect(leaves.filter((leaf) => leaf.grad)).toEqual(wanted);
  return { values: [...values, ...gradients], dispatches: device.backend.dispatches - before };
}

describe.each(['LSTM', 'GRU', 'RNN'] as const)('%s', (name) => {
  test.each([
    [[7, 3, 6], { numLayers: 2 }],
    [[19, 5, 9], { numLayers: 3 }],
    [[2, 1, 1], { numLayers: 4, bias: false }],
    [[3, 2, 200], { numLayers: 2 }],
    [[6, 2, 5], { numLayers: 2, frozen: true }],
  ])('%j, %o', async (sizes, options) => {
    const asked = choose('wavefront');
    const actual = await pass(gpu, name, sizes, options);
    expect(asked).toHaveBeenCalledTimes(1);
    const expected = await pass(cpu, name, sizes, options);
    actual.values.forEach((values, i) => {
      const wanted = Array.from(expected.values[i]);
      const largest = wanted.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
      expectClose(values, wanted, { rtol: 1e-5, atol: 1e-5 * largest });
    });
  });
});

test('a long stack takes fewer dispatches at once than layer by layer', async () => {
  // More units than go through time in one dispatch.
  const sizes = [32, 1, 257];
  const counts: number[] = [];
  for (const way of ['layers', 'wavefront'] as const) {
    choose(way);
    counts.push((await pass(gpu, 'RNN', sizes, { numLayers: 3 })).dispatches);
  }
  expect(counts[1]).toBeLessThan(counts[0] / 2);
});

test('which way is the faster is found by a trial, which leaves nothing behind', async () => {
  const sizes = [5, 2, 7];
  // Nothing of the tests above is noted here.
  using own = await openDevice('webgpu');
  await pass(own, 'RNN', sizes, { numLayers: 2 });
  const before = own.memory();
  const trials = await own.tune({ budget: 1e9 });
  const alike = trials.filter(({ sizeClass }) => sizeClass.endsWith('2 layers 3,1,3'));
  // The wavefront's kernels were tried before it.
  expect(alike.map(({ name }) => name)).toEqual([
    'scan_forward',
    'scan_backward',
    'rnn-tanh layers',
  ]);
  const { fastest, milliseconds } = alike[2];
  expect(fastest).toBe(milliseconds['wavefront'] < milliseconds['layers'] ? 'wavefront' : 'layers');
  expect(own.memory()).toMatchObject({
    liveTensors: before.liveTensors,
    liveBytes: before.liveBytes,
  });
  expect(await own.tune()).toEqual([]);
});

const TEXT = Array.from({ length: 400 }, (_, i) => 'abcdefgh \n'[(i * i + (i >> 3)) % 10]).join('');

test('a trainer takes the way, records it, and learns as on the CPU', async () => {
  const config = { hidden: 16, embedding: 8, batch: 4, seq: 8, layers: 2, lr: 0.01, seed: 3 };
  const asked = choose('wavefront');
  const curves: number[][] = [];
  for (const device of [gpu, cpu]) {
    const trainer = new CharTrainer(device, TEXT, config);
    curves.push([]);
    for (let step = 0; step < 6; step++) {
      await trainer.trainStep();
      curves.at(-1)!.push((await trainer.report())!.loss);
    }
    trainer.dispose();
  }
  // The first step, and the second, which is recorded.
  expect(asked).toHaveBeenCalledTimes(2);
  expectClose(curves[0], curves[1], { rtol: 1e-5, atol: 0 });
});
