import { noGrad } from '../autograd/graph';
import { bytesPerElement } from '../backend/dtype';
import { ArgumentError, OutOfMemoryError, ShapeError } from '../errors';
import { copy } from '../kernels/copy';
import { gather } from '../kernels/gather';
import { formatShape, words } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { EmbeddingInput, SequenceInput } from './scan_input';
import { checkFloats, checkIds, checkShapeIs, emptyLike, fullLike, run } from './common';
import { product } from './matmul';
import { cat, reshape, slice } from './movement';

/** A layer's parameters, under PyTorch's names and in its shapes. */
export interface LayerWeights {
  readonly weight_ih: Tensor;
  readonly weight_hh: Tensor;
  /** bias_ih and bias_hh. */
  readonly biases?: readonly [Tensor, Tensor];
}

/**
 * The parameters of a layer, or of several on top of each other, the lowest first. Several are for
 * WebGPU: the CPU goes through them by its reference, and is many times faster layer after layer.
 */
export type SequenceWeights = LayerWeights | readonly LayerWeights[];

/** Of a sweep. */
export interface Sizes {
  layers: number;
  time: number;
  batch: number;
  hidden: number;
}

export function layersOf(weights: SequenceWeights): readonly LayerWeights[] {
  return isStack(weights) ? weights : [weights];
}

function isStack(weights: SequenceWeights): weights is readonly LayerWeights[] {
  return Array.isArray(weights);
}

/**
 * States are [layers, batch, hidden] of a stack, [batch, hidden] of a layer by itself.
 *
 * @throws ArgumentError, ShapeError, DTypeError, DeviceError, OutOfMemoryError or IndexError naming
 *   the argument.
 */
export function check(
  operation: string,
  gates: number,
  input: SequenceInput,
  weights: SequenceWeights,
  state: Readonly<Record<string, Tensor>>,
): Sizes {
  checkInput(operation, input);
  const layers = layersOf(weights);
  if (layers.length === 0) throw new ArgumentError(`${operation}: the list of layers is empty`);
  const { weight_hh } = layers[0];
  const x = sourceOf(input);
  const suffix = (layer: number) => (isStack(weights) ? `_l${layer}` : '');
  const named = layers.map(({ weight_ih, weight_hh, biases }, layer) => ({
    [`weight_ih${suffix(layer)}`]: weight_ih,
    [`weight_hh${suffix(layer)}`]: weight_hh,
    ...(biases && {
      [`bias_ih${suffix(layer)}`]: biases[0],
      [`bias_hh${suffix(layer)}`]: biases[1],
    }),
  }));
  checkFloats(operation, Object.assign({ x }, ...named, state) as Record<string, Tensor>);
  const place = 'rows' in input ? input.ids : input;
  const rank = 'rows' in input ? 2 : 3;
  if (place.shape.length !== rank || weight_hh.shape.length !== 2) {
    throw new ShapeError(
      `${operation}: the input has shape ${formatShape(place.shape)}, weight_hh${suffix(0)} ` +
        `${formatShape(weight_hh.shape)}; [time, batch${rank === 3 ? ', input' : ''}] and ` +
        `[${gates} hidden, hidden] are needed`,
    );
  }
  const [time, batch] = place.shape;
  const hidden = weight_hh.shape[1];
  const rows = gates * hidden;
  for (const [layer, parameters] of named.entries()) {
    const width = layer === 0 ? (x.shape.at(-1) ?? 0) : hidden;
    for (const [name, parameter] of Object.entries(parameters)) {
      const shape = name.startsWith('bias')
        ? [rows]
        : [rows, name.startsWith('weight_ih') ? width : hidden];
      checkShapeIs(operation, name, parameter, shape);
    }
    if (!layers[layer].biases === !layers[0].biases) continue;
    throw new ArgumentError(
      `${operation}: layer ${layer} has ${layers[layer].biases ? '' : 'no '}biases, layer 0 has ` +
        `${layers[0].biases ? 'some' : 'none'}; give them to all layers or to none`,
    );
  }
  for (const [name, part] of Object.entries(state)) {
    const shape = [batch, hidden];
    checkShapeIs(operation, name, part, isStack(weights) ? [layers.length, ...shape] : shape);
  }
  if (time === 0) throw new ShapeError(`${operation}: the sequence has no step; time is 0`);
  checkFits(operation, x, [layers.length, time, batch, rows]);
  if ('rows' in input) checkIds(operation, 'ids', input.ids, input.rows.shape[0]);
  return { layers: layers.length, time, batch, hidden };
}

