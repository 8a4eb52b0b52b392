/** A last state that is written over the first one: the same numbers, in the same memory. */
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  add,
  backward,
  dispose,
  mul,
  openDevice,
  Random,
  scope,
  square,
  sum,
} from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { GRU, LSTM, RNN } from '../../src/nn/index';
import { normalTensors } from '../setup/nn_helpers';

const [TIME, BATCH, INPUT, HIDDEN] = [5, 3, 4, 6];

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});
afterAll(() => device.dispose());

const options = () => ({ random: new Random(3) });

interface Layer {
  run: LSTM['run'];
  parameters: LSTM['parameters'];
}

const LAYERS: Record<string, () => Layer> = {
  LSTM: () => new LSTM(device, INPUT, HIDDEN, options()),
  'GRU of three layers': () => new GRU(device, INPUT, HIDDEN, { numLayers: 3, ...options() }),
  RNN: () => new RNN(device, INPUT, HIDDEN, options()),
  'RNN in two directions': () =>
    new RNN(device, INPUT, HIDDEN, { bidirectional: true, ...options() }),
  'LSTM, unrolled': () => new LSTM(device, INPUT, HIDDEN, { fused: false, ...options() }),
  'LSTM, projected': () => new LSTM(device, INPUT, HIDDEN, { projSize: 2, ...options() }),
};

/** The output, the last state and the gradients, and how much of the state was overwritten. */
async function pass(layer: Layer, lengths: number[] | undefined, overwriteState: boolean) {
  const { output: none, state: shapes } = scope(() => layer.run(normal([1, BATCH, INPUT])));
  const state = shapes.map(({ shape }) => normal(shape, 7));
  const before = await Promise.all(state.map((part) => part.data()));
  const x = normal([TIME, BATCH, INPUT], 8);
  const { output, state: last } = layer.run(x, state, { lengths, overwriteState });
  const values = await Promise.all([output, ...last].map((part) => part.data()));
  const overwritten = last.filter((part, i) => part.shares(state[i])).length;
  const after = await Promise.all(state.map((part) => part.data()));
  const untouched = after.every((part, i) => part.every((value, at) => value === before[i][at]));
  backward(scope(() => add(sum(output), sum(square(last[0])))));
  const gradients = await Promise.all(
    layer.parameters().map((parameter) => parameter.grad!.data()),
  );
  for (const parameter of layer.parameters()) {
    parameter.grad!.dispose();
    parameter.grad = undefined;
  }
  dispose([none, shapes, state, x, output, last]);
  return { values, gradients, overwritten, untouched };
}

const normal = (shape: readonly number[], seed = 1): Tensor =>
  normalTensors(device, 'f32', seed)(shape);

test.each(
  Object.keys(LAYERS).flatMap((name) => [[name, undefined] as const, [name, [5, 2, 0]] as const]),
)('%s, lengths %j', async (name, lengths) => {
  const layer = LAYERS[name]();
  const list = lengths && [...lengths];
  const kept = await pass(layer, list, false);
  const over = await pass(layer, list, true);
  expect(kept.untouched).toBe(true);
  expect(kept.overwritten).toBe(0);
  expect(over.values).toEqual(kept.values);
  expect(over.gradients).toEqual(kept.gradients);
  if (name === 'LSTM' && !lengths) expect(over.overwritten).toBe(2);
  // What is returned in other memory has left the first state alone.
  if (over.overwritten === 0) expect(over.untouched).toBe(true);
});

test('a state that requires a gradient stays as it is, and gets it', async () => {
  const layer = LAYERS.LSTM();
  const state = [normal([1, BATCH, HIDDEN]), normal([1, BATCH, HIDDEN])];
  for (const part of state) part.requiresGrad = true;
  const before = await state[0].data();
  const { output } = layer.run(normal([TIME, BATCH, INPUT]), state, { overwriteState: true });
  backward(scope(() => sum(output)));
  expect(await state[0].data()).toEqual(before);
  expect((await state[0].grad!.data()).some((value) => value !== 0)).toBe(true);
});

test('a state that is written anew between forward and backward changes no gradient of its rows', async () => {
  const gradientsOf = async (write: boolean) => {
    const layer = new GRU(device, INPUT, HIDDEN, { numLayers: 2, fused: false, ...options() });
    const state = [normal([2, BATCH, HIDDEN], 7)];
    const { output } = layer.run(normal([TIME, BATCH, INPUT], 8), state);
    const loss = scope(() => sum(output));
    if (write) state[0].write(new Float32Array(state[0].size).fill(9));
    backward(loss);
    return Promise.all(layer.parameters().map((parameter) => parameter.grad!.data()));
  };
  expect(await gradientsOf(true)).toEqual(await gradientsOf(false));
});

test.each([[undefined], [[5, 2, 0]]])(
  'a state that the graph saved is not overwritten unseen, lengths %j',
  (lengths) => {
    const layer = LAYERS.RNN();
    const state = normal([1, BATCH, HIDDEN], 7);
    const scale = normal([1, BATCH, HIDDEN], 9);
    scale.requiresGrad = true;
    const loss = scope(() => sum(mul(state, scale)));
    layer.run(normal([TIME, BATCH, INPUT], 8), [state], { lengths, overwriteState: true });
    expect(() => backward(loss)).toThrow(/changed in place since/);
  },
);

test('one tensor for two parts of the state stays as it is', async () => {
  const layer = LAYERS.LSTM();
  const part = normal([1, BATCH, HIDDEN]);
  const before = await part.data();
  const { state } = layer.run(normal([TIME, BATCH, INPUT]), [part, part], { overwriteState: true });
  expect(await part.data()).toEqual(before);
  expect(await state[0].data()).not.toEqual(await state[1].data());
});
