import { noGrad } from '../autograd/graph';
import { bytesPerElement } from '../backend/dtype';
import { OutOfMemoryError, ShapeError } from '../errors';
import { gather } from '../kernels/gather';
import { matmul, matmulParams } from '../kernels/matmul';
import { scatterAdd } from '../kernels/scatter_add';
import { formatShape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import {
  checkFloats,
  checkIds,
  checkShapeIs,
  emptyBeside,
  filledBeside,
  run,
  zerosBeside,
} from './common';
import { product } from './matmul';
import { reshape, slice } from './movement';
import { sum } from './reduce';

/**
 * The input of a layer by ids: step (t, b) reads row ids[t, b] of a table. `ids` (i32) of
 * [time, batch], `rows` of [V, input]. The rows are projected once each, instead of once a step.
 */
export interface Lookup {
  readonly ids: Tensor;
  readonly rows: Tensor;
}

/** A layer's input: [time, batch, input], or a table and ids into it. */
export type SequenceInput = Tensor | Lookup;

/** A layer's parameters, under PyTorch's names and in its shapes. */
export interface LayerWeights {
  readonly weight_ih: Tensor;
  readonly weight_hh: Tensor;
  /** bias_ih and bias_hh. */
  readonly biases?: readonly [Tensor, Tensor];
}

/** Of a layer's sweep. */
export interface Sizes {
  time: number;
  batch: number;
  hidden: number;
}

/** @throws ShapeError, DTypeError, DeviceError, OutOfMemoryError or IndexError naming the argument. */
export function check(
  operation: string,
  gates: number,
  input: SequenceInput,
  weights: LayerWeights,
  state: Readonly<Record<string, Tensor>>,
): Sizes {
  const { weight_ih, weight_hh } = weights;
  const x = sourceOf(input);
  const biases = weights.biases && { bias_ih: weights.biases[0], bias_hh: weights.biases[1] };
  checkFloats(operation, { x, weight_ih, weight_hh, ...biases, ...state });
  const place = 'rows' in input ? input.ids : input;
  const rank = 'rows' in input ? 2 : 3;
  if (place.shape.length !== rank || weight_hh.shape.length !== 2) {
    throw new ShapeError(
      `${operation}: the input has shape ${formatShape(place.shape)}, weight_hh ` +
        `${formatShape(weight_hh.shape)}; [time, batch${rank === 3 ? ', input' : ''}] and ` +
        `[${gates} hidden, hidden] are needed`,
    );
  }
  const [time, batch] = place.shape;
  const hidden = weight_hh.shape[1];
  checkShapeIs(operation, 'weight_hh', weight_hh, [gates * hidden, hidden]);
  checkShapeIs(operation, 'weight_ih', weight_ih, [gates * hidden, x.shape.at(-1) ?? 0]);
  for (const [name, bias] of Object.entries(biases ?? {})) {
    checkShapeIs(operation, name, bias, [gates * hidden]);
  }
  for (const [name, part] of Object.entries(state)) {
    checkShapeIs(operation, name, part, [batch, hidden]);
  }
  if (time === 0) throw new ShapeError(`${operation}: the sequence has no step; time is 0`);
  checkFits(operation, x, [time, batch, gates * hidden]);
  if ('rows' in input) checkIds(operation, 'ids', input.ids, input.rows.shape[0]);
  return { time, batch, hidden };
}

/** @throws OutOfMemoryError when the gates of the sequence pass what one buffer takes. */
function checkFits(operation: string, { device, dtype }: Tensor, shape: readonly number[]): void {
  const [, batch] = shape;
  const bytes = shape.reduce((product, size) => product * size, bytesPerElement(dtype));
  const most = device.backend.maxBufferBytes;
  if (bytes <= most) return;
  const fits = Math.floor(most / (bytes / batch));
  throw new OutOfMemoryError(
    `${operation}: the gates of [time, batch, gates hidden] = ${formatShape(shape)} need ${bytes} ` +
      `bytes, and ${device.description} takes ${most} in one buffer; ` +
      (fits > 0 ? `a batch of ${fits} fits` : 'a batch of 1 does not fit: use a shorter sequence'),
  );
}

/** How `gather` and `scatter_add` walk a table of [V, width] by the ids of a lookup. */
function walk({ ids, rows }: Lookup, inner: number) {
  const [n] = rows.shape;
  return { outer: 1, n, count: ids.size, inner, id_outer: 0, id_count: 1, id_inner: 0 };
}

/** What the gates get from the input, [time, batch, width], in memory of its own. */
export function project(input: SequenceInput, weight: Tensor, bias: Tensor | undefined): Tensor {
  const [width] = weight.shape;
  if (!('rows' in input)) {
    const [time, batch, size] = input.shape;
    const rows = reshape(input, [time * batch, size]);
    return reshape(product(rows, weight, [], false, true, bias), [time, batch, width]);
  }
  const table = product(input.rows, weight, [], false, true, bias);
  const out = emptyBeside(table, [...input.ids.shape, width]);
  run(gather, { x: table, ids: input.ids, out }, walk(input, width));
  return out;
}

/** Gradients of the input, its weight and its bias, from that of the projection. */
export function projectBack(g: Tensor, input: SequenceInput, weight: Tensor) {
  const [width, size] = weight.shape;
  const source = sourceOf(input);
  const rows = reshape(source, [source.size / size, size]);
  let grows = reshape(g, [g.size / width, width]);
  if ('rows' in input) {
    grows = filledBeside(g, [rows.shape[0], width], 0);
    run(scatterAdd, { g, ids: input.ids, out: grows }, walk(input, width));
  }
  return {
    dinput: source.requiresGrad
      ? reshape(product(grows, weight, [], false, false), source.shape)
      : undefined,
    dweight: weight.requiresGrad ? product(grows, rows, [], true, false) : undefined,
    dbias: () => sum(grows, { dim: 0 }),
  };
}

/**
 * Adds g^T h to `out`, from row `row` of it on, over all steps: h is the state before each step, h0
 * and then y. The gradients g are `columns` wide parts of rows of `width`, [time, batch, width].
 */
export function recurrentGradient(
  out: Tensor,
  row: number,
  g: Tensor,
  columns: number,
  h0: Tensor,
  y: Tensor,
): void {
  const [time, batch, width] = g.shape;
  const hidden = h0.shape[1];
  const shared = { m: columns, n: hidden, row_a: 1, column_a: width, offset_out: row * hidden };
  run(matmul, { a: g, b: h0, bias: g, out }, matmulParams({ ...shared, k: batch }));
  run(
    matmul,
    { a: g, b: y, bias: g, out },
    matmulParams({
      ...shared,
      k: (time - 1) * batch,
      accumulate: 1,
      offset_a: batch * width,
    }),
  );
}

/** The state after the last step, [batch, hidden], of states [time, batch, hidden]. */
export function lastOf(states: Tensor): Tensor {
  return noGrad(() => {
    const last = slice(states, 0, { start: states.shape[0] - 1 });
    return reshape(last, states.shape.slice(1));
  });
}

/** A copy to be changed in place: of a gradient, or zeros where there is none. */
export function carried(gradient: Tensor | undefined, like: Tensor): Tensor {
  return gradient ? slice(gradient, 0) : zerosBeside(like);
}

/** The tensor that the input's gradient belongs to. */
export function sourceOf(input: SequenceInput): Tensor {
  return 'rows' in input ? input.rows : input;
}

/** What a layer's node saves of its surroundings. */
export function surroundings(
  input: SequenceInput,
  { weight_ih, weight_hh }: LayerWeights,
): Tensor[] {
  return [...('rows' in input ? [input.ids, input.rows] : [input]), weight_ih, weight_hh];
}
