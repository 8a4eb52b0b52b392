import { noGrad } from '../autograd/graph';
import { bytesPerElement } from '../backend/dtype';
import type { CellDefinition } from '../cell/definition';
import { ArgumentError, OutOfMemoryError, ShapeError } from '../errors';
import { gather } from '../kernels/gather';
import { formatShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, checkIds, checkShapeIs, emptyLike, fullLike, run } from './common';
import { rowsBy } from './indexing';
import { product } from './matmul';
import { pack } from './pack';
import { move } from './strided';
import { add } from './pointwise';
import type { RaggedBatch } from './ragged';
import type { SequenceOrder } from './sequence_order';

/**
 * The input of a layer by ids: step (t, b) reads row ids[t, b] of a table. `ids` (i32) of
 * [time, batch], `rows` of [V, input]. The rows are projected once each, instead of once a step.
 */
export interface EmbeddingInput {
  /** [time, batch] of i32: the row that each step reads. */
  readonly ids: Tensor;
  /** [V, input] The table. */
  readonly rows: Tensor;
}

/** A layer's input: [time, batch, input], or a table and ids into it. */
export type SequenceInput = Tensor | EmbeddingInput;

/** A layer's parameters, under PyTorch's names and in its shapes; a cell's own behind them. */
export interface LayerWeights {
  /** [gates hidden, input] */
  readonly weight_ih: Tensor;
  /** [gates hidden, hidden]; of a cell with a dense recurrence. */
  readonly weight_hh?: Tensor;
  /** [gates hidden]; given with bias_hh, where there is a weight_hh. */
  readonly bias_ih?: Tensor;
  /** [gates hidden]; given with bias_ih, where there is a weight_hh. */
  readonly bias_hh?: Tensor;
  /** Of [hidden] each, in the order of the definition. */
  readonly vectors?: readonly Tensor[];
}

/** Of a scan. */
export interface Sizes {
  layers: number;
  time: number;
  batch: number;
  hidden: number;
  /** Steps of all sequences and layers together. */
  rows: number;
}

/** The tensors of a call, by the names that messages give them. */
export type Named = Record<string, Tensor>;

/** Throws ArgumentError unless it is a tensor, or ids and a table. */
export function checkInput(operation: string, input: SequenceInput): void {
  if (typeof input === 'object' && input !== null && 'rows' in input) {
    checkTensor(operation, 'ids', input.ids);
    checkTensor(operation, 'rows', input.rows);
  } else checkTensor(operation, 'x', input);
}

/** The tensor that the input's gradient belongs to. */
export function sourceOf(input: SequenceInput): Tensor {
  return 'rows' in input ? input.rows : input;
}

/**
 * @param stacked whether states and names are those of several layers.
 * @throws ArgumentError, ShapeError, DTypeError, DeviceError, OutOfMemoryError or IndexError naming
 *   the argument.
 */
