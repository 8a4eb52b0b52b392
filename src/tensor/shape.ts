import { ArgumentError, ShapeError } from '../errors';
import { describeValue } from '../options';

/** Sizes of the dimensions, outermost first. A scalar has none. */
export type Shape = readonly number[];

/** Most dimensions that a tensor may have. */
export const MAX_RANK = 8;

export function numel(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, i) => size === b[i]);
}

export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Row-major strides, in elements. */
export function contiguousStrides(shape: Shape): number[] {
  const strides = new Array<number>(shape.length);
  let stride = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    strides[i] = stride;
    stride *= shape[i];
  }
  return strides;
}

/** Throws ShapeError for what is no list, as plain JavaScript may give. */
export function checkList(shape: Shape): void {
  if (Array.isArray(shape)) return;
  throw new ShapeError(`shape = ${describeValue(shape)}; a list of sizes is needed, [2, 3]`);
}

export function checkShape(shape: Shape): void {
  checkList(shape);
  if (shape.length > MAX_RANK) {
    throw new ShapeError(`shape ${formatShape(shape)} has more than ${MAX_RANK} dimensions`);
  }
  for (const size of shape) {
    if (!Number.isInteger(size) || size < 0) {
      throw new ShapeError(`shape ${formatShape(shape)}: sizes are integers from 0`);
    }
  }
}

/** A dimension counted from the end if negative, as an index; ArgumentError outside the rank. */
export function normalizeDim(dim: number, rank: number, name = 'dim'): number {
  const index = dim < 0 ? dim + rank : dim;
  if (!Number.isInteger(dim) || index < 0 || index >= rank) {
    throw new ArgumentError(`${name} = ${dim} is outside a tensor of ${rank} dimensions`);
  }
  return index;
}

/** The shape that all broadcast to, by NumPy's rule; ShapeError naming the operation if none. */
export function broadcastShapes(operation: string, ...shapes: readonly Shape[]): number[] {
  const rank = Math.max(...shapes.map((shape) => shape.length));
  const result = new Array<number>(rank).fill(1);
  for (const shape of shapes) {
    const lead = rank - shape.length;
    shape.forEach((size, i) => {
      if (size === 1 || size === result[lead + i]) return;
      if (result[lead + i] !== 1) {
        throw new ShapeError(
          `${operation}: shapes ${shapes.map(formatShape).join(' and ')} do not broadcast; ` +
            'sizes must be equal or 1, counted from the last dimension',
        );
      }
      result[lead + i] = size;
    });
  }
  return result;
}

/** Strides that read a contiguous `shape` as if it had the shape `target`: 0 where repeated. */
export function broadcastStrides(shape: Shape, target: Shape): number[] {
  const own = contiguousStrides(shape);
  const lead = target.length - shape.length;
  return target.map((_, i) => (i < lead || shape[i - lead] === 1 ? 0 : own[i - lead]));
}

/**
 * Merges neighbouring dimensions that are one for the strides of every operand, and drops those of size 1, so
 * that kernels see few dimensions. `strides` has a row per operand.
 */
export function collapse(
  shape: Shape,
  strides: readonly (readonly number[])[],
): { shape: number[]; strides: number[][] } {
  const outShape: number[] = [];
  const outStrides: number[][] = strides.map(() => []);
  shape.forEach((size, i) => {
    if (size === 1) return;
    const last = outShape.length - 1;
    const merges = last >= 0 && strides.every((row, k) => outStrides[k][last] === row[i] * size);
    if (merges) {
      outShape[last] *= size;
      strides.forEach((row, k) => (outStrides[k][last] = row[i]));
    } else {
      outShape.push(size);
      strides.forEach((row, k) => outStrides[k].push(row[i]));
    }
  });
  return { shape: outShape, strides: outStrides };
}

/** `values` in eight words for a `u32x8` parameter. */
export function words(values: readonly number[], fill: number): number[] {
  return Array.from({ length: MAX_RANK }, (_, i) => values[i] ?? fill);
}
