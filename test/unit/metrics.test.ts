import { describe, expect, test } from 'vitest';

import { DataError, ShapeError } from '../../src/index';
import { accuracy } from '../../src/metrics/index';

describe('accuracy', () => {
  test('by hand', () => {
    expect(accuracy([1, 2, 3, 0], [1, 2, 0, 0])).toBe(0.75);
    expect(accuracy(Int32Array.of(1, 2, 3), [1, 0, -100], { ignore: -100 })).toBe(0.5);
    expect(accuracy(['a', 'b'], ['b', 'a'])).toBe(0);
  });

  test('refuses lists that do not fit', () => {
    expect(() => accuracy([1], [1, 2])).toThrow(ShapeError);
    expect(() => accuracy([], [])).toThrow(DataError);
    expect(() => accuracy([1], [0], { ignore: 0 })).toThrow(/all targets are 0, to ignore/);
  });
});
