/** How far a gradient reaches back: against differences, and against what can be worked out by hand. */
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  ArgumentError,
  backward,
  Generator,
  IndexError,
  noGrad,
  openDevice,
  Random,
  scope,
  ShapeError,
  tensor,
  Tensor,
} from '../../src/index';
import type { Device } from '../../src/index';
import { gradientFlow, stepGradient } from '../../src/inspect/index';
import { CELLS } from '../../src/nn/cells/registry';
import { Embedding, Linear, Recurrent, RNN } from '../../src/nn/index';
import { CharModel, completeConfig } from '../../src/train/index';
import type { CellName } from '../../src/train/index';
import { distance, rejected } from '../setup/nn_helpers';

const [VOCABULARY, HIDDEN, LAYERS, SEQ, BATCH] = [5, 3, 2, 4, 2];

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

const drawn = (seed: number, size: number) => {
  const random = new Random(seed);
  return Int32Array.from({ length: size }, () => Math.floor(random.uniform() * VOCABULARY));
};
const window = {
  inputs: drawn(1, SEQ * BATCH),
  targets: drawn(2, SEQ * BATCH),
  ...{ seq: SEQ, batch: BATCH },
};

function network(cell: CellName) {
  const options = { dtype: 'f64', random: new Random(3) } as const;
  return {
    embedding: new Embedding(device, VOCABULARY, HIDDEN, options),
    rnn: new Recurrent(device, CELLS[cell].kind, HIDDEN, HIDDEN, { ...options, numLayers: LAYERS }),
    decoder: new Linear(device, HIDDEN, VOCABULARY, options),
  };
}
type Network = ReturnType<typeof network>;

/** Where a state is changed by hand, and by how much. */
interface Push {
  layer: number;
  part: number;
  step: number;
  element: number;
  by: number;
}

/** The last step's loss, summed over the batch, in plain steps of the cells. */
async function lastLoss({ embedding, rnn, decoder }: Network, push: Push): Promise<number> {
  const ids = tensor(device, window.inputs, [SEQ, BATCH], { dtype: 'i32' });
  let xs = [...(await embedding.forward(ids).data())];
  for (const [layer, cell] of rnn.cells.entries()) {
    let state: Tensor[] = cell.zeroState(BATCH);
    const outputs: number[] = [];
    for (let step = 0; step < SEQ; step++) {
      const size = BATCH * HIDDEN;
      const x = tensor(device, xs.slice(step * size, (step + 1) * size), [BATCH, HIDDEN], {
        dtype: 'f64',
      });
      state = noGrad(() => cell.step(cell.project(x), state));
      if (push.layer === layer && push.step === step) {
        const values = await state[push.part].data();
        values[push.element] += push.by;
        state[push.part].write(values);
      }
      outputs.push(...(await state[0].data()));
    }
    xs = outputs;
  }
  const last = xs.slice(-BATCH * HIDDEN);
  const { weight, bias } = decoder;
  const w = await weight.data();
  const b = await bias!.data();
  let loss = 0;
  for (let row = 0; row < BATCH; row++) {
    const logits = Array.from({ length: VOCABULARY }, (_, v) =>
      Array.from({ length: HIDDEN }).reduce<number>(
        (sum, _, i) => sum + w[v * HIDDEN + i] * last[row * HIDDEN + i],
        b[v],
      ),
    );
    const total = Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0));
    loss += total - logits[window.targets[(SEQ - 1) * BATCH + row]];
  }
  return loss;
}

describe.each(['rnn', 'lstm', 'gru'] as const)('%s', (cell) => {
  test('is the root mean square over windows of what differences give', async () => {
    const model = network(cell);
    const live = device.memory().liveTensors;
    const flow = await gradientFlow(model, window);
    expect(device.memory().liveTensors).toBe(live);
    expect(Object.keys(flow.norms)).toEqual([...model.rnn.stateNames]);

    const eps = 1e-5;
    for (const [part, name] of model.rnn.stateNames.entries()) {
      for (let layer = 0; layer < LAYERS; layer++) {
        const expected: number[] = [];
        for (let lag = 0; lag < SEQ; lag++) {
          let squares = 0;
          for (let element = 0; element < BATCH * HIDDEN; element++) {
            const at = { layer, part, step: SEQ - 1 - lag, element };
            const up = await lastLoss(model, { ...at, by: eps });
            const down = await lastLoss(model, { ...at, by: -eps });
            squares += ((up - down) / (2 * eps)) ** 2;
          }
          expected.push(Math.sqrt(squares / BATCH));
        }
        expect(distance(flow.norms[name][layer], expected)).toBeLessThan(1e-8);
        // All but c at lag 0, which comes to nothing.
        expect(Math.min(...expected.slice(1))).toBeGreaterThan(1e-6);
      }
    }
    const still = { layer: 0, part: 0, step: 0, element: 0, by: 0 };
    expect(flow.loss).toBeCloseTo((await lastLoss(model, still)) / BATCH, 12);
  });
});