export function check(
  operation: string,
  cell: CellDefinition,
  input: SequenceInput,
  layers: readonly LayerWeights[],
  stacked: boolean,
  state: readonly Tensor[],
  ragged: RaggedBatch | SequenceOrder | undefined,
): Sizes {
  checkInput(operation, input);
  if (layers.length === 0) throw new ArgumentError(`${operation}: the list of layers is empty`);
  if (ragged && (layers.length > 1 || 'rows' in input)) {
    throw new ArgumentError(
      `${operation}: a ragged batch goes through one layer at a time, and its input is a tensor of ` +
        '[rows, input]',
    );
  }
  if (layers.length > 1 && !cell.dense) {
    throw new ArgumentError(
      `${operation}: ${layers.length} layers are given, and ${cell.name} has no weight_hh; such a cell goes ` +
        'through one layer at a time: call it for each, on the output of the one below',
    );
  }
  const given: unknown = state;
  if (!Array.isArray(given) || given.length !== cell.state.length) {
    throw new ArgumentError(
      `${operation}: the state has ${Array.isArray(given) ? given.length : 'no'} parts; ${cell.name} has ` +
        cell.state.join(', '),
    );
  }
  const suffix = (layer: number) => (stacked ? `_l${layer}` : '');
  const parameters = layers.map((layer, i) => parametersOf(operation, cell, layer, suffix(i)));
  const states = Object.fromEntries(state.map((part, i) => [`${cell.state[i]}0`, part]));
  const x = sourceOf(input);
  checkFloats(operation, Object.assign({ x }, ...parameters, states) as Named);
  const place = 'rows' in input ? input.ids : input;
  const rank = ragged || 'rows' in input ? 2 : 3;
  if (place.shape.length !== rank || state[0].shape.length !== (stacked ? 3 : 2)) {
    const wanted = ragged ? '[rows, input]' : `[time, batch${rank === 3 ? ', input' : ''}]`;
    throw new ShapeError(
      `${operation}: the input has shape ${formatShape(place.shape)}, ${cell.state[0]}0 ` +
        `${formatShape(state[0].shape)}; ${wanted} and [${stacked ? 'layers, ' : ''}batch, hidden] are needed`,
    );
  }
  const [time, batch] = ragged ? [ragged.time, ragged.batch] : place.shape;
  if (ragged && place.shape[0] !== ragged.rows) {
    throw new ShapeError(
      `${operation}: x has shape ${formatShape(place.shape)}; [${ragged.rows}, input] is needed, a row for ` +
        'each step of each sequence',
    );
  }
  const hidden = state[0].shape.at(-1)!;
  const width = cell.gates.length * hidden;
  for (const [layer, tensors] of parameters.entries()) {
    const size = layer === 0 ? (x.shape.at(-1) ?? 0) : hidden;
    for (const [name, parameter] of Object.entries(tensors)) {
      const kind = name.slice(0, name.length - suffix(layer).length);
      const shapes: Record<string, Shape> = {
        ...{ weight_ih: [width, size], weight_hh: [width, hidden] },
        ...{ bias_ih: [width], bias_hh: [width] },
      };
      checkShapeIs(operation, name, parameter, shapes[kind] ?? [hidden]);
    }
    if (!layers[layer].bias_ih === !layers[0].bias_ih) continue;
    throw new ArgumentError(
      `${operation}: layer ${layer} has ${layers[layer].bias_ih ? '' : 'no '}biases, layer 0 has ` +
        `${layers[0].bias_ih ? 'some' : 'none'}; give them to all layers or to none`,
    );
  }
  for (const [name, part] of Object.entries(states)) {
    const shape = [batch, hidden];
    checkShapeIs(operation, name, part, stacked ? [layers.length, ...shape] : shape);
  }
  if (time === 0) throw new ShapeError(`${operation}: the sequence has no step; time is 0`);
  const rows = ragged?.rows ?? layers.length * time * batch;
  const before = layers.length * batch;
  // Of one layer, what was output before its first step lies there twice.
  const numbers = {
    gates: cell.slots.length * rows,
    states: state.length * (rows + before) + batch,
  };
  checkFits(operation, x, batch, hidden, numbers);
  if ('rows' in input) checkIds(operation, 'ids', input.ids, input.rows.shape[0]);
  return { layers: layers.length, time, batch, hidden, rows };
}

/** A layer's parameters by name; ArgumentError where one is missing that the cell has, or the other way. */
function parametersOf(
  operation: string,
  cell: CellDefinition,
  { weight_ih, weight_hh, bias_ih, bias_hh, vectors = [] }: LayerWeights,
  suffix: string,
): Named {
  const named: Record<string, Tensor | undefined> = {
    ...{ weight_ih, weight_hh, bias_ih, bias_hh },
    ...Object.fromEntries(cell.vectors.map((name, i) => [name, vectors[i]])),
  };
  const has: Record<string, boolean> = {
    weight_hh: cell.dense,
    bias_ih: bias_ih !== undefined,
    bias_hh: cell.dense && bias_ih !== undefined,
  };
  const all = Object.entries(named).flatMap(([name, value]) => {
    if ((value !== undefined) === (has[name] ?? true)) {
      return value === undefined ? [] : [[name + suffix, value] as const];
    }
    throw new ArgumentError(
      `${operation}: ${name}${suffix} is ${value ? 'given' : 'missing'}, and ${cell.name} ` +
        `${value ? 'has none' : 'needs it'}${name === 'bias_hh' ? ' beside bias_ih' : ''}`,
    );
  });
  if (vectors.length > cell.vectors.length) {
    throw new ArgumentError(
      `${operation}: ${vectors.length} vectors are given; ${cell.name} has ${cell.vectors.join(', ') || 'none'}`,
    );
  }
  return Object.fromEntries(all);
}

