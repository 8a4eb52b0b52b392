import { ArgumentError, ShapeError } from '../errors';

/** Values on the host with their shape, row-major: what becomes a tensor of i32 or f32. */
export interface HostArray {
  /** The lengths of the dimensions; empty for a scalar. */
  readonly shape: readonly number[];
  /** The elements, row-major: as many as the shape has. */
  readonly data: Int32Array | Float32Array;
}

/** The arrays of one training step, by name. */
export type Batch = Readonly<Record<string, HostArray>>;

/** Random access, so that a run goes on anywhere: what it gives depends on epoch and index alone. */
export interface Batches<B extends Batch = Batch> {
  /** Batches in every epoch. */
  readonly perEpoch: number;
  /**
   * The arrays of a batch.
   *
   * @param epoch from 0.
   * @param index from 0 to `perEpoch - 1`.
   */
  batch(epoch: number, index: number): B;
}

/**
 * Plain numbers as an array of a shape.
 *
 * @param shape [number of values] when left out.
 * @throws ArgumentError for an i32 that is none.
 * @throws ShapeError when the values do not fill the shape.
 */
export function hostArray(
  values: ArrayLike<number>,
  dtype: 'i32' | 'f32',
  shape: readonly number[] = [values.length],
): HostArray {
  const size = shape.reduce((product, n) => product * n, 1);
  if (size !== values.length) {
    throw new ShapeError(
      `hostArray: ${values.length} values do not fill shape [${shape.join(', ')}], which has ${size}`,
    );
  }
  if (dtype === 'f32') return { shape, data: Float32Array.from(values) };
  for (let i = 0; i < values.length; i++) {
    if (!isI32(values[i])) {
      throw new ArgumentError(`hostArray: ${values[i]} at position ${i} is no i32; use f32`);
    }
  }
  return { shape, data: Int32Array.from(values) };
}

/** Whether an i32 holds the value as it is. */
export function isI32(value: number): boolean {
  return (value | 0) === value;
}