test('a linear unit: its weight to the power of the lag', async () => {
  const options = { dtype: 'f64', random: new Random(3) } as const;
  const embedding = new Embedding(device, 2, 1, options);
  // With inputs above 0, relu is the identity.
  embedding.weight.write([1, 2]);
  const rnn = new RNN(device, 1, 1, { ...options, nonlinearity: 'relu', bias: false });
  rnn.cells[0].weight_ih.write([1]);
  rnn.cells[0].weight_hh.write([0.5]);
  const decoder = new Linear(device, 1, 2, { ...options, bias: false });
  decoder.weight.write([1, -1]);
  const { norms, loss } = await gradientFlow(
    { embedding, rnn, decoder },
    { inputs: Int32Array.of(0, 1, 0), targets: Int32Array.of(1, 0, 1), seq: 3, batch: 1 },
  );
  // h = 1, 2.5, 2.25; logits 2.25 and -2.25; dL/dh = (p0 - 0) - (p1 - 1) = 2 p0.
  const p0 = 1 / (1 + Math.exp(-4.5));
  expect(loss).toBeCloseTo(-Math.log(1 - p0), 12);
  expect(distance(norms.h[0], [2 * p0, p0, p0 / 2])).toBeLessThan(1e-12);
});

describe('a character model', () => {
  const model = (settings: object = {}) => {
    const config = completeConfig({ hidden: 4, embedding: 0, ...settings });
    return new CharModel(device, VOCABULARY, config, 1, new Generator(device, 1));
  };

  test('lets its parameters ask for gradients again, and gives them none', async () => {
    const net = model();
    await gradientFlow(net, window);
    expect(net.parameters().every(({ requiresGrad, grad }) => requiresGrad && !grad)).toBe(true);
    await expect(
      gradientFlow(net, { ...window, targets: window.targets.map(() => 9) }),
    ).rejects.toThrow(IndexError);
    expect(net.parameters().every(({ requiresGrad }) => requiresGrad)).toBe(true);
  });

  test('an open forget gate carries the gradient further', async () => {
    const seq = 30;
    const long = { inputs: drawn(4, 2 * seq), targets: drawn(5, 2 * seq), seq, batch: 2 };
    const reach = async (forgetBias: number) => {
      const { norms } = await gradientFlow(model({ forgetBias }), long);
      return norms.h[0][seq - 1] / norms.h[0][0];
    };
    expect(await reach(3)).toBeGreaterThan(1000 * (await reach(0)));
  });

  test('the gradient of a step, before and after clipping', async () => {
    const net = model({ embedding: 3 });
    const live = device.memory().liveTensors;
    const free = await stepGradient(net, window, Infinity);
    expect(free.after).toBe(free.before);
    const clipped = await stepGradient(net, window, free.before / 4);
    expect(clipped.before).toBe(free.before);
    expect(clipped.after).toBeCloseTo(free.before / 4, 6);
    expect(device.memory().liveTensors).toBe(live);

    const options = { dtype: 'i32' } as const;
    scope(() => {
      const ids = tensor(device, window.inputs, [SEQ, BATCH], options);
      const labels = tensor(device, window.targets, [SEQ * BATCH], options);
      backward(net.loss({ ids, labels }, net.zeroState(BATCH)).loss);
    });
    const gradients = await Promise.all(net.parameters().map(({ grad }) => grad!.data()));
    const norm = Math.hypot(...gradients.flatMap((values) => [...values]));
    expect(free.before).toBeCloseTo(norm, 6);

    const message = await rejected(ArgumentError, stepGradient(net, window, 1));
    expect(message).toMatch(/embedding.weight has a gradient.*zeroGrad/);
  });

  test('a read that fails leaves nothing behind', async () => {
    const net = model({ embedding: 3 });
    const live = device.memory().liveTensors;
    const spy = vi.spyOn(Tensor.prototype, 'item').mockRejectedValue(new Error('lost'));
    onTestFinished(() => spy.mockRestore());
    await expect(stepGradient(net, window, 1)).rejects.toThrow('lost');
    expect(device.memory().liveTensors).toBe(live);
    expect(net.parameters().every(({ grad }) => !grad)).toBe(true);
  });

  test('refuses what does not fit', async () => {
    const net = model();
    const nothing = { ...window, seq: 0 };
    expect(await rejected(ArgumentError, gradientFlow(net, nothing))).toMatch(/seq = 0/);
    expect(await rejected(ArgumentError, stepGradient(net, window, 0))).toMatch(/maxNorm = 0/);
    await rejected(ShapeError, gradientFlow(net, { ...window, seq: 3 }));
  });
});
