import { ArgumentError, ShapeError } from '../errors';
import { checkDevices, checkFloats } from '../ops/common';
import { checkLengthsTensor } from '../ops/lengths';
import { checkInput } from '../ops/scan_input';
import type { SequenceInput } from '../ops/scan_input';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { formatShape, sameShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';
import type { Cell } from './cells/cell';
import { PackedSequence } from './packed_sequence';
import { checkLengths, packingOf } from './packing';
import type { Packing } from './packing';

/** What the `forward` and the `run` of recurrent layers take besides input and state. */
export interface ForwardOptions {
  /**
   * Length of each sequence, from 0 to time, as a list or as an i32 tensor of [batch]: what lies behind it is
   * padding. Padding changes no value and takes no gradient, the output is 0 there, and the last state is
   * that after the sequence's own last step (of an empty one, the initial state).
   *
   * A recorded step keeps the list that it was recorded with, and reads a tensor anew at every replay, so
   * that one recording serves all batches of a padded shape. A list computes no padding; with a tensor the
   * products of the input are those of the padded batch.
   */
  lengths?: ArrayLike<number> | Tensor;
  /**
   * The last state may be written over `state`, which saves copies where windows follow each other: what is
   * returned of it may then share its memory. What requires a gradient stays as it is.
   */
  overwriteState?: boolean;
}

const FORWARD_OPTIONS: OptionNames<ForwardOptions> = { lengths: true, overwriteState: 'boolean' };

/** What recurrent layers are given. */
export interface RecurrentInput {
  readonly layout: 'padded' | 'packed' | 'unbatched';
  readonly time: number;
  readonly batch: number;
  /** Of sequences of different lengths. */
  readonly packing?: Packing | undefined;
  /** The same, where the lengths are on the device. */
  readonly lengths?: Tensor | undefined;
}

/** What a layer's input must fit. */
export interface LayerSizes {
  readonly owner: string;
  readonly cell: Cell;
  readonly batchFirst: boolean;
  readonly numLayers: number;
  readonly directions: number;
}

/**
 * @param state its parts, or undefined.
 * @throws ArgumentError, ShapeError, DTypeError or DeviceError naming the argument.
 */
export function checkRecurrentInput(
  sizes: LayerSizes,
  x: SequenceInput | PackedSequence,
  state: readonly Tensor[] | undefined,
  options: ForwardOptions,
): RecurrentInput {
  const { owner, cell } = sizes;
  checkOptions(owner, options, FORWARD_OPTIONS);
  const packed = x instanceof PackedSequence;
  if (!packed) checkInput(owner, x);
  const { layout, time, batch } = checkShape(sizes, x);
  const values = packed ? x.data : 'rows' in x ? x.rows : x;
  checkFloats(owner, { x: values, weight_ih_l0: cell.weight_ih });
  checkState(sizes, values, state, layout === 'unbatched' ? undefined : batch);
  const { lengths } = options;
  if (packed) {
    if (lengths === undefined) return { layout, time, batch, packing: x };
    throw new ArgumentError(`${owner}: lengths are given, and x is packed; leave them out`);
  }
  if (lengths === undefined) return { layout, time, batch };
  if (layout === 'unbatched') {
    throw new ArgumentError(
      `${owner}: lengths are given, and x of shape ${formatShape(shapeOf(x))} is one sequence; leave them out`,
    );
  }
  if (lengths instanceof Tensor) {
    checkDevices(owner, { x: values, lengths });
    checkLengthsTensor(owner, lengths, time, batch);
    // Without a row there is nothing to bring into order.
    return { layout, time, batch, lengths: time * batch > 0 ? lengths : undefined };
  }
  const { notes } = cell.device;
  if (notes) notes.keepsLengths = true;
  const list = checkLengths(owner, lengths, batch, time, 0);
  const full = list.every((length) => length === time);
  return { layout, time, batch, packing: full ? undefined : packingOf(list) };
}

/** The shape of the sequence that ids and a table stand for. */
function shapeOf(x: SequenceInput): Shape {
  return 'rows' in x ? [...x.ids.shape, ...x.rows.shape.slice(1)] : x.shape;
}

function checkShape(
  { owner, cell, batchFirst }: LayerSizes,
  x: SequenceInput | PackedSequence,
): Omit<RecurrentInput, 'packing' | 'lengths'> {
  const { inputSize } = cell;
  if (x instanceof PackedSequence) {
    const { shape } = x.data;
    if (shape.length === 2 && shape[1] === inputSize) {
      return { layout: 'packed', time: x.batchSizes.length, batch: x.batchSizes[0] };
    }
    throw new ShapeError(
      `${owner}: the data of x has shape ${formatShape(shape)}; [rows, ${inputSize}] is needed`,
    );
  }
  const shape = shapeOf(x);
  const byIds = 'rows' in x;
  const unbatched = shape.length === 2 && !byIds;
  if (!(unbatched || shape.length === 3) || shape.at(-1) !== inputSize) {
    const order = batchFirst ? 'batch, time' : 'time, batch';
    throw new ShapeError(
      `${owner}: x has shape ${formatShape(shape)}; [${order}, ${inputSize}]` +
        `${byIds ? '' : `, or [time, ${inputSize}] of one sequence,`} is needed`,
    );
  }
  if (unbatched) return { layout: 'unbatched', time: shape[0], batch: 1 };
  const [time, batch] = batchFirst ? [shape[1], shape[0]] : shape;
  return { layout: 'padded', time, batch };
}

/** @param batch undefined for the state of one sequence, which has no such dimension. */
function checkState(
  { owner, cell, numLayers, directions }: LayerSizes,
  x: Tensor,
  state: readonly Tensor[] | undefined,
  batch: number | undefined,
): void {
  const given: unknown = state;
  if (given === undefined) return;
  const { stateNames, stateSizes } = cell;
  if (!Array.isArray(given)) {
    const parts = stateNames.map((name) => `${name}0`).join(', ');
    throw new ArgumentError(
      `${owner}: state = ${describeValue(given)}; a list is needed: [${parts}]`,
    );
  }
  if (given.length !== stateNames.length) {
    throw new ArgumentError(
      `${owner}: the state has ${given.length} parts; ${stateNames.join(', ')} are needed`,
    );
  }
  state!.forEach((part, i) => {
    const name = `${stateNames[i]}0`;
    checkFloats(owner, { x, [name]: part });
    const rows = numLayers * directions;
    const needed = batch === undefined ? [rows, stateSizes[i]] : [rows, batch, stateSizes[i]];
    if (sameShape(part.shape, needed)) return;
    const why =
      batch === undefined
        ? `, for x of shape ${formatShape(x.shape)} is one sequence`
        : directions > 1
          ? `, for ${numLayers} layers in ${directions} directions`
          : '';
    throw new ShapeError(
      `${owner}: ${name} has shape ${formatShape(part.shape)}; ${formatShape(needed)} is needed${why}`,
    );
  });
}
