import { expect } from 'vitest';
import { tensor } from '../../src/index';
import type { Device, DType, Tensor } from '../../src/index';

/** A tensor of the fixtures, row-major; f32 values where no dtype is given. */
export interface FixtureTensor {
  readonly shape: readonly number[];
  readonly data: readonly number[];
  readonly dtype?: 'i32' | 'bool';
}

type Tensors = Readonly<Record<string, FixtureTensor>>;

/** One case; scripts/make_fixtures.py says what each part is. */
export interface FixtureCase {
  readonly name: string;
  readonly op: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly inputs: Tensors;
  readonly parameters: Tensors;
  readonly outputs: Tensors;
  /** Empty in optim.json. */
  readonly cotangents: Tensors;
  readonly gradients: Tensors;
}

// A glob, not imports: TypeScript would infer a type for every number.
const files = import.meta.glob<Partial<FixtureCase>[]>('../fixtures/{cells,ops,optim}.json', {
  eager: true,
  import: 'cases',
});

/** The cases of test/fixtures/`file`.json; what a file leaves out is empty. */
export function fixtures(file: 'cells' | 'ops' | 'optim'): readonly FixtureCase[] {
  const none = { options: {}, inputs: {}, parameters: {}, outputs: {}, cotangents: {} };
  return files[`../fixtures/${file}.json`].map((part) => ({
    ...none,
    gradients: {},
    ...(part as Pick<FixtureCase, 'name' | 'op'>),
  }));
}

/**
 * A fixture on a device: integers as i32, the others, and masks, as `dtype`. The file's decimals
 * name f32 values, which f64 takes on too.
 */
export function fixtureTensor(
  device: Device,
  { shape, data, dtype: stored }: FixtureTensor,
  dtype: DType = 'f32',
  requiresGrad = false,
): Tensor {
  if (stored === 'i32') return tensor(device, data, shape, { dtype: 'i32' });
  return tensor(device, Float32Array.from(data), shape, { dtype, requiresGrad });
}

export interface Tolerance {
  atol: number;
  rtol: number;
  /** What is compared, for the message. */
  what?: string;
}

/** Fails, naming the worst index and both values, unless |a - e| <= atol + rtol |e| everywhere. */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { atol, rtol, what = 'values' }: Tolerance,
): void {
  expect(actual.length, `${what}: length`).toBe(expected.length);
  let worst = -1;
  let worstExcess = 0;
  let count = 0;
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i])) continue;
    const distance = Math.abs(actual[i] - expected[i]);
    const allowed = atol + rtol * Math.abs(expected[i]);
    if (distance <= allowed) continue;
    count++;
    // NaN is the worst there is.
    const excess = Number.isNaN(distance) ? Infinity : distance - allowed;
    if (worst === -1 || excess > worstExcess) {
      worst = i;
      worstExcess = excess;
    }
  }
  if (worst === -1) return;
  expect.fail(
    `${what}: ${count} of ${expected.length} differ, most at index ${worst}: ` +
      `actual ${actual[worst]}, expected ${expected[worst]} (atol ${atol}, rtol ${rtol})`,
  );
}

/** Cases of optim.json for what Lethe does not offer. */
export const OPTIM_LEFT_OUT: Readonly<Record<string, string>> = {
  'SGD dampening': 'no dampening: the first step of a buffer is not damped, so it is seldom meant',
};
