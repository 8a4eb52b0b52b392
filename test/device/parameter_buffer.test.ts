/** Parameters in the one buffer of their optimiser: what is copied, moved and recorded there, on both devices. */
import { afterAll, describe, expect, test } from 'vitest';

import { detach, openDevice, Random, RecordingError, sum, tensor } from '../../src/index';
import type { Device, Tensor, TensorOptions } from '../../src/index';
import { Linear, LSTM } from '../../src/nn/index';
import { SGD } from '../../src/optim/index';
import { expectClose } from '../setup/fixtures';
import { valuesOf } from '../setup/nn_helpers';

const devices: [string, Device][] = [
  ['cpu', await openDevice('cpu')],
  ['webgpu', await openDevice('webgpu')],
];
afterAll(() => {
  for (const [, device] of devices) device.dispose();
});

describe.each(devices)('%s', (_, device) => {
  const drawn = (size: number, seed: number, options?: TensorOptions): Tensor => {
    const random = new Random(seed);
    const values = Float32Array.from({ length: size }, () => random.normal());
    return tensor(device, values, [size], options);
  };
  /** One that learns. */
  const learner = (size: number, seed: number): Tensor => drawn(size, seed, { requiresGrad: true });

  test('a layer is loaded from another one beside it', async () => {
    const [to, from] = [1, 2].map(
      (seed) => new Linear(device, 7, 13, { random: new Random(seed) }),
    );
    const pairs = [...to.namedParameters('to.'), ...from.namedParameters('from.')];
    const optimizer = new SGD(pairs);
    const expected = await valuesOf(from.namedParameters());
    expect(await valuesOf(to.namedParameters())).not.toEqual(expected);
    const before = device.memory();
    to.loadStateDict(from.stateDict());
    expect(await valuesOf(to.namedParameters())).toEqual(expected);
    expect(await valuesOf(from.namedParameters())).toEqual(expected);
    const { liveTensors, liveBytes } = device.memory();
    expect({ liveTensors, liveBytes }).toMatchObject({
      liveTensors: before.liveTensors,
      liveBytes: before.liveBytes,
    });
    optimizer.dispose();
  });

  test('a replay takes a parameter for another one', async () => {
    const [a, b] = [learner(67, 1), learner(67, 2)];
    const optimizer = new SGD([
      ['a', a],
      ['b', b],
    ]);
    const recorded = device.record(() => sum(a), [a]);
    const values = await b.data();
    recorded.replay(b);
    expect(await a.data()).toEqual(values);
    expect(await b.data()).toEqual(values);
    const total = Array.from(values).reduce((x, y) => x + y, 0);
    expectClose([await recorded.result.item()], [total], { atol: 1e-4, rtol: 1e-4 });
    recorded.dispose();
    optimizer.dispose();
  });

  test('a step that was recorded is stale once another optimiser takes its parameters', async () => {
    const named = [5, 71].map((size, i) => [`p${i}`, learner(size, i)] as const);
    const grads = named.map(([, { size }], i) => drawn(size, 10 + i));
    const first = new SGD(named, { lr: 0.5 });
    const step = (optimizer: SGD): void => {
      for (const [i, [, parameter]] of named.entries()) parameter.grad = detach(grads[i]);
      optimizer.step();
      optimizer.zeroGrad();
    };
    step(first);
    const recorded = device.record(() => step(first));
    recorded.replay();
    expect(recorded.stale).toBe(false);
    const second = new SGD(named.slice(1), { lr: 0.5 });
    expect(recorded.stale).toBe(true);
    expect(() => recorded.replay()).toThrow(RecordingError);
    expect(() => recorded.replay()).toThrow(/moved by an optimiser; record the step again/);
    const before = await valuesOf(named);
    recorded.dispose();
    const again = device.record(() => step(first));
    again.replay();
    const after = await valuesOf(named);
    for (const [i, [name]] of named.entries()) {
      const grad = await grads[i].data();
      // Once while it was recorded, once more as it was replayed.
      const expected = before[name].map((value, at) => value - 2 * 0.5 * grad[at]);
      expectClose(after[name], expected, { atol: 1e-5, rtol: 1e-5 });
    }
    again.dispose();
    first.dispose();
    second.dispose();
  });

  test('a parameter that is the beginning of a longer buffer stays there, and is trained', async () => {
    const lstm = new LSTM(device, 3, 5, { random: new Random(1) });
    const { output } = lstm.run(tensor(device, new Float32Array(2 * 3 * 3).fill(0.5), [2, 3, 3]));
    // The output after the first step.
    const learned = output.view([3, 5]);
    const all = await output.data();
    learned.requiresGrad = true;
    expect(learned.buffer.length).toBeGreaterThan(learned.size);
    const named = Object.entries({ beside: learner(33, 3), learned });
    const before = await valuesOf(named);
    const optimizer = new SGD(named, { lr: 0.25 });
    expect(await valuesOf(named)).toEqual(before);
    const grads = named.map(([, { size }], i) => drawn(size, 20 + i));
    for (let step = 0; step < 2; step++) {
      for (const [i, [, parameter]] of named.entries()) {
        parameter.grad = grads[i].view(parameter.shape);
      }
      optimizer.step();
      optimizer.zeroGrad();
    }
    const after = await valuesOf(named);
    for (const [i, [name]] of named.entries()) {
      const grad = await grads[i].data();
      const expected = before[name].map((value, at) => value - 2 * 0.25 * grad[at]);
      expectClose(after[name], expected, { atol: 1e-5, rtol: 1e-5 });
    }
    all.set(after.learned);
    expect(await output.data()).toEqual(all);
    optimizer.dispose();
  });
});
