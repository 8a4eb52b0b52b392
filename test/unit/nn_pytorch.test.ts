/** Rung 4: recurrent layers and cells against PyTorch, values and gradients. */
import { describe, expect, test } from 'vitest';
import { add, backward, dispose, mul, openDevice, sum } from '../../src/index';
import type { DType, Tensor } from '../../src/index';
import { expectClose, fixtures, fixtureTensor } from '../setup/fixtures';
import { largeDifferences } from '../setup/large_lstm';
import { ARCHITECTURES } from '../setup/nn_helpers';
import { expectPyTorch, RECURRENT_CASES } from '../setup/recurrent_fixtures';

const cells = fixtures('cells');

test('the table has a row for each module of the fixtures, and no other', () => {
  const names = new Set([...RECURRENT_CASES, ...cells].map(({ op }) => op));
  const rows = Object.keys(ARCHITECTURES);
  expect([...names].sort()).toEqual(rows.flatMap((row) => [row, `${row}Cell`]).sort());
});

const runs = [
  // The fixtures were computed in double and rounded to single.
  { title: 'f64', reference: false, dtype: 'f64', atol: 1e-12, rtol: 1.2e-7 },
  { title: 'f32', reference: false, dtype: 'f32', atol: 1e-5, rtol: 1e-4 },
  { title: 'f32, reference kernels', reference: true, dtype: 'f32', atol: 1e-5, rtol: 1e-4 },
] satisfies { title: string; reference: boolean; dtype: DType; atol: number; rtol: number }[];

describe.each(runs)('PyTorch, CPU, $title', ({ reference, dtype, atol, rtol }) => {
  test.each(RECURRENT_CASES)('$title', async (fixture) => {
    const device = await openDevice('cpu', { reference });
    for (const way of [{}, { batchFirst: true }, { batchFirst: true, fused: false }]) {
      await expectPyTorch(device, fixture, { ...way, dtype, atol, rtol });
    }
  });

  test.each(cells)('$name', async ({ op, options, inputs, parameters, ...expected }) => {
    const device = await openDevice('cpu', { reference });
    const { inputSize, hiddenSize, ...rest } = options;
    const row = ARCHITECTURES[op.replace('Cell', '')];
    const { module, forward } = row.cell(device, inputSize as number, hiddenSize as number, {
      ...rest,
      dtype,
    });
    expect([...module.stateDict().keys()]).toEqual(Object.keys(parameters));
    module.loadStateDict(
      new Map(
        Object.entries(parameters).map(([name, { shape, data }]) => [
          name,
          // The file's decimals name f32 values.
          { shape, data: Float32Array.from(data) },
        ]),
      ),
    );

    const [x, ...state] = Object.values(inputs).map((value) =>
      fixtureTensor(device, value, dtype, true),
    );
    expect(state.length).toBe(row.parts);
    const leaves = new Map<string, Tensor>(module.namedParameters());
    Object.keys(inputs).forEach((name, i) => leaves.set(name, [x, ...state][i]));

    const outputs = forward(x, state);
    const names = Object.keys(expected.outputs);
    expect(outputs.length).toBe(names.length);
    for (const [i, name] of names.entries()) {
      const { shape, data } = expected.outputs[name];
      expect(outputs[i].shape, `shape of ${name}`).toEqual(shape);
      expect(outputs[i].dtype).toBe(dtype);
      expectClose(await outputs[i].data(), data, { atol, rtol, what: name });
    }

    const cotangents = names.map((name) => fixtureTensor(device, expected.cotangents[name], dtype));
    const loss = outputs
      .map((output, i) => sum(mul(output, cotangents[i])))
      .reduce((total, part) => add(total, part));
    backward(loss);
    expect([...leaves.keys()].sort()).toEqual(Object.keys(expected.gradients).sort());
    for (const [name, { shape, data }] of Object.entries(expected.gradients)) {
      const { grad } = leaves.get(name)!;
      expect(grad?.shape, `shape of the gradient of ${name}`).toEqual(shape);
      const values = (await grad?.data()) ?? [];
      expectClose(values, data, { atol, rtol, what: `gradient of ${name}` });
    }
    dispose([loss, x, state, cotangents, module]);
    expect(device.memory()).toMatchObject({ liveTensors: 0, liveBytes: 0 });
  });
});

test('a long, wide LSTM in f32', async () => {
  const differences = await largeDifferences(await openDevice('cpu'));
  expect(Math.max(...Object.values(differences))).toBeLessThan(1e-4);
});
