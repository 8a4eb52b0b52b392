/**
 * The scan against the same cell unrolled over tensors: values and all gradients, in f64, in every
 * direction, ragged or not, of one layer or several.
 */
import { describe, expect, test, vi } from 'vitest';

import { backward } from '../../src/autograd/backward';
import { CpuBackend } from '../../src/backend/cpu/cpu_backend';
import type { CellDefinition } from '../../src/cell/definition';
import { ArgumentError, DeviceError, OutOfMemoryError } from '../../src/errors';
import { matmul } from '../../src/ops/matmul';
import { cat, reshape, slice, stack, unbind } from '../../src/ops/movement';
import { add, mul } from '../../src/ops/pointwise';
import { RaggedBatch } from '../../src/ops/ragged';
import { sum } from '../../src/ops/reduce';
import { scan } from '../../src/ops/scan';
import type { LayerWeights } from '../../src/ops/scan_input';
import { tensorAlgebra } from '../../src/ops/tensor_algebra';
import { Device } from '../../src/tensor/device';
import { openDevice } from '../../src/tensor/open';
import { tensor, zeros } from '../../src/tensor/tensor';
import type { Tensor } from '../../src/tensor/tensor';
import { CELLS } from '../setup/cells';

const device = await openDevice('cpu', { reference: true });

/** Numbers that repeat nothing; a parameter each call. */
function maker() {
  let seed = 0;
  const leaves: Tensor[] = [];
  const make = (...shape: number[]): Tensor => {
    const n = shape.reduce((a, b) => a * b, 1);
    const from = ++seed;
    const values = Float64Array.from({ length: n }, (_, i) => Math.sin(1.7 * i + 5.3 * from) * 0.7);
    const x = tensor(device, values, shape, { dtype: 'f64', requiresGrad: true });
    leaves.push(x);
    return x;
  };
  return { make, leaves };
}

function weightsOf(
  cell: CellDefinition,
  input: number,
  hidden: number,
  bias: boolean,
  make: (...shape: number[]) => Tensor,
): LayerWeights {
  const rows = cell.gates.length * hidden;
  return {
    weight_ih: make(rows, input),
    ...(cell.dense && { weight_hh: make(rows, hidden) }),
    ...(bias && { bias_ih: make(rows) }),
    ...(bias && cell.dense && { bias_hh: make(rows) }),
    vectors: cell.vectors.map(() => make(hidden)),
  };
}

/** One step of a cell over tensors. */
function step(
  cell: CellDefinition,
  weights: LayerWeights,
  x: Tensor,
  state: readonly Tensor[],
  first?: Tensor,
): Tensor[] {
  const { weight_ih, weight_hh, bias_ih, bias_hh, vectors = [] } = weights;
  const with_ = (product: Tensor, bias?: Tensor) => (bias ? add(product, bias) : product);
  let gx = with_(matmul(x, weight_ih, { transposeB: true }), bias_ih);
  if (first) gx = add(gx, first);
  const gh = weight_hh && with_(matmul(state[0], weight_hh, { transposeB: true }), bias_hh);
  const H = state[0].shape[1];
  const part = (g: Tensor, i: number) => slice(g, 1, { start: i * H, end: (i + 1) * H });
  const apart = cell.spec.apart ?? [];
  const z: Record<string, Tensor> = {};
  cell.gates.forEach((gate, i) => {
    if (apart.includes(gate)) {
      z[gate] = part(gx, i);
      z[`h${gate}`] = part(gh!, i);
    } else z[gate] = gh ? add(part(gx, i), part(gh, i)) : part(gx, i);
  });
  const named = (names: readonly string[], values: readonly Tensor[]) =>
    Object.fromEntries(names.map((name, i) => [name, values[i]]));
  const next = cell.spec.step(
    tensorAlgebra,
    z,
    named(cell.state, state),
    named(cell.vectors, vectors),
  );
  return cell.state.map((name) => next[name]);
}

const rowsOf = (x: Tensor, count: number, from = 0) =>
  slice(x, 0, { start: from, end: from + count });

