import type { DType } from '../backend/dtype';
import { OutOfMemoryError } from '../errors';
import type { OptionNames } from '../options';
import { Random } from '../random';
import type { Device } from '../tensor/device';
import { disown } from '../tensor/scope';
import { numel } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';

/** What every module with parameters takes. */
export interface InitOptions {
  /** Source of initial values; the global one (see `manualSeed`) when left out. */
  random?: Random;
  /** f32, or f64 on the CPU. */
  dtype?: DType;
}

export const INIT_OPTIONS: OptionNames<InitOptions> = { random: true, dtype: true };

let shared = new Random(0);

/** Restarts the random numbers that modules draw when none are given. At first the seed is 0. */
export function manualSeed(seed: number): void {
  shared = new Random(seed);
}

export function defaultRandom(): Random {
  return shared;
}

/** A tensor that a module owns and an optimiser updates. Scopes leave it alone. */
export function parameter(
  device: Device,
  shape: Shape,
  values: ArrayLike<number>,
  dtype: DType = 'f32',
): Tensor {
  const result = tensor(device, values, shape, { dtype, requiresGrad: true });
  disown(result);
  return result;
}

/** Zeros in the host's memory, which an engine refuses by RangeError. */
function numbers(operation: string, length: number): Float64Array {
  try {
    return new Float64Array(length);
  } catch (cause) {
    throw new OutOfMemoryError(
      `${operation}: ${length} numbers need ${8 * length} bytes of the host's memory, which it does ` +
        'not give; use a smaller shape',
      { cause },
    );
  }
}

/** Uniform in [-bound, bound). */
export function uniform(shape: Shape, bound: number, random: Random): Float64Array {
  const values = numbers('uniform', numel(shape));
  for (let i = 0; i < values.length; i++) values[i] = bound * (2 * random.uniform() - 1);
  return values;
}

/** Normal with mean 0. */
export function normal(shape: Shape, deviation: number, random: Random): Float64Array {
  const values = numbers('normal', numel(shape));
  for (let i = 0; i < values.length; i++) values[i] = deviation * random.normal();
  return values;
}

/**
 * A matrix of [rows, columns] with orthonormal rows, or columns where there are more rows.
 *
 * A QR of a normal matrix, as PyTorch does it, takes n^3 operations: seconds in JavaScript for
 * 1,024. Here rounds of plane rotations mix the rows of the identity: each round pairs the rows at
 * random and turns every pair by a random angle (Kac's walk, 1954, run in parallel), which is
 * orthogonal to rounding and takes n^2 log n. After 3 log2(n) rounds an entry cannot be told from
 * one of a uniformly random orthogonal matrix by its moments.
 */
export function orthogonal(
  [rows, columns]: readonly [number, number],
  random: Random,
): Float64Array {
  const n = Math.max(rows, columns);
  const matrix = Array.from({ length: n }, (_, i) => {
    const row = new Float64Array(n);
    row[i] = random.uniform() < 0.5 ? -1 : 1;
    return row;
  });
  const rounds = n > 1 ? 3 * Math.ceil(Math.log2(n)) + 2 : 0;
  for (let round = 0; round < rounds; round++) {
    shuffle(matrix, random);
    for (let i = 0; i + 1 < n; i += 2) rotate(matrix[i], matrix[i + 1], random.uniform());
  }
  const result = numbers('orthogonal', rows * columns);
  for (let i = 0; i < rows; i++) result.set(matrix[i].subarray(0, columns), i * columns);
  return result;
}

function shuffle<T>(items: T[], random: Random): void {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(random.uniform() * (i + 1));
    [items[i], items[j]] = [items[j], items[i]];
  }
}

/** Turns a pair of rows in their plane, by `turn` of a full turn. */
function rotate(a: Float64Array, b: Float64Array, turn: number): void {
  const cos = Math.cos(2 * Math.PI * turn);
  const sin = Math.sin(2 * Math.PI * turn);
  for (let i = 0; i < a.length; i++) {
    const x = a[i];
    a[i] = cos * x - sin * b[i];
    b[i] = sin * x + cos * b[i];
  }
}
