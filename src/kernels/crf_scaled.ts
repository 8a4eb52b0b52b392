import type { NumberArray } from '../backend/dtype';
import type { Simd } from '../backend/kernel';

/** The arrays of the kernel `crf`. */
interface Arrays {
  readonly emissions: NumberArray;
  readonly tags: NumberArray;
  readonly lengths: NumberArray;
  readonly scores: NumberArray;
  readonly loss: NumberArray;
  readonly weight: NumberArray;
  readonly demissions: NumberArray;
  readonly dscores: NumberArray;
}

/**
 * How far scores may lie apart. A tag that is so unlikely at a step that it underflows, by e^700, gains
 * at most the range of the scores on the others by what follows, and by what leads to it.
 */
const MAX_RANGE = 300;
const BYTES = 8;

/**
 * The kernel `crf` by products instead of logarithms: the vectors of the forward and backward pass are
 * scaled at every step (Rabiner, 1989), in double precision, so that a step costs an exponential for
 * each tag and not for each pair of them, and is a product of matrices for the whole batch.
 *
 * @returns false, and has done nothing, where the scores lie too far apart for that.
 */
export function crfScaled(
  { emissions, tags, lengths, scores, loss, weight, demissions, dscores }: Arrays,
  { time, batch, n, gradients }: { time: number; batch: number; n: number; gradients: number },
  simd?: Simd,
): boolean {
  const start = scores.subarray(0, n);
  const end = scores.subarray(n, 2 * n);
  const transitions = scores.subarray(2 * n);
  const [lowest, highest] = bounds(transitions);
  const [lowestEnd, highestEnd] = bounds(end);
  const near = highest - lowest <= MAX_RANGE && highestEnd - lowestEnd <= MAX_RANGE;
  // Rows of whole vectors, filled up with zeros.
  const width = 4 * Math.ceil(n / 4);
  const step = batch * width;
  const sizes = [n * width, n * width, n * width, time * step, time * step, time * step, step];
  const memory = near && simd?.scratch(BYTES * sizes.reduce((a, b) => a + b));
  if (!simd || !memory) return false;
  let offset = memory.byteOffset;
  const [factors, transposed, pairs, emission, alpha, after, beta] = sizes.map((size) => {
    const part = new Float64Array(memory.buffer, offset, size).fill(0);
    offset += part.byteLength;
    return part;
  });
  /** c = a b; `columnA` is the distance of the columns of a. */
  const product = (
    [rows, depth]: readonly [rows: number, depth: number],
    [a, rowA, columnA]: readonly [a: Float64Array, rowA: number, columnA: number],
    [b, rowB]: readonly [b: Float64Array, rowB: number],
    c: Float64Array,
  ): void => {
    const distances = [rowA, columnA, rowB, width].map((distance) => BYTES * distance);
    const work = (rows * depth * width) / 2;
    simd.run('product_doubles', work, [a, b, c, rows, width, depth, ...distances]);
  };
  const at = (x: Float64Array, t: number): Float64Array => x.subarray(t * step);

  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      const factor = Math.exp(transitions[i * n + j] - highest);
      factors[i * width + j] = factor;
      transposed[j * width + i] = factor;
    }
  }
  const ends = Float64Array.from(end, (score) => Math.exp(score - highestEnd));
  const lasts = Int32Array.from(lengths.subarray(0, batch), (x) => Math.min(x, time) - 1);
  const totals = new Float64Array(batch);

  for (let t = 0; t < time; t++) {
    // A sequence that has ended goes on as zeros.
    if (t > 0) product([batch, n], [at(alpha, t - 1), width, 1], [factors, width], at(alpha, t));
    for (let b = 0; b < batch; b++) {
      const row = t * step + b * width;
      if (t > lasts[b]) {
        alpha.fill(0, row, row + n);
        continue;
      }
      const from = (t * batch + b) * n;
      let top = -Infinity;
      for (let j = 0; j < n; j++) {
        const score = t === 0 ? emissions[from + j] + start[j] : emissions[from + j];
        emission[row + j] = score;
        if (!(score <= top)) top = score;
      }
      let sum = 0;
      for (let j = 0; j < n; j++) {
        const factor = Math.exp(emission[row + j] - top);
        emission[row + j] = factor;
        const value = t === 0 ? factor : alpha[row + j] * factor;
        alpha[row + j] = value;
        sum += value;
      }
      for (let j = 0; j < n; j++) alpha[row + j] /= sum;
      totals[b] += top + Math.log(sum) + (t === 0 ? 0 : highest);
      if (t < lasts[b]) continue;
      let all = 0;
      for (let j = 0; j < n; j++) all += alpha[row + j] * ends[j];
      totals[b] += highestEnd + Math.log(all);
    }
  }

  const tagOf = (t: number, b: number): number => {
    const tag = t < 0 ? -1 : tags[t * batch + b];
    return tag < n ? tag : -1;
  };
  if (gradients) dscores.fill(0, 0, batch * (n + 2) * n);
  for (let b = 0; b < batch; b++) {
    // The score of the sequence, and what the gradients lose for that.
    const own = (b * (n + 2) + 2) * n;
    for (let t = 0; t <= lasts[b]; t++) {
      const [before, tag] = [tagOf(t - 1, b), tagOf(t, b)];
      if (tag < 0) continue;
      totals[b] -= emissions[(t * batch + b) * n + tag];
      if (t === 0) totals[b] -= start[tag];
      if (t === lasts[b]) totals[b] -= end[tag];
      if (before < 0) continue;
      totals[b] -= transitions[before * n + tag];
      if (gradients) dscores[own + before * n + tag] -= 1;
    }
    loss[b] = totals[b];
    weight[b] = lasts[b] < 0 ? 0 : 1;
  }
  if (!gradients) return true;

  for (let t = time - 1; t >= 0; t--) {
    if (t + 1 < time) product([batch, n], [at(after, t + 1), width, 1], [transposed, width], beta);
    for (let b = 0; b < batch; b++) {
      const row = b * width;
      const here = t * step + row;
      const to = (t * batch + b) * n;
      if (t > lasts[b]) {
        demissions.fill(0, to, to + n);
        continue;
      }
      if (t === lasts[b]) beta.set(ends, row);
      let sum = 0;
      for (let j = 0; j < n; j++) sum += alpha[here + j] * beta[row + j];
      const share = 1 / sum;
      for (let j = 0; j < n; j++) {
        const value = beta[row + j] * share;
        demissions[to + j] = alpha[here + j] * value;
        after[here + j] = emission[here + j] * value;
      }
      // A pair's probability is its product of alpha and after by this sum.
      if (t < lasts[b]) for (let j = 0; j < n; j++) after[here + step + j] *= share;
      const tag = tagOf(t, b);
      if (tag >= 0) demissions[to + tag] -= 1;
      const gradient = demissions.subarray(to, to + n);
      if (t === 0) dscores.set(gradient, b * (n + 2) * n);
      if (t === lasts[b]) dscores.set(gradient, (b * (n + 2) + 1) * n);
    }
  }
  for (let b = 0; b < batch; b++) {
    if (lasts[b] < 1) continue;
    const own = (b * (n + 2) + 2) * n;
    const from = alpha.subarray(b * width);
    const to = after.subarray(step + b * width);
    product([n, lasts[b]], [from, 1, step], [to, step], pairs);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        dscores[own + i * n + j] += pairs[i * width + j] * factors[i * width + j];
      }
    }
  }
  return true;
}

function bounds(values: NumberArray): [lowest: number, highest: number] {
  let lowest = Infinity;
  let highest = -Infinity;
  for (let i = 0; i < values.length; i++) {
    lowest = Math.min(lowest, values[i]);
    highest = Math.max(highest, values[i]);
  }
  return [lowest, highest];
}
