import type { Params, ParamValues } from '../backend/kernel';

/** Parameters of a product; see `matmul`. */
export const MATMUL = {
  depth_a: 'override',
  depth_b: 'override',
  m: 'u32',
  n: 'u32',
  k: 'u32',
  batches: 'u32',
  row_a: 'u32',
  column_a: 'u32',
  row_b: 'u32',
  column_b: 'u32',
  batch_a: 'u32',
  batch_b: 'u32',
  offset_a: 'u32',
  offset_b: 'u32',
  offset_out: 'u32',
  row_out: 'u32',
  has_bias: 'u32',
  accumulate: 'u32',
  activation: 'u32',
  splits: 'u32',
  split_depth: 'u32',
} as const satisfies Params;

export type MatmulParams = ParamValues<typeof MATMUL>;

/** The parameters for dense row-major matrices, but for what is given. */
export function matmulParams(
  given: Partial<MatmulParams> & Pick<MatmulParams, 'm' | 'n' | 'k'>,
): MatmulParams {
  const { m, n, k } = given;
  return {
    ...{ has_bias: 0, accumulate: 0, activation: 0 },
    ...{ batches: 1, row_a: k, column_a: 1, row_b: n, column_b: 1 },
    ...{ batch_a: m * k, batch_b: k * n, offset_a: 0, offset_b: 0, offset_out: 0, row_out: n },
    ...{ depth_a: 0, depth_b: 0, splits: 0, split_depth: 0 },
    ...given,
  };
}