/**
 * @param rows of `hidden` numbers, of the gates and of the states of all steps.
 * @throws OutOfMemoryError when either pass what one buffer takes.
 */
function checkFits(
  operation: string,
  { device, dtype }: Tensor,
  batch: number,
  hidden: number,
  rows: { gates: number; states: number },
): void {
  const what = rows.states > rows.gates ? 'states' : 'gates';
  const bytes = rows[what] * hidden * bytesPerElement(dtype);
  const most = device.backend.maxBufferBytes;
  if (bytes <= most) return;
  const fits = Math.floor(most / (bytes / batch));
  throw new OutOfMemoryError(
    `${operation}: the ${what} of all steps, ${formatShape([rows[what], hidden])}, need ${bytes} ` +
      `bytes, and ${device.description} takes ${most} in one buffer; ` +
      (fits > 0 ? `a batch of ${fits} fits` : 'a batch of 1 does not fit: use a shorter sequence'),
  );
}

/** The bias that the projection of the input adds: where the scan adds none, the sum of both. */
function biasOf(
  { biased }: CellDefinition,
  { bias_ih, bias_hh }: LayerWeights,
): Tensor | undefined {
  return bias_ih && bias_hh && !biased ? noGrad(() => add(bias_ih, bias_hh)) : bias_ih;
}

/**
 * What the gates get from the input, [rows, slots, hidden], in memory of its own: of the first layer the
 * projected input, of the others the biases alone. Slots behind the gates are undefined.
 */
export function project(
  cell: CellDefinition,
  input: SequenceInput,
  layers: readonly LayerWeights[],
  { rows, hidden }: Sizes,
): Tensor {
  const [first, ...others] = layers;
  const width = cell.slots.length * hidden;
  const out = emptyLike(first.weight_ih, [rows, width]);
  const bias = biasOf(cell, first);
  if ('rows' in input) {
    const table = emptyLike(out, [input.rows.shape[0], width]);
    product(input.rows, first.weight_ih, [], false, true, { bias, out: table, rowOut: width });
    run(gather, { x: table, ids: input.ids, out }, rowsBy(input.ids, table.shape[0], width));
  } else {
    const x = input.view([rows / layers.length, input.shape.at(-1)!]);
    product(x, first.weight_ih, [], false, true, { bias, out, rowOut: width });
  }
  for (const [i, layer] of others.entries()) {
    const row = biasOf(cell, layer) ?? fullLike(out, [1], 0);
    const count = rows / layers.length;
    const gates = cell.gates.length * hidden;
    const strides = row.size === 1 && gates > 1 ? [0, 0] : [0, 1];
    const to = { offset: (i + 1) * count * width, strides: [width, 1] };
    move(row, { strides }, out, to, [count, gates]);
  }
  return out;
}

/** The scan's `weight`: all matrices as one, for it binds one. Anything, where there are none. */
export function matricesOf(layers: readonly LayerWeights[]): Tensor {
  const recurrent = layers.map(({ weight_hh, weight_ih }) => weight_hh ?? weight_ih);
  if (layers.length === 1) return recurrent[0];
  return join([...recurrent, ...layers.slice(1).map(({ weight_ih }) => weight_ih)]);
}

/** The scan's `vectors`. Anything, where there are none. */
export function vectorsOf(
  { biased, vectors: names, gates }: CellDefinition,
  layers: readonly LayerWeights[],
  hidden: number,
): Tensor {
  const parts = layers.flatMap(({ weight_ih, bias_hh, vectors = [] }) => [
    ...(biased ? [bias_hh ?? fullLike(weight_ih, [gates.length * hidden], 0)] : []),
    ...vectors.slice(0, names.length),
  ]);
  if (parts.length === 0) return layers[0].weight_ih;
  return parts.length === 1 ? parts[0] : join(parts);
}

/** Tensors of any shapes one behind the other. */
function join(tensors: readonly Tensor[]): Tensor {
  const out = emptyLike(tensors[0], [tensors.reduce((sum, { size }) => sum + size, 0)]);
  let end = 0;
  const places = tensors.map(({ size }) => (end += size) - size);
  pack(tensors, places, out);
  return out;
}
