import { defineKernel, grid, include, read, readIds, wgsl, write } from '../backend/kernel';
import { crfScaled } from './crf_scaled';

/** What the workgroup memory of any adapter has room for. */
export const MAX_TAGS = 1024;

/** log(sum over i < n of exp(f(i))). */
function logSumExp(n: number, f: (i: number) => number): number {
  let top = -Infinity;
  for (let i = 0; i < n; i++) top = Math.max(top, f(i));
  let total = 0;
  for (let i = 0; i < n; i++) total += Math.exp(f(i) - top);
  return top + Math.log(total);
}

/**
 * The negative log-likelihood of each sequence of tags in a linear-chain conditional random field, and
 * its gradient, by the forward-backward algorithm. emissions of [time, batch, n], tags of [time, batch],
 * lengths of [batch], held within [0, time]; scores of [n + 2, n]: rows of the start, of the end, and of
 * the transitions from each tag. For a sequence y of length L > 0
 *
 *   score(y) = start(y_0) + sum of emission_t(y_t) + sum of transition(y_t-1, y_t) + end(y_L-1),
 *   loss = log(sum over all y' of exp(score(y'))) - score(y), weight = 1;
 *
 * without a step both are 0. A tag outside [0, n) has no score. With `gradients`, demissions and
 * dscores, [batch, n + 2, n], are the gradients of each loss: the marginal probabilities minus what y
 * has. Else they are not touched.
 */
export const crf = defineKernel({
  name: 'crf',
  source: wgsl(`const MAX_TAGS = ${MAX_TAGS}u;`, include('crf', 'lib/row', 'lib/index')),
  bindings: {
    emissions: read,
    tags: readIds,
    lengths: readIds,
    scores: read,
    loss: write,
    weight: write,
    demissions: write,
    dscores: write,
  },
  params: { time: 'u32', batch: 'u32', n: 'u32', gradients: 'u32' },
  cpu({ emissions, tags, lengths, scores, loss, weight, demissions, dscores }, p) {
    const { time, batch, n } = p;
    const start = (j: number) => scores[j];
    const end = (j: number) => scores[n + j];
    const transition = (i: number, j: number) => scores[(i + 2) * n + j];
    for (let b = 0; b < batch; b++) {
      const at = (t: number) => (t * batch + b) * n;
      const emission = (t: number, j: number) => emissions[at(t) + j];
      const length = Math.min(Math.max(lengths[b], 0), time);
      // Logarithms of all that leads to a tag, with its emission, and of all that follows.
      const alpha = Array.from({ length }, () => new Float64Array(n));
      const beta = Array.from({ length }, () => new Float64Array(n));
      for (let t = 0; t < length; t++) {
        for (let j = 0; j < n; j++) {
          const before =
            t === 0 ? start(j) : logSumExp(n, (i) => alpha[t - 1][i] + transition(i, j));
          alpha[t][j] = before + emission(t, j);
        }
      }
      const last = length - 1;
      const all = length === 0 ? 0 : logSumExp(n, (j) => alpha[last][j] + end(j));
      loss[b] = length === 0 ? 0 : all - scoreOf(b, length);
      weight[b] = length === 0 ? 0 : 1;
      if (!p.gradients) continue;

      const own = b * (n + 2) * n;
      dscores.fill(0, own, own + (n + 2) * n);
      for (let t = time - 1; t >= 0; t--) {
        for (let i = 0; i < n; i++) {
          if (t >= length) {
            demissions[at(t) + i] = 0;
            continue;
          }
          beta[t][i] =
            t === last
              ? end(i)
              : logSumExp(n, (j) => transition(i, j) + emission(t + 1, j) + beta[t + 1][j]);
          const hit = tags[t * batch + b] === i ? 1 : 0;
          const gradient = Math.exp(alpha[t][i] + beta[t][i] - all) - hit;
          demissions[at(t) + i] = gradient;
          if (t === 0) dscores[own + i] = gradient;
          if (t === last) dscores[own + n + i] = gradient;
        }
      }
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = 0;
          for (let t = 1; t < length; t++) {
            const from = alpha[t - 1][i] + transition(i, j);
            sum += Math.exp(from + emission(t, j) + beta[t][j] - all);
            if (tags[(t - 1) * batch + b] === i && tags[t * batch + b] === j) sum--;
          }
          dscores[own + (i + 2) * n + j] = sum;
        }
      }
    }

    function scoreOf(b: number, length: number): number {
      let sum = 0;
      let before = -1;
      for (let t = 0; t < length; t++) {
        const tag = tags[t * batch + b];
        const known = tag >= 0 && tag < n;
        if (known) sum += emissions[(t * batch + b) * n + tag];
        if (known && t === 0) sum += start(tag);
        if (known && t > 0 && before >= 0) sum += transition(before, tag);
        before = known ? tag : -1;
      }
      return before >= 0 ? sum + end(before) : sum;
    }
  },
  fastCpu: crfScaled,
  launch: ({ batch }) => grid(batch),
});
