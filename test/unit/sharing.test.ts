/** Parameters and memory that several parts see: what must be refused, and what counts once. */
import { beforeEach, describe, expect, test } from 'vitest';

import {
  ArgumentError,
  backward,
  GraphError,
  mul,
  openDevice,
  Random,
  square,
  sum,
  tensor,
  tanh,
  zeros,
} from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { axpy } from '../../src/kernels/axpy';
import { GRU, Linear, Module, parameter } from '../../src/nn/index';
import { run } from '../../src/ops/common';
import { product } from '../../src/ops/matmul';
import { clipGradNorm, SGD } from '../../src/optim/index';

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

const leaf = (value: number): Tensor => tensor(device, [value], [1], { requiresGrad: true });

describe('a value changed in place between forward and backward', () => {
  test('by write: refused, naming the operation', () => {
    const w = leaf(1);
    const loss = sum(square(w));
    w.write([100]);
    expect(() => backward(loss)).toThrow(GraphError);
    expect(() => backward(loss)).toThrow(/square saved was changed in place/);
  });

  test('by an optimiser step: refused', () => {
    const w = leaf(1);
    const optimizer = new SGD([['w', w]], { lr: 0.1 });
    const first = sum(square(w));
    const second = sum(square(w));
    backward(first);
    optimizer.step();
    expect(() => backward(second)).toThrow(GraphError);
  });

  test('that nothing saved: fine', async () => {
    const w = leaf(1);
    const x = tensor(device, [3]);
    const loss = sum(mul(w, x));
    const other = leaf(5);
    other.write([6]);
    backward(loss);
    expect(await w.grad!.item()).toBe(3);
  });
});

test('a view of fewer elements has the first of them', async () => {
  const x = tensor(device, [1, 2, 3, 4, 5, 6], [3, 2]);
  const view = x.view([2, 2]);
  expect(view.size).toBe(4);
  expect(await view.data()).toEqual(Float32Array.of(1, 2, 3, 4));
  expect(await square(view).data()).toEqual(Float32Array.of(1, 4, 9, 16));
  expect(await x.view([]).item()).toBe(1);
  view.write([7, 8, 9, 10]);
  expect(await x.data()).toEqual(Float32Array.of(7, 8, 9, 10, 5, 6));
});

test('a product fills rows of a wider tensor', async () => {
  const out = zeros(device, [2, 4]);
  const a = tensor(device, [1, 2, 3, 4], [2, 2]);
  const b = tensor(device, [1, 0, 0, 10], [2, 2]);
  product(a, b, [], false, false, { out, offsetOut: 1, rowOut: 4 });
  expect(await out.data()).toEqual(Float32Array.of(0, 1, 20, 0, 0, 3, 40, 0));
});

test('a tensor that is written is bound once', () => {
  const x = leaf(1);
  expect(() => run(axpy, { x, y: x }, { n: 1, alpha: 1 })).toThrow(ArgumentError);
});

test('a state loaded into itself stays', async () => {
  const layer = new Linear(device, 2, 2, { random: new Random(1) });
  const before = await layer.weight.data();
  layer.loadStateDict(layer.stateDict());
  expect(await layer.weight.data()).toEqual(before);
});

describe('a parameter with two names', () => {
  class Tied extends Module {
    readonly encoder = parameter(device, [1], [1]);
    readonly decoder = this.encoder;
    readonly rest = [parameter(device, [1], [2]), parameter(device, [1], [3])];
  }

  test('is listed once, saved under both; arrays of parameters are members', () => {
    const tied = new Tied();
    expect([...tied.namedParameters()].map(([name]) => name)).toEqual([
      'encoder',
      'rest.0',
      'rest.1',
    ]);
    expect(tied.parameterCount()).toBe(3);
    expect([...tied.stateDict().keys()]).toEqual(['encoder', 'decoder', 'rest.0', 'rest.1']);
  });

  test('is clipped and updated once', async () => {
    const w = leaf(1);
    backward(sum(mul(w, 3)));
    const norm = clipGradNorm([w, w], 1);
    expect(await norm.item()).toBeCloseTo(3, 6);
    expect(await w.grad!.item()).toBeCloseTo(1, 5);
    const twice: [string, Tensor][] = [
      ['a', w],
      ['b', w],
    ];
    new SGD(twice, { lr: 0.1 }).step();
    expect(await w.item()).toBeCloseTo(0.9, 5);
  });

  test('two parameters of one name are refused', () => {
    const [a, b] = [new Linear(device, 1, 1), new Linear(device, 1, 1)];
    expect(() => new SGD([...a.namedParameters(), ...b.namedParameters()])).toThrow(
      /two parameters are named weight/,
    );
  });
});

test('training and evaluation reach the cells of a layer', () => {
  const layer = new GRU(device, 2, 3, { numLayers: 2, dropout: 0.5 });
  const parts = [...layer.modules()];
  expect(parts).toHaveLength(4);
  layer.eval();
  expect(parts.every((part) => !part.training)).toBe(true);
  layer.dispose();
  expect(device.memory().liveTensors).toBe(0);
});

test('a shape given as a list is not watched', () => {
  const shape = [2, 3];
  const x = tensor(device, new Float32Array(6), shape);
  shape[0] = 10;
  expect(x.shape).toEqual([2, 3]);
});

test.each([
  ['i32', 1.5],
  ['i32', NaN],
  ['i32', 2 ** 31],
  ['u32', -1],
] as const)('%s does not hold %d', (dtype, value) => {
  expect(() => tensor(device, [0, value], [2], { dtype })).toThrow(/at position 1/);
});

test('freed memory is kept up to what was in use at once, and a little', () => {
  // 400 tensors of different sizes, one at a time: 0.8 GB in all.
  for (let i = 0; i < 400; i++) tensor(device, new Float32Array(500_000 + i)).dispose();
  expect(device.memory().pooledBytes).toBeLessThan(80 * 2 ** 20);
  const x = leaf(1);
  backward(sum(tanh(x)));
});
