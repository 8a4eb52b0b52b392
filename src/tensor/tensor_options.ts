import type { DType } from '../backend/dtype';
import type { OptionNames } from '../options';

/** What `tensor`, `full`, `zeros`, `ones` and `scalar` take. */
export interface TensorOptions {
  /** Defaults to f32. */
  dtype?: DType;
  /** Have `backward` leave a gradient here. */
  requiresGrad?: boolean;
}

export const TENSOR_OPTIONS: OptionNames<TensorOptions> = { dtype: true, requiresGrad: 'boolean' };