interface Case {
  time: number;
  batch: number;
  reverse?: boolean;
  layers?: number;
  batchSizes?: number[];
  bias?: boolean;
  firstStep?: boolean;
}

/** The unrolled scan. */
function unrolled(
  cell: CellDefinition,
  x: Tensor,
  layers: readonly LayerWeights[],
  state: readonly Tensor[],
  { time, batch, reverse = false, batchSizes }: Case,
  first?: Tensor,
) {
  const stacked = state[0].shape.length === 3;
  const begins = [0];
  for (const size of batchSizes ?? []) begins.push(begins.at(-1)! + size);
  let inputs = batchSizes ? batchSizes.map((size, t) => rowsOf(x, size, begins[t])) : unbind(x);
  const last: Tensor[][] = [];
  layers.forEach((weights, layer) => {
    let current = state.map((part) => (stacked ? unbind(part)[layer] : part));
    const outputs: Tensor[] = [];
    const begun = new Set<number>();
    for (let n = 0; n < time; n++) {
      const t = reverse ? time - 1 - n : n;
      const count = batchSizes?.[t] ?? batch;
      const fresh = first && count > begun.size ? begun.size : undefined;
      let own: Tensor | undefined;
      if (first && fresh !== undefined) {
        const zero = mul(rowsOf(first, count), 0);
        const added = rowsOf(first, count - fresh, fresh);
        own = fresh === 0 ? added : cat([rowsOf(zero, fresh), added]);
        for (let r = fresh; r < count; r++) begun.add(r);
      }
      const next = step(
        cell,
        weights,
        inputs[t],
        current.map((part) => rowsOf(part, count)),
        own,
      );
      current = current.map((part, i) =>
        count === batch ? next[i] : cat([next[i], rowsOf(part, batch - count, count)]),
      );
      outputs[t] = next[0];
    }
    inputs = outputs;
    last.push(current);
  });
  const output = batchSizes ? cat(inputs) : stack(inputs);
  const after = state.map((_, i) => (stacked ? stack(last.map((parts) => parts[i])) : last[0][i]));
  return { output, state: after };
}

/** Zeros, where a step makes nothing of it. */
async function gradientOf({ grad, size }: Tensor) {
  return grad ? grad.data() : new Float64Array(size);
}

async function expectSame(cell: CellDefinition, given: Case): Promise<void> {
  const { time, batch, layers = 1, batchSizes, bias = true, firstStep } = given;
  const [input, hidden] = [3, 5];
  const ragged = batchSizes && new RaggedBatch(device, batchSizes, batch);
  const results = [true, false].map((fused) => {
    const { make, leaves } = maker();
    const x = ragged ? make(ragged.rows, input) : make(time, batch, input);
    const all = Array.from({ length: layers }, (_, i) =>
      weightsOf(cell, i === 0 ? input : hidden, hidden, bias, make),
    );
    const state = cell.state.map(() =>
      layers > 1 ? make(layers, batch, hidden) : make(batch, hidden),
    );
    const first = firstStep ? make(batch, cell.gates.length * hidden) : undefined;
    const made = fused
      ? scan(cell, x, layers > 1 ? all : all[0], state, {
          reverse: given.reverse,
          ragged,
          firstStep: first,
        })
      : unrolled(cell, x, all, state, given, first);
    const outputs = [made.output, ...made.state];
    const weighted = outputs.map((y, i) => {
      const n = y.size;
      const w = tensor(
        device,
        Float64Array.from({ length: n }, (_, j) => Math.cos(2.1 * j + i)),
        y.shape,
        { dtype: 'f64' },
      );
      return reshape(sum(mul(y, w)), [1]);
    });
    const values = outputs.map((y) => y.data());
    backward(
      reshape(
        weighted.reduce((a, b) => add(a, b)),
        [],
      ),
    );
    return { values, gradients: leaves.map(gradientOf) };
  });
  const [fused, reference] = await Promise.all(
    results.map(async ({ values, gradients }) => ({
      values: await Promise.all(values),
      gradients: await Promise.all(gradients),
    })),
  );
  for (const kind of ['values', 'gradients'] as const) {
    fused[kind].forEach((got, i) => {
      expect(got.length).toBe(reference[kind][i].length);
      got.forEach((value, j) =>
        expect(value, `${kind} ${i}, ${j}`).toBeCloseTo(reference[kind][i][j], 12),
      );
    });
  }
}

