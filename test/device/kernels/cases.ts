/** Shapes and parameters that rows of several kernels share. */
import { CLOCK } from '../../../src/kernels/optimizer_clock';
import { contiguousStrides, words } from '../../../src/tensor/shape';

/** Around a workgroup of 64, and around none. */
export const SIZES = [0, 1, 2, 63, 64, 65, 1000];

export const ROWS = [
  { rows: 0, n: 5 },
  { rows: 1, n: 1 },
  { rows: 3, n: 63 },
  { rows: 1, n: 64 },
  { rows: 7, n: 65 },
  { rows: 2, n: 1000 },
  { rows: 130, n: 3 },
];

/** Every combination of two lists. */
export function cross<A extends object, B extends object>(
  a: readonly A[],
  b: readonly B[],
): (A & B)[] {
  return a.flatMap((left) => b.map((right) => ({ ...left, ...right })));
}

/** The values of a parameter. */
export function each<K extends string>(name: K, values: Iterable<number>): Record<K, number>[] {
  return [...values].map((value) => ({ [name]: value }) as Record<K, number>);
}

export const size = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** A shape, the part of it that each operand has (1: repeated), as parameters. */
export function strided(shape: readonly number[], ...operands: (readonly number[])[]) {
  const strides = operands.map((own) =>
    contiguousStrides(own).map((stride, d) => (own[d] === 1 ? 0 : stride)),
  );
  return {
    n: size(shape),
    rank: shape.length,
    shape: words(shape, 1),
    strides: strides.map((values) => words(values, 0)),
  };
}

export function clock(enabled: number): Float32Array {
  const values = new Float32Array(CLOCK.length);
  values[CLOCK.learningRate] = 0.05;
  values[CLOCK.steps] = 3;
  values[CLOCK.correction1] = 1 - 0.9 ** 3;
  values[CLOCK.correction2] = 1 - 0.99 ** 3;
  values[CLOCK.enabled] = enabled;
  values[CLOCK.scale] = 0.75;
  return values;
}

/** Elements that a view under `strides` spans. */
export function extent(
  { n, rank, shape }: { n: number; rank: number; shape: readonly number[] },
  strides: readonly number[],
): number {
  if (n === 0) return 0;
  let last = 0;
  for (let d = 0; d < rank; d++) last += (shape[d] - 1) * strides[d];
  return last + 1;
}
