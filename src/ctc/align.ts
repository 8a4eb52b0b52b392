import { checkOptions } from '../options';
import type { CtcFrames, CtcLengths } from './frames';
import type { CtcSpan } from './greedy';
import { ALIGN, eachLattice, improbable, posteriorsOf, windowAt } from './lattice';
import type { CtcAlignOptions, Lattice } from './lattice';

/** Where a label of the target lies. */
export interface CtcAlignedSpan extends CtcSpan {
  /**
   * The share of all alignments, weighted by their probability, that have this very label of the target in a
   * frame, the mean of the span's frames. It takes the target for granted; `confidence` does not.
   */
  readonly posterior: number;
}

/** The most probable alignment of a target. */
export interface CtcAlignment {
  /** One for each label of the target, in its order. */
  readonly spans: CtcAlignedSpan[];
  /** [time] The class of each frame. */
  readonly path: number[];
  /** ln of the probability of this path. */
  readonly logProbability: number;
  /** ln of the probability of the target, all its alignments together. */
  readonly logLikelihood: number;
}

/**
 * Forced alignment: the most probable of the paths that spell a target, by Viterbi (1967) on the lattice of
 * `ctcPosteriors`; what torchaudio's `forced_align` and `merge_tokens` give: `confidence` is the score of
 * `merge_tokens` where the scores were exponentiated before. Of equally probable paths one that moves on early
 * is taken, the same each time. Takes 9 time states bytes.
 *
 * @param frames [time, classes] of one sequence; [time, batch, classes] with `lengths`, for a list of results.
 * @param target labels; with `lengths` a list of labels for each sequence.
 * @throws as `ctcPosteriors`.
 *
 * @example
 * ```ts
 * import { ctcAlign } from 'lethe/ctc';
 *
 * // Logits of [time, classes]; class 0 is the blank.
 * const data = [0, 9, 0, 0, 9, 0, 9, 0, 0, 0, 0, 9];
 * const { spans, path } = ctcAlign({ shape: [4, 3], data }, [1, 2]);
 * console.log(path); // [ 1, 1, 0, 2 ]
 * console.log(spans.map(({ label, start, end }) => [label, start, end])); // [ [ 1, 0, 2 ], [ 2, 3, 4 ] ]
 * ```
 */
export function ctcAlign(
  frames: CtcFrames,
  target: ArrayLike<number>,
  options?: CtcAlignOptions,
): CtcAlignment;
export function ctcAlign(
  frames: CtcFrames,
  targets: readonly ArrayLike<number>[],
  options: CtcAlignOptions & CtcLengths,
): CtcAlignment[];
export function ctcAlign(
  frames: CtcFrames,
  target: ArrayLike<number> | readonly ArrayLike<number>[],
  options: CtcAlignOptions & Partial<CtcLengths> = {},
): CtcAlignment | CtcAlignment[] {
  checkOptions('ctcAlign', options, ALIGN);
  return eachLattice('ctcAlign', frames, target, options, (lattice): CtcAlignment => {
    const { data, logLikelihood } = posteriorsOf(lattice);
    const { way, logProbability } = bestWay(lattice);
    const { sequence, states } = lattice;
    const spans: CtcAlignedSpan[] = [];
    for (let start = 0, end = 0; start < way.length; start = end) {
      const state = way[start];
      const label = states[state];
      let [confidence, posterior] = [0, 0];
      for (; end < way.length && way[end] === state; end++) {
        confidence += Math.exp(sequence.at(end)[label]);
        posterior += data[end * states.length + state];
      }
      // States at odd places are labels.
      if (state % 2 === 0) continue;
      const frames = end - start;
      spans.push({
        ...{ label, start, end },
        confidence: confidence / frames,
        posterior: posterior / frames,
      });
    }
    return { spans, path: Array.from(way, (s) => states[s]), logProbability, logLikelihood };
  });
}

/** The state of each frame on the best way through the lattice. */
function bestWay({ sequence, states, skips, name }: Lattice): {
  way: Int32Array;
  logProbability: number;
} {
  const { time } = sequence;
  const n = states.length;
  const way = new Int32Array(time);
  if (time === 0) return { way, logProbability: 0 };
  /** [time, n] How many states before: 0, 1 or 2. */
  const steps = new Uint8Array(time * n);
  let best = new Float64Array(n).fill(-Infinity);
  let next = new Float64Array(n);
  for (let t = 0; t < time; t++) {
    const row = sequence.at(t);
    const [from, to] = windowAt(t, time, n);
    next.fill(-Infinity);
    for (let s = from; s < to; s++) {
      let [most, step] = [t > 0 ? best[s] : 0, 0];
      if (t > 0 && s > 0 && best[s - 1] > most) [most, step] = [best[s - 1], 1];
      if (t > 0 && skips[s] && best[s - 2] > most) [most, step] = [best[s - 2], 2];
      next[s] = most + row[states[s]];
      steps[t * n + s] = step;
    }
    [best, next] = [next, best];
  }
  let state = n > 1 && best[n - 2] > best[n - 1] ? n - 2 : n - 1;
  const logProbability = best[state];
  if (logProbability === -Infinity) throw improbable(name);
  for (let t = time - 1; t >= 0; t--) {
    way[t] = state;
    state -= steps[t * n + state];
  }
  return { way, logProbability };
}
