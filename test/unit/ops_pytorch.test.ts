import { describe, expect, test } from 'vitest';
import * as lethe from '../../src/index';
import { backward, dispose, openDevice } from '../../src/index';
import type { CTCLossOptions, DType, Tensor } from '../../src/index';
import { expectClose, fixtures, fixtureTensor } from '../setup/fixtures';
import type { FixtureCase } from '../setup/fixtures';

const cases = fixtures('ops');

type Inputs = Readonly<Record<string, Tensor>>;
type Call = (inputs: Inputs, options: FixtureCase['options']) => Tensor;

const dimOf = (options: FixtureCase['options']): number => options.dim as number;

/** How each op of the fixtures is called here; inputs by the names that PyTorch has for them. */
const CALLS: Readonly<Record<string, Call>> = {
  add: ({ a, b }) => lethe.add(a, b),
  sub: ({ a, b }) => lethe.sub(a, b),
  mul: ({ a, b }) => lethe.mul(a, b),
  div: ({ a, b }) => lethe.div(a, b),
  pow: ({ a, b }, options) => lethe.pow(a, b ?? (options.exponent as number)),
  clamp: ({ x }, options) => lethe.clamp(x, options),
  where: ({ condition, a, b }) => lethe.where(condition, a, b),
  matmul: ({ a, b }, options) => lethe.matmul(a, b, options),
  linear: ({ x, weight, bias }) => lethe.linear(x, weight, bias),
  softmax: ({ x }, options) => lethe.softmax(x, dimOf(options)),
  logSoftmax: ({ x }, options) => lethe.logSoftmax(x, dimOf(options)),
  crossEntropy: ({ logits, target }, { weight, ...options }) => {
    if (!weight) return lethe.crossEntropy(logits, target, options);
    const { device, dtype } = logits;
    const weights = lethe.tensor(device, weight as number[], undefined, { dtype });
    return lethe.crossEntropy(logits, target, { ...options, weight: weights });
  },
  ctcLoss: ({ logits, targets }, options) =>
    lethe.ctcLoss(logits, targets, options as unknown as CTCLossOptions),
  mseLoss: ({ input, target }, options) => lethe.mseLoss(input, target, options),
  l1Loss: ({ input, target }, options) => lethe.l1Loss(input, target, options),
  binaryCrossEntropyWithLogits: ({ input, target }, options) =>
    lethe.binaryCrossEntropyWithLogits(input, target, options),
  sum: ({ x }, options) => lethe.sum(x, options),
  mean: ({ x }, options) => lethe.mean(x, options),
  amax: ({ x }, options) => lethe.amax(x, options),
  permute: ({ x }, options) => lethe.permute(x, options.dims as number[]),
  slice: ({ x }, options) => {
    const { dim: _, ...rest } = options;
    return lethe.slice(x, dimOf(options), rest);
  },
  cat: (inputs, options) => lethe.cat(Object.values(inputs), dimOf(options)),
  stack: (inputs, options) => lethe.stack(Object.values(inputs), dimOf(options)),
  embedding: ({ indices, weight }) => lethe.embedding(indices, weight),
  gather: ({ x, index }, options) => lethe.gather(x, dimOf(options), index),
  scatterAdd: ({ x, index, src }, options) => lethe.scatterAdd(x, dimOf(options), index, src),
};

test('the table has a row for each op of the fixtures, and no other', () => {
  const ops = new Set(cases.map(({ op }) => op));
  expect([...ops].sort()).toEqual(Object.keys(CALLS).sort());
});

const runs = [
  { title: 'f64', reference: false, dtype: 'f64', atol: 1e-6, rtol: 1e-6 },
  { title: 'f32', reference: false, dtype: 'f32', atol: 1e-5, rtol: 1e-5 },
  { title: 'f32, reference kernels', reference: true, dtype: 'f32', atol: 1e-5, rtol: 1e-5 },
] satisfies { title: string; reference: boolean; dtype: DType; atol: number; rtol: number }[];

describe.each(runs)('PyTorch, CPU, $title', async ({ reference, dtype, atol, rtol }) => {
  const device = await openDevice('cpu', { reference });

  test.each(cases)('$name', async ({ op, options, inputs, outputs, cotangents, gradients }) => {
    const tensors = Object.fromEntries(
      Object.entries(inputs).map(([name, value]) => [
        name,
        fixtureTensor(device, value, dtype, name in gradients),
      ]),
    );
    const gradient = fixtureTensor(device, cotangents.y, dtype);

    const y = CALLS[op](tensors, options);
    expect(y.shape).toEqual(outputs.y.shape);
    expect(y.dtype).toBe(dtype);
    expectClose(await y.data(), outputs.y.data, { atol, rtol, what: 'y' });

    backward(y, { gradient });
    for (const [name, expected] of Object.entries(gradients)) {
      const { grad } = tensors[name];
      expect(grad?.shape, `shape of the gradient of ${name}`).toEqual(expected.shape);
      const values = (await grad?.data()) ?? [];
      expectClose(values, expected.data, { atol, rtol, what: `gradient of ${name}` });
    }
    dispose([y, gradient, tensors]);
  });
});
