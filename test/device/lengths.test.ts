/** Lengths of sequences as a tensor on a GPU, recorded and replayed: the numbers of lists of them on the CPU. */
import { expect, test } from 'vitest';

import { add, backward, detach, dispose, mul, Random, sum, zeros } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { GRU, LSTM } from '../../src/nn/index';
import type { RecurrentOptions } from '../../src/nn/index';
import { cpu, gpu } from '../setup/devices';
import { expectClose } from '../setup/fixtures';
import { normalTensors } from '../setup/nn_helpers';

const [TIME, BATCH, INPUT] = [6, 9, 3];
const LENGTHS = [
  [6, 6, 4, 4, 3, 2, 1, 1, 0],
  [2, 0, 5, 1, 3, 0, 5, 4, 1],
  [0, 0, 1, 0, 0, 0, 0, 0, 0],
  [6, 6, 5, 6, 6, 6, 6, 6, 6],
];

interface Options extends RecurrentOptions {
  projSize?: number;
}

/** A pass that can be recorded: output, last state, and the gradients of all leaves. */
function setUp(device: Device, kind: typeof LSTM | typeof GRU, hidden: number, options: Options) {
  const random = new Random(3);
  const layer = new kind(device, INPUT, hidden, { ...options, random });
  const make = normalTensors(device, 'f32');
  const x = make([TIME, BATCH, INPUT], true);
  const state = layer.cells[0].stateSizes.map((size) =>
    make([layer.cells.length, BATCH, size], true),
  );
  const weights = make([TIME, BATCH, layer.outputSize]);
  const leaves = [x, ...state, ...layer.parameters()];
  const step = (lengths: Tensor | readonly number[]): Tensor[] => {
    for (const leaf of leaves) leaf.grad = undefined;
    const { output, state: last } = layer.run(x, state, { lengths });
    const kept = [output, ...last].map(detach);
    const losses = [mul(output, weights), ...last.map((part) => mul(part, part))];
    const loss = losses.map((part) => sum(part)).reduce((total, part) => add(total, part));
    backward(loss);
    return [...kept, loss, ...leaves.map(({ grad }) => grad!)];
  };
  return { step, owned: [layer, x, state, weights] };
}

test.each([
  ['an LSTM, all steps in a dispatch', LSTM, 20, {}],
  ['an LSTM, step by step', LSTM, 200, {}],
  ['a GRU, two layers in both directions', GRU, 12, { numLayers: 2, bidirectional: true }],
  ['a GRU, step by step, in both directions', GRU, 200, { bidirectional: true }],
  ['an LSTM with a projection', LSTM, 20, { projSize: 5, bidirectional: true }],
  ['an LSTM, unrolled', LSTM, 8, { bidirectional: true, fused: false }],
] as const)('%s', async (_, kind, hidden, options) => {
  const reference = setUp(cpu, kind, hidden, options);
  const { step, owned } = setUp(gpu, kind, hidden, options);
  const lengths = zeros(gpu, [BATCH], { dtype: 'i32' });
  const recorded = gpu.record(() => step(lengths), [lengths]);
  for (const list of LENGTHS) {
    recorded.replay(list);
    const own = await Promise.all(recorded.result.map((part) => part.data()));
    const results = reference.step(list);
    const expected = await Promise.all(results.map((part) => part.data()));
    dispose(results);
    own.forEach((values, i) => expectClose(values, expected[i], { atol: 1e-4, rtol: 1e-4 }));
  }
  expect(recorded.stale).toBe(false);
  dispose(recorded.result);
  recorded.dispose();
  dispose([owned, lengths, reference.owned]);
});
