import { recording } from '../autograd/graph';
import { packHalf } from '../kernels/pack_half';
import { unpackHalf } from '../kernels/unpack_half';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, run } from './common';
import { slice } from './movement';
import type { StorageFormat } from './storage';

/** A tensor that only a gradient needs. */
export interface Saved {
  /** What the graph keeps until then. */
  readonly kept: Tensor;
  /** The values; a copy, to be overwritten, if that is asked for. */
  take(copy: boolean): Tensor;
}

/**
 * Saves tensors for the gradient of an operation on `inputs`, and takes them over. Where no gradient
 * is wanted they stay as they are: the graph frees them at once.
 */
export function saveAll(
  tensors: readonly Tensor[],
  storage: StorageFormat,
  inputs: readonly Tensor[],
): Saved[] {
  const halves = storage === 'f16' && recording(inputs);
  return tensors.map((x) => save(x, halves));
}

function save(x: Tensor, halves: boolean): Saved {
  if (!halves) return { kept: x, take: (copy) => (copy ? slice(x, 0) : x) };
  const { shape, dtype, size: n } = x;
  const kept = emptyLike(x, [Math.ceil(n / 2)], 'u32');
  run(packHalf, { x, out: kept }, { n });
  x.dispose();
  return {
    kept,
    take() {
      const out = emptyLike(kept, shape, dtype);
      run(unpackHalf, { x: kept, out }, { n });
      return out;
    },
  };
}
