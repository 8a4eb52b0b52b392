import { noGrad, record, recording } from '../autograd/graph';
import type { Gradients } from '../autograd/graph';
import { crf } from '../kernels/crf';
import { meanLoss } from '../kernels/mean_loss';
import { scaleBy } from '../kernels/scale_by';
import { scope } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';
import { emptyLike, run } from './common';
import { product } from './matmul';
import { cat, reshape, slice } from './movement';
import { mul } from './pointwise';
import type { Reduction } from './pointwise_loss';
import { sum } from './reduce';

/** Scores of a linear-chain CRF: start and end of [tags]; transitions of [tags, tags], [from, to]. */
export interface CRFScores {
  readonly start: Tensor;
  readonly end: Tensor;
  readonly transitions: Tensor;
}

/** The scores as the kernel takes them, [tags + 2, tags], outside of the graph. */
function packed({ start, end, transitions }: CRFScores): Tensor {
  const n = start.size;
  return noGrad(() => cat([reshape(start, [1, n]), reshape(end, [1, n]), transitions]));
}

/**
 * The negative log-likelihood of tag sequences, as one node of the graph; `CRF.loss` of lethe/nn
 * says what it is. The arguments are known to fit.
 */
export function crfLoss(
  emissions: Tensor,
  tags: Tensor,
  lengths: Tensor,
  scores: CRFScores,
  reduction: Reduction,
): Tensor {
  const { start, end, transitions } = scores;
  const [time, batch, n] = emissions.shape;
  const inputs = [emissions, start, end, transitions];
  const gradients = recording(inputs);
  return scope(() => {
    const loss = emptyLike(emissions, [batch]);
    const weight = emptyLike(emissions, [batch]);
    const demissions = emptyLike(emissions, gradients ? emissions.shape : [0]);
    const dscores = emptyLike(emissions, gradients ? [batch, n + 2, n] : [0]);
    run(
      crf,
      { emissions, tags, lengths, scores: packed(scores), loss, weight, demissions, dscores },
      { time, batch, n, gradients: gradients ? 1 : 0 },
    );
    const share = emptyLike(emissions, []);
    let result = loss;
    if (reduction === 'sum') result = sum(loss);
    if (reduction === 'mean') {
      result = emptyLike(emissions, []);
      run(meanLoss, { loss, weight, mean: result, share }, { n: batch });
    }

    const gradientsOf = (d: Tensor | undefined, total: Tensor): Gradients => [
      d,
      start.requiresGrad ? rowOf(total, 0) : undefined,
      end.requiresGrad ? rowOf(total, 1) : undefined,
      transitions.requiresGrad ? slice(total, 0, { start: 2 }) : undefined,
    ];
    /** All sequences count alike, times `scale`. */
    const alike = (retainGraph: boolean, scale: Tensor | undefined): Gradients => {
      const d = emissions.requiresGrad
        ? retainGraph
          ? slice(demissions, 0)
          : demissions
        : undefined;
      const total = sum(dscores, { dim: 0 });
      for (const x of scale ? [d, total] : []) {
        if (x) run(scaleBy, { scale: scale!, x }, { n: x.size });
      }
      return gradientsOf(d, total);
    };
    const each = (g: Tensor): Gradients => {
      const rows = reshape(dscores, [batch, (n + 2) * n]);
      const total = product(reshape(g, [1, batch]), rows, [], false, false);
      const d = emissions.requiresGrad ? mul(demissions, reshape(g, [batch, 1])) : undefined;
      return gradientsOf(d, reshape(total, [n + 2, n]));
    };
    record({
      name: 'crf',
      inputs,
      outputs: [result],
      intermediates: [demissions, dscores, share],
      vjp([g], retainGraph) {
        if (reduction === 'none') return each(g!);
        return alike(retainGraph, reduction === 'mean' ? mul(g!, share) : g!);
      },
      vjpOfOne:
        reduction === 'none'
          ? undefined
          : (retainGraph) => alike(retainGraph, reduction === 'mean' ? share : undefined),
    });
    return result;
  });
}

function rowOf(total: Tensor, row: number): Tensor {
  return reshape(slice(total, 0, { start: row, end: row + 1 }), [total.shape[1]]);
}
