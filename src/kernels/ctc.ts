import { defineKernel, grid, include, read, readIds, wgsl, write } from '../backend/kernel';
import type { ParamValues } from '../backend/kernel';
import { ctcInLogarithms, ctcSequences } from './ctc_sequence';
import { simdCtc } from './simd/ctc';

/** Frames of a dispatch: longer sequences are cut, so that none runs long. */
const SLICE = 2048;
/** Numbers that the shader keeps for a sequence, besides those for each label. */
const FACTS = 9;

const PARAMS = {
  time: 'u32',
  batch: 'u32',
  classes: 'u32',
  labels: 'u32',
  longest: 'u32',
  concatenated: 'u32',
  blank: 'u32',
  gradients: 'u32',
  from_log_probs: 'u32',
  divide: 'u32',
  scale: 'f32',
  infeasible: 'f32',
  first: 'u32',
} as const;

/**
 * Floats that a GPU needs beside the tensors: mostly alpha and beta of all frames and states, which a
 * gradient reads; without one, two rows.
 */
export function ctcScratch({
  time,
  batch,
  longest,
  gradients,
}: ParamValues<typeof PARAMS>): number {
  const most = Math.min(longest, time);
  const states = (gradients ? 2 * time : 2) * (2 * most + 1);
  return batch * (time + FACTS + 3 * most + states);
}

/**
 * The connectionist temporal classification loss of each sequence, times `scale`, and its gradient with
 * that factor, by the forward-backward algorithm (Graves et al., 2006). logits of [time, batch, classes];
 * targets of [batch, labels], or, `concatenated`, of [labels]; both lengths of [batch], held within what
 * there is; no target is longer than `longest`. For frames T and labels l of length L, y = softmax(logits),
 * or exp(logits) `from_log_probs`,
 *
 *   loss = -log(sum of the product of y_t(path_t) over all paths of T classes that spell l),
 *
 * where a path spells what is left once equal neighbours are merged and blanks dropped. With `divide` it
 * is divided by max(L, 1) too. Where no path spells l (T is less than L and its repeats, or a label is no
 * class, or blank), the loss is `infeasible` and the gradient 0. Where a frame that counts holds NaN or infinity,
 * the loss is NaN, and some of the gradient. With `gradients`, dlogits is written,
 * 0 at frames that do not count; else it is not touched. `first` is 0.
 */
export const ctc = defineKernel({
  name: 'ctc',
  source: wgsl(
    `const SLICE = ${SLICE}u;\nconst FACTS = ${FACTS}u;`,
    include('ctc', 'lib/ctc_lattice', 'lib/ctc_recursion', 'lib/row', 'lib/index', 'lib/finite'),
  ),
  bindings: {
    logits: read,
    targets: readIds,
    input_lengths: readIds,
    target_lengths: readIds,
    loss: write,
    dlogits: write,
  },
  params: PARAMS,
  cpu(arrays, p) {
    for (const sequence of ctcSequences(arrays, p)) ctcInLogarithms(arrays, p, sequence);
  },
  fastCpu(arrays, p, simd) {
    return simd !== undefined && simdCtc(simd, arrays, p);
  },
  scratch: ctcScratch,
  launch({ time, batch, gradients }) {
    const named = (entry: string, count: number, first = 0) =>
      grid(count).map((launch) => ({ ...launch, entry, params: { first } }));
    const slices = Array.from({ length: Math.max(1, Math.ceil(time / SLICE)) }, (_, i) =>
      named('sweep', batch * (1 + gradients), i * SLICE),
    );
    return [
      ...named('prepare', (time + 1) * batch),
      ...slices.flat(),
      ...named('gradient', gradients * time * batch),
    ];
  },
});
