import { expect } from 'vitest';
import { add, backward, dispose, mul, sum, tensor } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { LSTM } from '../../src/nn/index';
import { formula } from './formula';

// A glob, as in recurrent_fixtures.ts.
const { '../fixtures/recurrent_large.json': large } = import.meta.glob<{
  input: number;
  hidden: number;
  time: number;
  batch: number;
  scale: number;
  tensors: Record<string, { norm: number; projections: number[] }>;
}>('../fixtures/recurrent_large.json', { eager: true });

/**
 * Runs the LSTM of recurrent_large.json, forward and back, in f32; see scripts/make_recurrent_fixtures.py.
 *
 * @returns for each output and gradient the largest difference of its norm and its projections from
 *   PyTorch's in f64, relative to the norm.
 */
export async function largeDifferences(device: Device): Promise<Record<string, number>> {
  const { input, hidden, time, batch, scale } = large;
  const make = (name: string, shape: readonly number[], requiresGrad = false): Tensor =>
    tensor(device, formula(name, shape), shape, { requiresGrad });
  const lstm = new LSTM(device, input, hidden);
  for (const [name, parameter] of lstm.namedParameters()) {
    parameter.write(formula(name, parameter.shape, scale));
  }
  const x = make('x', [time, batch, input], true);
  const h0 = make('h0', [1, batch, hidden], true);
  const c0 = make('c0', [1, batch, hidden], true);
  const [y, [hn, cn]] = lstm.forward(x, [h0, c0]);
  const differences: Record<string, number> = {};
  const compare = async (name: string, value: Tensor): Promise<void> => {
    const { norm, projections } = large.tensors[name];
    const values = await value.data();
    const measured = projections.map((_, k) =>
      dot(values, formula(`projection ${k}`, value.shape)),
    );
    const distances = [
      Math.sqrt(dot(values, values)) - norm,
      ...projections.map((expected, k) => measured[k] - expected),
    ];
    differences[name] = Math.max(...distances.map(Math.abs)) / norm;
  };
  const outputs = { y, hn, cn };
  for (const [name, output] of Object.entries(outputs)) await compare(name, output);
  const losses = Object.entries(outputs).map(([name, output]) =>
    sum(mul(output, make(`d${name}`, output.shape))),
  );
  backward(losses.reduce((total, part) => add(total, part)));
  const leaves = { x, h0, c0, ...Object.fromEntries(lstm.namedParameters()) };
  for (const [name, leaf] of Object.entries(leaves)) await compare(`d${name}`, leaf.grad!);
  dispose([x, h0, c0, lstm]);
  expect(Object.keys(differences)).toEqual(Object.keys(large.tensors));
  return differences;
}

function dot(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) total += a[i] * b[i];
  return total;
}
