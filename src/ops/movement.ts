import { record } from '../autograd/graph';
import { ArgumentError, DTypeError, ShapeError } from '../errors';
import { copy } from '../kernels/copy';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import {
  broadcastStrides,
  broadcastShapes,
  checkList,
  checkShape,
  collapse,
  contiguousStrides,
  formatShape,
  normalizeDim,
  numel,
  sameShape,
  words,
} from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkDevices, emptyLike, run, zerosLike } from './common';
import { sumTo } from './sum_to';

/** Throws ArgumentError unless it is a list of tensors. */
function checkTensors(operation: string, tensors: readonly Tensor[]): void {
  const given: unknown = tensors;
  if (!Array.isArray(given)) {
    throw new ArgumentError(
      `${operation}: tensors = ${describeValue(given)}; a list of tensors is needed: [a, b]`,
    );
  }
  tensors.forEach((x, i) => checkTensor(operation, `tensors[${i}]`, x));
}

/** One side of a copy: where it starts and how it steps, in elements. */
interface Walk {
  offset?: number;
  strides: readonly number[];
}

function move(source: Tensor, from: Walk, target: Tensor, to: Walk, shape: Shape): void {
  const walk = collapse(shape, [from.strides, to.strides]);
  run(
    copy,
    { source, target_: target },
    {
      rank: walk.shape.length,
      shape: words(walk.shape, 1),
      stride_from: words(walk.strides[0], 0),
      stride_to: words(walk.strides[1], 0),
      n: numel(shape),
      offset_from: from.offset ?? 0,
      offset_to: to.offset ?? 0,
    },
  );
}

/**
 * The same elements, row-major, under another shape; one size may be -1 and is inferred. Shares
 * the memory of x.
 *
 * @throws ShapeError when the sizes do not give as many elements.
 */
export function reshape(x: Tensor, shape: Shape): Tensor {
  checkTensor('reshape', 'x', x);
  checkList(shape);
  const known = numel(shape.filter((size) => size !== -1));
  const inferred = shape.map((size) => (size === -1 ? x.size / known : size));
  const unknown = shape.length - shape.filter((size) => size !== -1).length;
  if (unknown > 1 || numel(inferred) !== x.size || !inferred.every(isSize)) {
    throw new ShapeError(
      `reshape: shape ${formatShape(x.shape)} (${x.size} elements) does not fit ${formatShape(shape)}`,
    );
  }
  checkShape(inferred);
  const y = x.view(inferred);
  record({
    name: 'reshape',
    inputs: [x],
    outputs: [y],
    vjp: ([g]) => [reshape(g!, x.shape)],
  });
  return y;
}

function isSize(size: number): boolean {
  return Number.isInteger(size) && size >= 0;
}

/**
 * The dimensions in another order: dimension i of the result is dimension dims[i] of x.
 *
 * @throws ArgumentError when `dims` is no permutation of the dimensions of x.
 */
export function permute(x: Tensor, dims: readonly number[]): Tensor {
  checkTensor('permute', 'x', x);
  const rank = x.shape.length;
  const order = dims.map((dim) => normalizeDim(dim, rank, 'dims'));
  if (order.length !== rank || new Set(order).size !== rank) {
    throw new ArgumentError(
      `permute: dims = [${dims.join(', ')}] is no order of the dimensions of ${formatShape(x.shape)}`,
    );
  }
  const shape = order.map((d) => x.shape[d]);
  const own = contiguousStrides(x.shape);
  const y = emptyLike(x, shape);
  const strides = order.map((d) => own[d]);
  move(x, { strides }, y, { strides: contiguousStrides(shape) }, shape);
  record({
    name: 'permute',
    inputs: [x],
    outputs: [y],
    vjp: ([g]) => [
      permute(
        g!,
        order.map((_, i) => order.indexOf(i)),
      ),
    ],
  });
  return y;
}

/** x with two dimensions exchanged. */
export function transpose(x: Tensor, dim0: number, dim1: number): Tensor {
  checkTensor('transpose', 'x', x);
  const order = x.shape.map((_, i) => i);
  const a = normalizeDim(dim0, order.length, 'dim0');
  const b = normalizeDim(dim1, order.length, 'dim1');
  [order[a], order[b]] = [order[b], order[a]];
  return permute(x, order);
}

/** x repeated along its dimensions of size 1, and new leading ones, to `shape`. */
export function expand(x: Tensor, shape: Shape): Tensor {
  checkTensor('expand', 'x', x);
  if (!sameShape(broadcastShapes('expand', x.shape, shape), shape)) {
    throw new ShapeError(
      `expand: shape ${formatShape(x.shape)} does not repeat to ${formatShape(shape)}`,
    );
  }
  const y = emptyLike(x, shape);
  const strides = broadcastStrides(x.shape, shape);
  move(x, { strides }, y, { strides: contiguousStrides(shape) }, shape);
  record({ name: 'expand', inputs: [x], outputs: [y], vjp: ([g]) => [sumTo(g!, x.shape)] });
  return y;
}

export interface SliceOptions {
  /** Counted from the end if negative; held within the dimension, as in Python. */
  start?: number;
  end?: number;
  /** From 1. */
  step?: number;
}

const SLICE_OPTIONS: OptionNames<SliceOptions> = { start: true, end: true, step: true };

