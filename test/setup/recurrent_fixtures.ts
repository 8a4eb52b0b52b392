import { expect } from 'vitest';
import { add, backward, dispose, mul, scope, sum, tensor, transpose } from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';
import { numel } from '../../src/tensor/shape';
import type { Shape } from '../../src/tensor/shape';
import { expectClose } from './fixtures';
import type { Tolerance } from './fixtures';
import { formula } from './formula';
import { ARCHITECTURES } from './nn_helpers';

/** Options of a layer of the fixtures. */
export interface LayerOptions {
  readonly numLayers: number;
  readonly bias: boolean;
  readonly bidirectional: boolean;
  readonly projSize?: number;
  readonly nonlinearity?: string;
}

/** A case of recurrent.json; scripts/make_recurrent_fixtures.py says what is in it. */
export interface RecurrentCase {
  readonly title: string;
  readonly op: string;
  readonly options: LayerOptions;
  readonly lengths: readonly number[] | null;
  readonly packed: Readonly<
    Record<'batchSizes' | 'sortedIndices' | 'unsortedIndices', readonly number[]>
  > | null;
  /** Shapes of x and of the initial state. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** Shapes by PyTorch's names, in its order. */
  readonly parameters: Readonly<Record<string, Shape>>;
  readonly outputs: Readonly<Record<string, Shape>>;
  /** The outputs, and the gradient of each input and parameter as "d" and its name. */
  readonly expected: ReadonlyMap<string, Float32Array>;
}

interface StoredCase {
  op: string;
  options: LayerOptions;
  batch: number;
  lengths: RecurrentCase['lengths'];
  packed: RecurrentCase['packed'];
  values: string;
}

// A glob, not an import: TypeScript would infer a type for every case.
const { '../fixtures/recurrent.json': file } = import.meta.glob<{
  input: number;
  hidden: number;
  time: number;
  cases: StoredCase[];
}>('../fixtures/recurrent.json', { eager: true });

/** Sizes of the layers in recurrent.json. */
export const { input: INPUT, hidden: HIDDEN, time: TIME } = file;

const GATES: Readonly<Record<string, number>> = { LSTM: 4, GRU: 3, RNN: 1 };

/** Names and shapes of PyTorch's parameters. */
function parameterShapes(op: string, options: LayerOptions): Record<string, Shape> {
  const { numLayers, bias, bidirectional, projSize } = options;
  const rows = GATES[op] * HIDDEN;
  const output = projSize || HIDDEN;
  const directions = bidirectional ? ['', '_reverse'] : [''];
  const shapes: Record<string, Shape> = {};
  for (let layer = 0; layer < numLayers; layer++) {
    for (const direction of directions) {
      const name = `l${layer}${direction}`;
      shapes[`weight_ih_${name}`] = [rows, layer === 0 ? INPUT : output * directions.length];
      shapes[`weight_hh_${name}`] = [rows, output];
      for (const side of bias ? ['ih', 'hh'] : []) shapes[`bias_${side}_${name}`] = [rows];
      if (projSize) shapes[`weight_hr_${name}`] = [projSize, HIDDEN];
    }
  }
  return shapes;
}

export const RECURRENT_CASES: readonly RecurrentCase[] = file.cases.map((stored) => {
  const { op, options, batch, lengths, packed, values } = stored;
  const directions = options.bidirectional ? 2 : 1;
  const output = options.projSize || HIDDEN;
  const state = (width: number): Shape => [options.numLayers * directions, batch, width];
  const isLSTM = op === 'LSTM';
  const inputs = {
    x: [TIME, batch, INPUT],
    h0: state(output),
    ...(isLSTM && { c0: state(HIDDEN) }),
  };
  const outputs = {
    y: [TIME, batch, output * directions],
    hn: state(output),
    ...(isLSTM && { cn: state(HIDDEN) }),
  };
  const parameters = parameterShapes(op, options);
  const bytes = Uint8Array.from(atob(values), (char) => char.charCodeAt(0));
  const data = new Float32Array(bytes.buffer);
  const expected = new Map<string, Float32Array>();
  let offset = 0;
  const take = (name: string, shape: Shape): void => {
    expected.set(name, data.subarray(offset, (offset += numel(shape))));
  };
  for (const [name, shape] of Object.entries(outputs)) take(name, shape);
  for (const [name, shape] of Object.entries({ ...inputs, ...parameters })) take(`d${name}`, shape);
  if (offset !== data.length) throw new Error(`recurrent.json: ${data.length} values of ${offset}`);
  const words = Object.entries(options).map(([name, value]) => `${name}=${value}`);
  const title = [op, ...words, `lengths=${lengths ? `[${lengths.join()}]` : 'none'}`].join(' ');
  return { title, op, options, lengths, packed, inputs, parameters, outputs, expected };
});

export interface PyTorchRun extends Tolerance {
  dtype: DType;
  batchFirst?: boolean;
  fused?: boolean;
}

/** Fails unless a layer gives what PyTorch gave: names, shapes, outputs and all gradients. */
export async function expectPyTorch(
  device: Device,
  fixture: RecurrentCase,
  { dtype, batchFirst = false, fused = true, ...tolerance }: PyTorchRun,
): Promise<void> {
  const { op, lengths, inputs, parameters, outputs, expected } = fixture;
  const options = { ...fixture.options, batchFirst, fused, dtype };
  const { liveTensors, liveBytes } = device.memory();
  const make = (name: string, shape: Shape, requiresGrad = false): Tensor =>
    tensor(device, formula(name, shape), shape, { dtype, requiresGrad });
  const layer = ARCHITECTURES[op].layer(device, INPUT, HIDDEN, options);
  const shapes = Array.from(layer.module.stateDict(), ([name, { shape }]) => [name, shape]);
  expect(shapes).toEqual(Object.entries(parameters));
  layer.module.loadStateDict(
    new Map(
      Object.entries(parameters).map(([name, shape]) => [
        name,
        { shape, data: formula(name, shape) },
      ]),
    ),
  );
  const given = Object.entries(inputs).map(
    ([name, shape]) => [name, make(name, shape, true)] as const,
  );
  const leaves = new Map([...given, ...layer.module.namedParameters()]);
  const [x, ...state] = given.map(([, value]) => value);

  const turn = (value: Tensor): Tensor => (batchFirst ? transpose(value, 0, 1) : value);
  const results = scope(() => {
    const [y, ...last] = layer.forward(turn(x), state, lengths ? { lengths } : {});
    return [turn(y), ...last];
  });
  for (const [i, [name, shape]] of Object.entries(outputs).entries()) {
    expect(results[i].shape, `shape of ${name}`).toEqual(shape);
    expect(results[i].dtype).toBe(dtype);
    expectClose(await results[i].data(), expected.get(name)!, { ...tolerance, what: name });
  }
  expect(results.length).toBe(Object.keys(outputs).length);
  scope(() => {
    const losses = Object.entries(outputs).map(([name, shape], i) =>
      sum(mul(results[i], make(`d${name}`, shape))),
    );
    backward(losses.reduce((total, part) => add(total, part)));
  });
  for (const [name, leaf] of leaves) {
    expect(leaf.grad?.shape, `shape of the gradient of ${name}`).toEqual(leaf.shape);
    const gradient = await leaf.grad!.data();
    expectClose(gradient, expected.get(`d${name}`)!, { ...tolerance, what: `gradient of ${name}` });
  }
  dispose([given.map(([, value]) => value), results, layer.module]);
  expect(device.memory()).toMatchObject({ liveTensors, liveBytes });
}
