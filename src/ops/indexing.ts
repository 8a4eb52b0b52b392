import { record } from '../autograd/graph';
import { ShapeError } from '../errors';
import { gather as gatherKernel } from '../kernels/gather';
import { oneHot as oneHotKernel } from '../kernels/one_hot';
import { scatterAdd as scatterAddKernel } from '../kernels/scatter_add';
import type { DType } from '../backend/dtype';
import { constantIds } from '../tensor/constant';
import { scope } from '../tensor/scope';
import { formatShape, normalizeDim, numel } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { checkDevices, checkFloats, checkIds, emptyLike, run } from './common';
import { add } from './pointwise';

/** How the kernels index x of [outer, n, inner]. */
interface Indexing {
  outer: number;
  n: number;
  count: number;
  inner: number;
  id_outer: number;
  id_count: number;
  id_inner: number;
}

/** Of whole rows of `inner`, picked from n by ids. */
export function rowsBy(ids: Tensor, n: number, inner: number): Indexing {
  return { outer: 1, n, count: ids.size, inner, id_outer: 0, id_count: 1, id_inner: 0 };
}

function gatherBy(x: Tensor, ids: Tensor, indexing: Indexing, shape: readonly number[]): Tensor {
  const out = emptyLike(x, shape);
  run(gatherKernel, { x, ids, out }, indexing);
  record({
    name: 'gather',
    inputs: [x],
    outputs: [out],
    savedForBackward: [ids],
    vjp([g]) {
      const dx = emptyLike(x);
      run(scatterAddKernel, { g: g!, ids, out: dx }, { ...indexing, add: 0 });
      return [dx];
    },
  });
  return out;
}

/**
 * Rows of a table: weight of [V, D], ids of any shape [...], the result is [..., D].
 *
 * @throws IndexError with the position of an id outside [0, V).
 */
export function embedding(ids: Tensor, weight: Tensor): Tensor {
  checkFloats('embedding', { weight });
  checkDevices('embedding', { weight, ids });
  if (weight.shape.length !== 2) {
    throw new ShapeError(
      `embedding: weight has shape ${formatShape(weight.shape)}; [rows, width] is needed`,
    );
  }
  const [n, inner] = weight.shape;
  checkIds('embedding', 'ids', ids, n);
  return gatherBy(weight, ids, rowsBy(ids, n, inner), [...ids.shape, inner]);
}

/**
 * Rows of x of [n, ...] in another order, under [shape, ...]: no row twice, and zeros where an id is -1.
 * For packing and padding. Its gradient is the same the other way, where `embedding` needs a sum by ids.
 */
export function arrangeRows(x: Tensor, ids: readonly number[], shape: Shape): Tensor {
  const [n, ...row] = x.shape;
  const inner = numel(row);
  const gathered = (from: Tensor, n: number, at: readonly number[], rows: Shape): Tensor => {
    const out = emptyLike(from, [...rows, ...row]);
    const picked = constantIds(from.device, at, rows);
    run(gatherKernel, { x: from, ids: picked, out }, rowsBy(picked, n, inner));
    return out;
  };
  const out = gathered(x, n, ids, shape);
  record({
    name: 'arrangeRows',
    inputs: [x],
    outputs: [out],
    vjp([g]) {
      const back = new Array<number>(n).fill(-1);
      ids.forEach((id, i) => {
        if (id >= 0) back[id] = i;
      });
      return [gathered(g!, ids.length, back, [n])];
    },
  });
  return out;
}

/** The indexing of PyTorch's gather: x and index of one rank, equal but for `dim`. */
function alongDim(operation: string, x: Tensor, dim: number, index: Tensor): Indexing {
  checkDevices(operation, { x, index });
  const axis = normalizeDim(dim, x.shape.length);
  const fits =
    index.shape.length === x.shape.length &&
    index.shape.every((size, i) => i === axis || size === x.shape[i]);
  if (!fits) {
    throw new ShapeError(
      `${operation}: index has shape ${formatShape(index.shape)}, x ${formatShape(x.shape)}; ` +
        `all but dimension ${dim} must be equal`,
    );
  }
  checkIds(operation, 'index', index, x.shape[axis]);
  const inner = numel(x.shape.slice(axis + 1));
  const count = index.shape[axis];
  return {
    outer: numel(x.shape.slice(0, axis)),
    n: x.shape[axis],
    count,
    inner,
    id_outer: count * inner,
    id_count: inner,
    id_inner: 1,
  };
}

/**
 * Elements of x picked along `dim` by index, which has the shape of x but for `dim`; the result
 * has the shape of index.
 */
export function gather(x: Tensor, dim: number, index: Tensor): Tensor {
  checkFloats('gather', { x });
  return gatherBy(x, index, alongDim('gather', x, dim, index), index.shape);
}

/**
 * x with every element of `source` added where index points along `dim`; index and source have
 * one shape. Sums run in a fixed order, so that the result is the same at every run.
 */
export function scatterAdd(x: Tensor, dim: number, index: Tensor, source: Tensor): Tensor {
  checkFloats('scatterAdd', { x, source });
  const indexing = alongDim('scatterAdd', x, dim, index);
  if (source.shape.join() !== index.shape.join()) {
    throw new ShapeError(
      `scatterAdd: source has shape ${formatShape(source.shape)}, index ${formatShape(index.shape)}`,
    );
  }
  return scope(() => {
    const scattered = emptyLike(x);
    run(scatterAddKernel, { g: source, ids: index, out: scattered }, { ...indexing, add: 0 });
    record({
      name: 'scatterAdd',
      inputs: [source],
      outputs: [scattered],
      savedForBackward: [index],
      vjp([g]) {
        const dsource = emptyLike(source);
        run(gatherKernel, { x: g!, ids: index, out: dsource }, indexing);
        return [dsource];
      },
    });
    return add(x, scattered);
  });
}

/**
 * 1 at each id, else 0: ids of [...] to [..., size], without a gradient.
 *
 * @throws IndexError with the position of an id outside [0, size).
 */
export function oneHot(ids: Tensor, size: number, dtype: DType = 'f32'): Tensor {
  checkTensor('oneHot', 'ids', ids);
  checkIds('oneHot', 'ids', ids, size);
  const shape = [...ids.shape, size];
  ids.device.checkFits(`oneHot: size = ${size}: the result`, shape, dtype);
  const out = emptyLike(ids, shape, dtype);
  run(oneHotKernel, { ids, out }, { count: ids.size, n: size });
  return out;
}
