import { record } from '../autograd/graph';
import { ArgumentError, DTypeError, ShapeError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import {
  checkList,
  checkShape,
  contiguousStrides,
  formatShape,
  normalizeDim,
  numel,
  sameShape,
} from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkDevices, emptyLike, zerosLike } from './common';
import { move } from './strided';

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

/** What `slice` takes: `x[start:end:step]` of one dimension. */
export interface SliceOptions {
  /** Counted from the end if negative; held within the dimension, as in Python. */
  start?: number;
  /** The index behind the last one, counted likewise; the dimension's length when left out. */
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
  const view = { offset: start * own[axis], strides: own.with(axis, own[axis] * step) };
  const whole = { strides: contiguousStrides(shape) };
  const y = emptyLike(x, shape);
  move(x, view, y, whole, shape);
  record({
    name: 'slice',
    inputs: [x],
    outputs: [y],
    vjp([g]) {
      const dx = zerosLike(x);
      move(g!, whole, dx, view, shape);
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

/** A part of x: `size` places of dimension `axis` from `start` on, under `shape`. */
interface Part {
  start: number;
  shape: Shape;
}

/** Copies of parts that fill x. One graph node. */
function apart(name: string, x: Tensor, axis: number, parts: readonly Part[]): Tensor[] {
  const strides = contiguousStrides(x.shape);
  const lengths = parts.map(({ start }, i) => (parts[i + 1]?.start ?? x.shape[axis]) - start);
  const copies = parts.map(({ start }, i) => {
    const size = x.shape.with(axis, lengths[i]);
    return {
      size,
      inside: { offset: start * strides[axis], strides },
      whole: { strides: contiguousStrides(size) },
    };
  });
  const outputs = parts.map(({ shape }, i) => {
    const part = emptyLike(x, shape);
    const { size, inside, whole } = copies[i];
    move(x, inside, part, whole, size);
    return part;
  });
  record({
    name,
    inputs: [x],
    outputs,
    vjp(gradients) {
      const complete = gradients.every((g) => g !== undefined);
      const dx = complete ? emptyLike(x) : zerosLike(x);
      gradients.forEach((g, i) => {
        const { size, inside, whole } = copies[i];
        if (g) move(g, whole, dx, inside, size);
      });
      return [dx];
    },
  });
  return outputs;
}

/**
 * The slices of x along `dim`, without that dimension: the inverse of `stack`. One graph node. Of a dimension of
 * length 0 the list is empty.
 */
export function unbind(x: Tensor, dim = 0): Tensor[] {
  checkTensor('unbind', 'x', x);
  const axis = normalizeDim(dim, x.shape.length);
  const shape = x.shape.toSpliced(axis, 1);
  const parts = Array.from({ length: x.shape[axis] }, (_, start) => ({ start, shape }));
  return apart('unbind', x, axis, parts);
}

/**
 * Parts of x along `dim`: the inverse of `cat`. One graph node.
 *
 * @param sizes of the parts along that dimension; or one number, the size of each but perhaps the last. A dimension of
 *   length 0 has one part of 0 then, as in PyTorch.
 * @throws ShapeError when the sizes do not add up to that of the dimension.
 * @throws ArgumentError for what is no size.
 */
export function split(x: Tensor, sizes: number | readonly number[], dim = 0): Tensor[] {
  checkTensor('split', 'x', x);
  const axis = normalizeDim(dim, x.shape.length);
  const total = x.shape[axis];
  const given: unknown = sizes;
  const bad = (Array.isArray(given) ? given : [given]).find(
    (size) => !Number.isInteger(size) || (size as number) < (Array.isArray(given) ? 0 : 1),
  ) as unknown;
  if (bad !== undefined) {
    throw new ArgumentError(
      `split: sizes has ${describeValue(bad)}; a list of integers from 0 is needed, or one from 1`,
    );
  }
  const list =
    typeof sizes === 'number'
      ? Array.from({ length: Math.max(1, Math.ceil(total / sizes)) }, (_, i) =>
          Math.min(sizes, total - i * sizes),
        )
      : sizes;
  const sum = list.reduce((a, b) => a + b, 0);
  if (sum !== total) {
    throw new ShapeError(
      `split: the sizes ${formatShape(list)} add up to ${sum}; dimension ${dim} of x, of shape ` +
        `${formatShape(x.shape)}, has ${total}`,
    );
  }
  let start = 0;
  const parts = list.map((size) => {
    const part = { start, shape: x.shape.with(axis, size) };
    start += size;
    return part;
  });
  return apart('split', x, axis, parts);
}
