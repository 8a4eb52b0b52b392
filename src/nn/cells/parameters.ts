import type { DType } from '../../backend/dtype';
import type { CellSpec, VectorInit } from '../../cell/spec';
import { ArgumentError } from '../../errors';
import { describeValue } from '../../options';
import type { Random } from '../../random';
import type { Device } from '../../tensor/device';
import type { Shape } from '../../tensor/shape';
import type { Tensor } from '../../tensor/tensor';
import { checkParameters } from '../check';
import { orthogonal, parameter, uniform } from '../init';

/** What a cell's parameters follow from. */
export type CellParts = Pick<CellSpec, 'gates' | 'state' | 'vectors' | 'recurrence' | 'biases'>;

export const RECURRENT_INITS = ['uniform', 'orthogonal'] as const;

/** A parameter of a cell, by PyTorch's name. */
export interface CellParameter {
  readonly name: string;
  readonly shape: Shape;
  /** How it starts: a number, a range, within 1 / sqrt(hidden), or an orthogonal matrix for each gate. */
  readonly init: VectorInit | 'orthogonal';
  /** Gates, by their place, whose rows start at a number instead. */
  readonly gates?: ReadonlyMap<number, number>;
}

export interface ParameterSizes {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Width of a projected output; 0 where it is not projected. */
  readonly projSize: number;
}

/** All parameters of a cell, in PyTorch's order, its vectors behind them. */
export function cellParameters(
  { gates, vectors = {}, recurrence = 'dense', biases = {} }: CellParts,
  { inputSize, hiddenSize, projSize }: ParameterSizes,
  { bias, recurrentInit }: { bias: boolean; recurrentInit: CellParameter['init'] },
): CellParameter[] {
  const rows = gates.length * hiddenSize;
  const dense = recurrence === 'dense';
  const given = (value?: number): CellParameter['gates'] =>
    new Map(
      gates.flatMap((gate, i) => {
        const own = biases[gate];
        return own === undefined ? [] : [[i, value ?? own]];
      }),
    );
  const table: CellParameter[] = [{ name: 'weight_ih', shape: [rows, inputSize], init: 'uniform' }];
  if (dense) {
    table.push({ name: 'weight_hh', shape: [rows, projSize || hiddenSize], init: recurrentInit });
  }
  if (bias) table.push({ name: 'bias_ih', shape: [rows], init: 'uniform', gates: given() });
  if (bias && dense) {
    table.push({ name: 'bias_hh', shape: [rows], init: 'uniform', gates: given(0) });
  }
  if (projSize) table.push({ name: 'weight_hr', shape: [projSize, hiddenSize], init: 'uniform' });
  for (const [name, init] of Object.entries(vectors)) {
    table.push({ name, shape: [hiddenSize], init });
  }
  return table;
}

/**
 * Makes the parameters of a table.
 *
 * @throws ArgumentError, DTypeError or OutOfMemoryError naming what does not fit; none is left then.
 */
export function makeParameters(
  owner: string,
  device: Device,
  dtype: DType | undefined,
  table: readonly CellParameter[],
  sizes: ParameterSizes,
  random: Random,
): Map<string, Tensor> {
  const { inputSize, hiddenSize, projSize } = sizes;
  const chosen = { inputSize, hiddenSize, ...(projSize && { projSize }) };
  const shapes = Object.fromEntries(table.map(({ name, shape }) => [name, shape]));
  checkParameters(owner, device, dtype, chosen, shapes);
  const made = new Map<string, Tensor>();
  try {
    for (const each of table) {
      const values = initialValues(each, hiddenSize, random);
      made.set(each.name, parameter(device, each.shape, values, dtype));
    }
  } catch (error) {
    for (const value of made.values()) value.dispose();
    throw error;
  }
  return made;
}

function initialValues(
  { shape, init, gates }: CellParameter,
  hidden: number,
  random: Random,
): Float64Array {
  const [rows, columns = 1] = shape;
  const values =
    init === 'orthogonal' ? new Float64Array(rows * columns) : drawn(init, shape, hidden, random);
  if (init === 'orthogonal') {
    for (let row = 0; row < rows; row += hidden) {
      values.set(orthogonal([hidden, columns], random), row * columns);
    }
  }
  for (const [gate, value] of gates ?? []) {
    values.fill(value, gate * hidden, (gate + 1) * hidden);
  }
  return values;
}

function drawn(init: VectorInit, shape: Shape, hidden: number, random: Random): Float64Array {
  const bound = 1 / Math.sqrt(hidden);
  const [low, high] =
    init === 'uniform' ? [-bound, bound] : typeof init === 'number' ? [init, init] : init;
  const middle = (low + high) / 2;
  return low === high
    ? new Float64Array(shape[0] * (shape[1] ?? 1)).fill(low)
    : uniform(shape, (high - low) / 2, random).map((value) => middle + value);
}

/** @throws ArgumentError unless it is one of them. */
export function checkRecurrentInit(owner: string, given: (typeof RECURRENT_INITS)[number]): void {
  if (RECURRENT_INITS.includes(given)) return;
  throw new ArgumentError(
    `${owner}: recurrentInit = ${describeValue(given)}; choose one of ${RECURRENT_INITS.join(', ')}`,
  );
}
