/** What a sequence operation keeps for its gradient. */
import { describe, expect, test } from 'vitest';

import { backward, mul, openDevice, Random, sum, tensor } from '../../src/index';
import { GRU, LSTM, RNN } from '../../src/nn/index';

const LAYERS = [
  ['LSTM', LSTM, 6],
  ['GRU', GRU, 5],
  ['RNN', RNN, 1],
] as const;

describe.each(LAYERS)('%s', (_, Layer, saved) => {
  async function make(options = {}) {
    const device = await openDevice('cpu');
    const layer = new Layer(device, 3, 7, { random: new Random(4), ...options });
    const random = new Random(8);
    const values = Float32Array.from({ length: 6 * 4 * 3 }, () => random.normal());
    const x = tensor(device, values, [6, 4, 3], { requiresGrad: true });
    return { device, layer, x };
  }

  test(`is ${saved} hidden floats a step, and the first state, its output twice`, async () => {
    const { device, layer, x } = await make();
    const state = layer.zeroState(4);
    const before = device.memory().liveBytes;
    const { output, state: after } = layer.run(x, state);
    const copies = after.length * 4 * 7;
    const floats = (device.memory().liveBytes - before) / 4 - copies;
    // In front of the outputs, too, for the gradient of the recurrent weights.
    expect(floats).toBe((saved * 6 + state.length + 1) * 4 * 7);
    backward(sum(output));
  });

  test('is as it was after a backward that keeps the graph', async () => {
    const { device, layer, x } = await make({ numLayers: 2 });
    const { output } = layer.run(x);
    const weights = Float32Array.from({ length: output.size }, (_, i) => Math.sin(i));
    const loss = sum(mul(output, tensor(device, weights, output.shape)));
    const passes = [];
    for (const retainGraph of [true, false]) {
      backward(loss, { retainGraph });
      const gradients = [x, ...layer.parameters()].map((leaf) => {
        const { grad } = leaf;
        leaf.grad = undefined;
        return grad!;
      });
      passes.push(await Promise.all(gradients.map((gradient) => gradient.data())));
    }
    expect(passes[0].some((values) => values.some((value) => value !== 0))).toBe(true);
    expect(passes[1]).toEqual(passes[0]);
  });
});
