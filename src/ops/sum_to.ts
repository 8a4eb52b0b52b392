import { REDUCE, reduce } from '../kernels/reduce';
import { numel, sameShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, run } from './common';

/**
 * Sums a gradient of a broadcast shape back to the shape that was broadcast: the gradient of
 * repeating. For use in vector-Jacobian products; it records nothing itself.
 */
export function sumTo(g: Tensor, shape: Shape): Tensor {
  if (sameShape(g.shape, shape)) return g;
  const lead = g.shape.length - shape.length;
  const repeated = g.shape.map((size, i) => i < lead || shape[i - lead] !== size);
  let result = g;
  // Each run of repeated dimensions is one block, [outer, n, inner]; its size becomes 1.
  for (let end = g.shape.length; end > 0;) {
    if (!repeated[end - 1]) {
      end--;
      continue;
    }
    const start = repeated.lastIndexOf(false, end - 1) + 1;
    const outer = numel(result.shape.slice(0, start));
    const n = numel(result.shape.slice(start, end));
    const inner = numel(result.shape.slice(end));
    const sums = emptyLike(
      g,
      result.shape.map((size, i) => (i >= start && i < end ? 1 : size)),
    );
    run(reduce, { x: result, out: sums }, { op: REDUCE.sum, outer, n, inner, scale: 1 });
    result = sums;
    end = start;
  }
  return result.view(shape);
}