/** Elements start, start + step, ... below end of one dimension. */
export function slice(x: Tensor, dim: number, options: SliceOptions = {}): Tensor {
  checkTensor('slice', 'x', x);
  checkOptions('slice', options, SLICE_OPTIONS);
  const axis = normalizeDim(dim, x.shape.length);
  const size = x.shape[axis];
  const { start: from = 0, end: to = size, step = 1 } = options;
  if (!Number.isInteger(step) || step < 1) {
    throw new ArgumentError(`slice: step = ${describeValue(step)}; an integer from 1 is needed`);
  }
  for (const [name, value] of Object.entries({ start: from, end: to })) {
    if (Number.isInteger(value)) continue;
    throw new ArgumentError(`slice: ${name} = ${describeValue(value)}; an integer is needed`);
  }
  const within = (index: number): number =>
    Math.min(Math.max(index < 0 ? index + size : index, 0), size);
  const start = within(from);
  const end = within(to);
  const shape = x.shape.with(axis, Math.max(0, Math.ceil((end - start) / step)));
  const own = contiguousStrides(x.shape);
  const walk = { offset: start * own[axis], strides: own.with(axis, own[axis] * step) };
  const whole = { strides: contiguousStrides(shape) };
  const y = emptyLike(x, shape);
  move(x, walk, y, whole, shape);
  record({
    name: 'slice',
    inputs: [x],
    outputs: [y],
    vjp([g]) {
      const dx = zerosLike(x);
      move(g!, whole, dx, walk, shape);
      return [dx];
    },
  });
  return y;
}

/**
 * The tensors one after the other along `dim`.
 *
 * @throws ShapeError when they differ in another dimension; ArgumentError for an empty list.
 */
export function cat(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors('cat', tensors);
  const [first] = tensors;
  if (!first) throw new ArgumentError('cat: the list of tensors is empty');
  const axis = normalizeDim(dim, first.shape.length);
  tensors.forEach((x, i) => {
    checkDevices('cat', { 'tensors[0]': first, [`tensors[${i}]`]: x });
    if (x.dtype !== first.dtype) {
      throw new DTypeError(`cat: tensors[${i}] is ${x.dtype}, tensors[0] ${first.dtype}`);
    }
    const fits = x.shape.length === first.shape.length;
    if (!fits || !sameShape(x.shape.with(axis, 0), first.shape.with(axis, 0))) {
      throw new ShapeError(
        `cat: tensors[${i}] has shape ${formatShape(x.shape)}, tensors[0] ` +
          `${formatShape(first.shape)}; all but dimension ${dim} must be equal`,
      );
    }
  });
  const parts = [...tensors];
  const total = parts.reduce((sum, x) => sum + x.shape[axis], 0);
  const y = emptyLike(first, first.shape.with(axis, total));
  const strides = contiguousStrides(y.shape);
  const offsets: number[] = [];
  let offset = 0;
  for (const x of parts) {
    offsets.push(offset);
    move(x, { strides: contiguousStrides(x.shape) }, y, { offset, strides }, x.shape);
    offset += x.shape[axis] * strides[axis];
  }
  record({
    name: 'cat',
    inputs: parts,
    outputs: [y],
    vjp: ([g]) =>
      parts.map((x, i) => {
        if (!x.requiresGrad) return undefined;
        const dx = emptyLike(x);
        const whole = { strides: contiguousStrides(x.shape) };
        move(g!, { offset: offsets[i], strides }, dx, whole, x.shape);
        return dx;
      }),
  });
  return y;
}

/** PyTorch's other name for `cat`. */
export const concat = cat;

/** Tensors of one shape along a new dimension. */
export function stack(tensors: readonly Tensor[], dim = 0): Tensor {
  checkTensors('stack', tensors);
  const [first] = tensors;
  if (!first) throw new ArgumentError('stack: the list of tensors is empty');
  const axis = normalizeDim(dim, first.shape.length + 1);
  tensors.forEach((x, i) => {
    if (sameShape(x.shape, first.shape)) return;
    throw new ShapeError(
      `stack: tensors[${i}] has shape ${formatShape(x.shape)}, tensors[0] ${formatShape(first.shape)}`,
    );
  });
  return scope(() =>
    cat(
      tensors.map((x) => reshape(x, x.shape.toSpliced(axis, 0, 1))),
      axis,
    ),
  );
}

/** The slices of x along `dim`, without that dimension: the inverse of `stack`. One graph node. */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  checkTensor('unbind', 'x', x);
  const axis = normalizeDim(dim, x.shape.length);
  const shape = x.shape.toSpliced(axis, 1);
  const own = contiguousStrides(x.shape);
  const strides = own.toSpliced(axis, 1);
  const whole = { strides: contiguousStrides(shape) };
  const parts = Array.from({ length: x.shape[axis] }, (_, i) => {
    const part = emptyLike(x, shape);
    move(x, { offset: i * own[axis], strides }, part, whole, shape);
    return part;
  });
  record({
    name: 'unbind',
    inputs: [x],
    outputs: parts,
    vjp(gradients) {
      const complete = gradients.every((g) => g !== undefined);
      const dx = complete ? emptyLike(x) : zerosLike(x);
      gradients.forEach((g, i) => {
        if (g) move(g, whole, dx, { offset: i * own[axis], strides }, shape);
      });
      return [dx];
    },
  });
  return parts;
}
