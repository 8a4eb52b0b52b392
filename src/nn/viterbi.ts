import type { NumberArray } from '../backend/dtype';

/**
 * The sequences of tags with the highest scores in a linear-chain CRF (Viterbi, 1967), of a batch.
 *
 * @param values emissions [time, batch, n], lengths [batch], scores of the start [n], of the end [n] and
 *   of the transitions [n, n].
 */
export function viterbi(
  [emissions, lengths, start, end, transitions]: readonly NumberArray[],
  time: number,
  batch: number,
  n: number,
): { tags: number[][]; scores: number[] } {
  // The best tag before each, and the score of the best way to it.
  const before = new Int32Array(time * n);
  /** Transitions by the tag that they lead to. */
  const into = Float64Array.from(
    transitions,
    (_, k) => transitions[(k % n) * n + Math.floor(k / n)],
  );
  let best = new Float64Array(n);
  let next = new Float64Array(n);
  const one = (b: number): { tags: number[]; score: number } => {
    // As the loss takes lengths that were made on the device.
    const length = Math.min(Math.max(lengths[b], 0), time);
    if (length === 0) return { tags: [], score: 0 };
    for (let j = 0; j < n; j++) best[j] = start[j] + emissions[b * n + j];
    for (let t = 1; t < length; t++) {
      advance(best, into, next, before.subarray(t * n, (t + 1) * n));
      for (let j = 0; j < n; j++) next[j] += emissions[(t * batch + b) * n + j];
      [best, next] = [next, best];
    }
    let last = 0;
    for (let j = 1; j < n; j++) if (best[j] + end[j] > best[last] + end[last]) last = j;
    const score = best[last] + end[last];
    const tags = new Array<number>(length);
    for (let t = length - 1; t >= 0; t--) {
      tags[t] = last;
      last = before[t * n + last];
    }
    return { tags, score };
  };
  const found = Array.from({ length: batch }, (_, b) => one(b));
  return { tags: found.map(({ tags }) => tags), scores: found.map(({ score }) => score) };
}

/** The best way to each tag: next[j] = the largest of best[i] + into[j, i], at the first i = from[j]. */
function advance(
  best: Float64Array,
  into: Float64Array,
  next: Float64Array,
  from: Int32Array,
): void {
  const n = best.length;
  for (let j = 0; j < n; j++) {
    let top = -Infinity;
    let at = 0;
    for (let i = 0, k = j * n; i < n; i++, k++) {
      const score = best[i] + into[k];
      if (!(score > top)) continue;
      top = score;
      at = i;
    }
    next[j] = top;
    from[j] = at;
  }
}
