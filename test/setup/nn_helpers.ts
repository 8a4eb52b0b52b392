import { expect } from 'vitest';
import { dispose, Random, tensor } from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { GRU, GRUCell, LSTM, LSTMCell, RNN, RNNCell } from '../../src/nn/index';
import type { Cell, ForwardOptions } from '../../src/nn/index';

/** A module, and its call with the state as a list, so that all of a kind are called alike. */
export interface Called<M> {
  module: M;
  forward: (x: Tensor, state?: readonly Tensor[], options?: ForwardOptions) => Tensor[];
}

/** Options of any of the modules. */
export type Options = Readonly<Record<string, unknown>>;

type Make<M> = (device: Device, input: number, hidden: number, options?: Options) => Called<M>;

export interface Architecture {
  gates: number;
  /** Tensors in a state. */
  parts: number;
  /** To the new state. */
  cell: Make<Cell>;
  /** To the output, then the new state. */
  layer: Make<LSTM | GRU | RNN>;
}

/** A row is all that the tests of modules, values and gradients need to know of a cell. */
export const ARCHITECTURES: Readonly<Record<string, Architecture>> = {
  RNN: {
    gates: 1,
    parts: 1,
    cell(...at) {
      const module = new RNNCell(...at);
      return { module, forward: (x, state) => [module.forward(x, state?.[0])] };
    },
    layer(...at) {
      const module = new RNN(...at);
      return { module, forward: (x, state, o) => module.forward(x, state?.[0], o) };
    },
  },
  LSTM: {
    gates: 4,
    parts: 2,
    cell(...at) {
      const module = new LSTMCell(...at);
      return { module, forward: (x, state) => module.forward(x, state as [Tensor, Tensor]) };
    },
    layer(...at) {
      const module = new LSTM(...at);
      return {
        module,
        forward: (x, state, o) => module.forward(x, state as [Tensor, Tensor], o).flat(),
      };
    },
  },
  GRU: {
    gates: 3,
    parts: 1,
    cell(...at) {
      const module = new GRUCell(...at);
      return { module, forward: (x, state) => [module.forward(x, state?.[0])] };
    },
    layer(...at) {
      const module = new GRU(...at);
      return { module, forward: (x, state, o) => module.forward(x, state?.[0], o) };
    },
  },
};

/** For `test.each`. */
export const ROWS = Object.entries(ARCHITECTURES).map(([name, row]) => ({ name, ...row }));

/** Makes tensors of normal random numbers. */
export function normalTensors(
  device: Device,
  dtype: DType = 'f64',
  seed = 1,
): (shape: readonly number[], requiresGrad?: boolean) => Tensor {
  const random = new Random(seed, 7);
  return (shape, requiresGrad = false) => {
    const size = shape.reduce((product, n) => product * n, 1);
    const values = Float64Array.from({ length: size }, () => random.normal());
    return tensor(device, values, shape, { dtype, requiresGrad });
  };
}

export type Values = Record<string, number[]>;

/** The values of tensors by name. */
export async function valuesOf(named: Iterable<readonly [string, Tensor]>): Promise<Values> {
  const result: Values = {};
  for (const [name, value] of named) result[name] = [...(await value.data())];
  return result;
}

/** The largest difference between two lists. */
export function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  expect(a.length).toBe(b.length);
  return Array.from(a).reduce((worst, value, i) => Math.max(worst, Math.abs(value - b[i])), 0);
}

/** What `body` threw, which must be an error of this class. */
export function thrown<E extends Error>(
  type: new (...args: never[]) => E,
  body: () => unknown,
): string {
  try {
    dispose(body());
  } catch (error) {
    expect(error).toBeInstanceOf(type);
    return (error as E).message;
  }
  return expect.fail(`nothing was thrown; ${type.name} was expected`);
}

/** As `thrown`, for what rejects. */
export async function rejected<E extends Error>(
  type: new (...args: never[]) => E,
  promise: Promise<unknown>,
): Promise<string> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(type);
  return (error as E).message;
}
