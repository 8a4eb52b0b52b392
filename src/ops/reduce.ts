import { record } from '../autograd/graph';
import { ArgumentError, ShapeError } from '../errors';
import { argmax as argmaxKernel } from '../kernels/argmax';
import { REDUCE, reduce } from '../kernels/reduce';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { scope } from '../tensor/scope';
import { formatShape, normalizeDim, numel } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { checkFloats, emptyLike, run } from './common';
import { expand, permute } from './axes';
import { reshape } from './movement';
import { div, eq, mul } from './pointwise';

/** What `sum`, `mean` and `amax` take. */
export interface ReduceOptions {
  /** Dimensions to reduce, counted from the end if negative; all when left out. */
  dim?: number | readonly number[];
  /** Keep them with size 1. */
  keepdim?: boolean;
}

const REDUCE_OPTIONS: OptionNames<ReduceOptions> = { dim: true, keepdim: 'boolean' };

/** The sum over `dim`. Over nothing it is 0. */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkFloats('sum', { x });
  return reduceDims('sum', x, options, (block) => scaledSum(block, 1));
}

/** The mean over `dim`. */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkFloats('mean', { x });
  return reduceDims('mean', x, options, (block) => scaledSum(block, 1 / block.shape[1]));
}

/**
 * The largest over `dim`; equal ones share the gradient.
 *
 * @throws ShapeError when there is nothing to choose from.
 */
export function amax(x: Tensor, options: ReduceOptions = {}): Tensor {
  checkFloats('amax', { x });
  return reduceDims('amax', x, options, rowMax);
}

/**
 * The index of the largest over one dimension, the first of equals; i32, without a gradient.
 *
 * @throws ShapeError when the dimension is empty.
 */
export function argmax(x: Tensor, dim: number): Tensor {
  checkFloats('argmax', { x });
  const axis = normalizeDim(dim, x.shape.length);
  if (x.shape[axis] === 0) {
    throw new ShapeError(`argmax: dimension ${dim} of shape ${formatShape(x.shape)} is empty`);
  }
  const out = emptyLike(x, x.shape.toSpliced(axis, 1), 'i32');
  const outer = numel(x.shape.slice(0, axis));
  const inner = numel(x.shape.slice(axis + 1));
  run(argmaxKernel, { x, out }, { outer, n: x.shape[axis], inner });
  return out;
}

/** Brings the dimensions to one block, [outer, n, inner], reduces it, and restores the shape. */
function reduceDims(
  name: string,
  x: Tensor,
  options: ReduceOptions,
  reduceBlock: (block: Tensor) => Tensor,
): Tensor {
  checkOptions(name, options, REDUCE_OPTIONS);
  const { dim, keepdim = false } = options;
  const rank = x.shape.length;
  const given = dim === undefined ? x.shape.map((_, i) => i) : [dim].flat();
  const dims = given.map((d) => normalizeDim(d, rank)).sort((a, b) => a - b);
  if (new Set(dims).size !== dims.length) {
    throw new ArgumentError(`${name}: dim = [${given.join(', ')}] names a dimension twice`);
  }
  const kept = x.shape.map((_, i) => i).filter((i) => !dims.includes(i));
  const neighbours = dims.every((d, i) => i === 0 || d === dims[i - 1] + 1);
  const start = neighbours ? (dims[0] ?? rank) : kept.length;
  const shape = keepdim
    ? x.shape.map((size, i) => (dims.includes(i) ? 1 : size))
    : kept.map((i) => x.shape[i]);
  return scope(() => {
    const ordered = neighbours ? x : permute(x, [...kept, ...dims]);
    const outer = numel(ordered.shape.slice(0, start));
    const n = numel(ordered.shape.slice(start, start + dims.length));
    const inner = numel(ordered.shape.slice(start + dims.length));
    return reshape(reduceBlock(reshape(ordered, [outer, n, inner])), shape);
  });
}

function runReduce(block: Tensor, op: number, scale: number): Tensor {
  const [outer, n, inner] = block.shape;
  const out = emptyLike(block, [outer, inner]);
  run(reduce, { x: block, out }, { op, outer, n, inner, scale });
  return out;
}

function scaledSum(block: Tensor, scale: number): Tensor {
  const [outer, , inner] = block.shape;
  const out = runReduce(block, REDUCE.sum, scale);
  record({
    name: 'sum',
    inputs: [block],
    outputs: [out],
    vjp([g]) {
      const scaled = scale === 1 ? g! : mul(g!, scale);
      return [expand(reshape(scaled, [outer, 1, inner]), block.shape)];
    },
  });
  return out;
}

function rowMax(block: Tensor): Tensor {
  const [outer, n, inner] = block.shape;
  if (n === 0) throw new ShapeError('amax: nothing to choose from; a reduced dimension is empty');
  const out = runReduce(block, REDUCE.max, 1);
  record({
    name: 'amax',
    inputs: [block],
    outputs: [out],
    savedForBackward: [block, out],
    vjp([g]) {
      const hits = eq(block, reshape(out, [outer, 1, inner]));
      const share = div(g!, runReduce(hits, REDUCE.sum, 1));
      return [mul(hits, reshape(share, [outer, 1, inner]))];
    },
  });
  return out;
}