/** @throws OutOfMemoryError when the gates of the sequence pass what one buffer takes. */
function checkFits(operation: string, { device, dtype }: Tensor, all: readonly number[]): void {
  const shape = all[0] === 1 ? all.slice(1) : all;
  const batch = all[2];
  const bytes = shape.reduce((product, size) => product * size, bytesPerElement(dtype));
  const most = device.backend.maxBufferBytes;
  if (bytes <= most) return;
  const fits = Math.floor(most / (bytes / batch));
  throw new OutOfMemoryError(
    `${operation}: the gates of [${all[0] === 1 ? '' : 'layers, '}time, batch, gates hidden] = ${formatShape(shape)} need ${bytes} ` +
      `bytes, and ${device.description} takes ${most} in one buffer; ` +
      (fits > 0 ? `a batch of ${fits} fits` : 'a batch of 1 does not fit: use a shorter sequence'),
  );
}

/** How `gather` and `scatter_add` walk a table of [V, width] by the ids of an EmbeddingInput. */
export function walk({ ids, rows }: EmbeddingInput, inner: number) {
  const [n] = rows.shape;
  return { outer: 1, n, count: ids.size, inner, id_outer: 0, id_count: 1, id_inner: 0 };
}

/**
 * What the gates get from the input, [time, batch, width]; of a stack, [layers, time, batch, width],
 * the biases alone for all layers but the first. In memory of its own.
 */
export function project(
  input: SequenceInput,
  layers: readonly LayerWeights[],
  biasOf: (biases: readonly [Tensor, Tensor]) => Tensor,
): Tensor {
  const [first] = layers;
  const [width] = first.weight_ih.shape;
  const [time, batch] = 'rows' in input ? input.ids.shape : input.shape;
  const shape = [time, batch, width];
  const out = emptyLike(first.weight_ih, layers.length === 1 ? shape : [layers.length, ...shape]);
  const bias = ({ biases }: LayerWeights) => biases && noGrad(() => biasOf(biases));
  projectInto(out, input, first.weight_ih, bias(first));
  layers
    .slice(1)
    .forEach((layer, i) => fillRows(out, (i + 1) * time * batch, time * batch, bias(layer)));
  return out;
}

/** The input's projection, at the beginning of `out`. */
function projectInto(out: Tensor, input: SequenceInput, weight: Tensor, bias?: Tensor): void {
  if ('rows' in input) {
    const table = product(input.rows, weight, [], false, true, { bias });
    run(gather, { x: table, ids: input.ids, out }, walk(input, weight.shape[0]));
    return;
  }
  const [time, batch, size] = input.shape;
  product(input.view([time * batch, size]), weight, [], false, true, { bias, out });
}

/** `count` rows of `out`, from row `from` on, each a copy of `row`; zeros where there is none. */
function fillRows(out: Tensor, from: number, count: number, row: Tensor | undefined): void {
  const width = out.shape.at(-1)!;
  const source = row ?? fullLike(out, [1], 0);
  run(
    copy,
    { source, target_: out },
    {
      rank: 2,
      shape: words([count, width], 1),
      stride_from: words([0, row ? 1 : 0], 0),
      stride_to: words([width, 1], 0),
      n: count * width,
      ...{ offset_from: 0, offset_to: from * width },
    },
  );
}

/** All matrices that a sweep multiplies by, in its order (see `SWEEP`): as one, for it binds one. */
export function sweptWeights(layers: readonly LayerWeights[]): Tensor {
  const recurrent = layers.map(({ weight_hh }) => weight_hh);
  if (layers.length === 1) return recurrent[0];
  return noGrad(() => cat([...recurrent, ...layers.slice(1).map(({ weight_ih }) => weight_ih)]));
}

/** The states after the last step, of [time, batch, hidden] or [layers, time, batch, hidden]. */
export function lastOf(states: Tensor, shape: Shape): Tensor {
  return noGrad(() => {
    const last = slice(states, -3, { start: states.shape.at(-3)! - 1 });
    return reshape(last, shape);
  });
}

/** What the highest layer made, [time, batch, hidden]: a copy, where there are several. */
export function highestOf(states: Tensor): Tensor {
  if (states.shape.length === 3) return states;
  return noGrad(() => {
    const highest = slice(states, 0, { start: states.shape[0] - 1 });
    return reshape(highest, states.shape.slice(1));
  });
}

/** Throws ArgumentError unless it is a tensor, or an EmbeddingInput of two. */
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

/** What a sweep's node saves of its surroundings. */
export function surroundings(input: SequenceInput, layers: readonly LayerWeights[]): Tensor[] {
  return [
    ...('rows' in input ? [input.ids, input.rows] : [input]),
    ...layers.flatMap(({ weight_ih, weight_hh }) => [weight_ih, weight_hh]),
  ];
}

/** A node's inputs: that of the sweep, then each layer's parameters. */
export function inputsOf(input: SequenceInput, layers: readonly LayerWeights[]): Tensor[] {
  return [
    sourceOf(input),
    ...layers.flatMap(({ weight_ih, weight_hh, biases = [] }) => [weight_ih, weight_hh, ...biases]),
  ];
}