const CASES: [what: string, given: Case][] = [
  ['forward', { time: 4, batch: 3 }],
  ['in reverse', { time: 4, batch: 3, reverse: true }],
  ['without bias', { time: 3, batch: 2, bias: false }],
  ['one step', { time: 1, batch: 3 }],
  ['ragged', { time: 4, batch: 5, batchSizes: [4, 3, 3, 1] }],
  ['ragged, in reverse', { time: 4, batch: 5, batchSizes: [4, 3, 3, 1], reverse: true }],
  ['ragged, of one step', { time: 1, batch: 4, batchSizes: [3], reverse: true }],
];

describe.each(Object.entries(CELLS))('%s', (_, cell) => {
  test.each(CASES)('%s', async (_, given) => {
    await expectSame(cell, given);
  });
});

test.each(Object.entries(CELLS).filter(([, { dense }]) => dense))(
  '%s, two layers at once',
  async (_, cell) => {
    await expectSame(cell, { time: 3, batch: 2, layers: 2 });
    await expectSame(cell, { time: 3, batch: 2, layers: 2, reverse: true });
  },
);

describe('what the first step gets besides', () => {
  test.each(CASES)('%s', async (_, given) => {
    await expectSame(CELLS.lstm, { ...given, firstStep: true });
  });
});

test('no more than the output is read, which begins the states of all steps', async () => {
  const { make } = maker();
  const weights = weightsOf(CELLS.lstm, 2, 3, true, make);
  const { output } = scan(CELLS.lstm, make(4, 2, 2), weights, [make(2, 3), make(2, 3)]);
  const read = vi.spyOn(device.backend, 'read');
  expect(await output.data()).toHaveLength(24);
  expect(await read.mock.results[0].value).toHaveLength(24);
  read.mockRestore();
});

describe('is refused', () => {
  const { make } = maker();
  const weights = (input: number) => weightsOf(CELLS.indrnn, input, 3, true, make);

  test('several layers of a cell without a recurrent product', () => {
    const call = () => scan(CELLS.indrnn, make(4, 2, 5), [weights(5), weights(3)], [make(2, 2, 3)]);
    expect(call).toThrow(ArgumentError);
    expect(call).toThrow(
      '2 layers are given, and indrnn has no weight_hh; such a cell goes through one',
    );
  });

  test('a ragged batch that is none, or of another device', async () => {
    const of = (ragged: RaggedBatch) => () =>
      scan(CELLS.indrnn, make(3, 5), weights(5), [make(2, 3)], { ragged });
    const plain = { batchSizes: [2, 1], batch: 2, rows: 3 } as unknown as RaggedBatch;
    expect(of(plain)).toThrow('scan: ragged = a plain object; a RaggedBatch is needed');
    const other = await openDevice('cpu');
    expect(of(new RaggedBatch(other, [2, 1], 2))).toThrow(DeviceError);
  });

  test('states that do not fit in a buffer, where the gates do', () => {
    class SmallBackend extends CpuBackend {
      override readonly maxBufferBytes: number = 8 * 4 * 2 * 5;
    }
    const small = new Device(new SmallBackend(), 'a test');
    const of = (...shape: number[]) => zeros(small, shape, { dtype: 'f64' });
    const layer = { weight_ih: of(5, 2), weight_hh: of(5, 5) };
    const [x, h0] = [of(4, 2, 2), of(2, 5)];
    const before = [small.memory(), small.backend.dispatches];
    const call = () => scan(CELLS.rnn, x, layer, [h0]);
    expect(call).toThrow(OutOfMemoryError);
    expect(call).toThrow('the states of all steps, [12, 5], need 480 bytes');
    expect(call).toThrow('a batch of 1 fits');
    expect([small.memory(), small.backend.dispatches]).toEqual(before);
  });
});
