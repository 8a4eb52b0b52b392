import type { NumberArray } from '../backend/dtype';

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
 * How far scores of transitions may lie apart. What is lost of a step, by underflow, is e^-700 of what
 * stays. Two steps on, it could have gained e^(2 times this) on that, and still be nothing.
 */
const MAX_RANGE = 300;

/**
 * The kernel `crf` by products instead of logarithms (Rabiner, 1989): the vectors of the forward and
 * backward pass are scaled at every step, in double precision, so that a step costs an exponential for
 * each tag and not for each pair of them.
 *
 * @returns false, and has done nothing, where the scores lie too far apart for that.
 */
export function crfScaled(
  { emissions, tags, lengths, scores, loss, weight, demissions, dscores }: Arrays,
  { time, batch, n, gradients }: { time: number; batch: number; n: number; gradients: number },
): boolean {
  const start = scores.subarray(0, n);
  const end = scores.subarray(n, 2 * n);
  const transitions = scores.subarray(2 * n);
  const [lowest, highest] = bounds(transitions);
  const [lowestEnd, highestEnd] = bounds(end);
  if (!(highest - lowest <= MAX_RANGE && highestEnd - lowestEnd <= MAX_RANGE)) return false;

  const factors = Float64Array.from(transitions, (score) => Math.exp(score - highest));
  const transposed = factors.map((_, i) => factors[(i % n) * n + Math.floor(i / n)]);
  const endFactors = Float64Array.from(end, (score) => Math.exp(score - highestEnd));
  // Of each step: exp(emission), all that leads to a tag, and all that follows times exp(emission).
  const factor = new Float64Array(time * n);
  const alpha = new Float64Array(time * n);
  const after = new Float64Array(time * n);
  const beta = new Float64Array(n);
  const pairs = new Float64Array(n * n);

  for (let b = 0; b < batch; b++) {
    const length = Math.min(Math.max(lengths[b], 0), time);
    const at = (t: number): number => (t * batch + b) * n;
    let total = 0;
    for (let t = 0; t < length; t++) {
      const here = at(t);
      let top = -Infinity;
      for (let j = 0; j < n; j++) {
        factor[t * n + j] = emissions[here + j] + (t === 0 ? start[j] : 0);
        top = Math.max(top, factor[t * n + j]);
      }
      for (let j = 0; j < n; j++) factor[t * n + j] = Math.exp(factor[t * n + j] - top);
      if (t === 0) alpha.set(factor.subarray(0, n));
      else {
        multiply(transposed, n, alpha, (t - 1) * n, alpha, t * n);
        for (let j = t * n; j < (t + 1) * n; j++) alpha[j] *= factor[j];
      }
      total += top + (t === 0 ? 0 : highest) + Math.log(scale(alpha, t * n, (t + 1) * n));
    }
    const last = length - 1;
    let all = 0;
    for (let j = 0; j < n && length > 0; j++) all += alpha[last * n + j] * endFactors[j];
    if (length > 0) total += highestEnd + Math.log(all);

    // Its own score; and the gradients from here on have what the sequence has taken off.
    const own = b * (n + 2) * n;
    if (gradients) dscores.fill(0, own, own + (n + 2) * n);
    pairs.fill(0);
    let before = -1;
    for (let t = 0; t < length; t++) {
      const id = tags[t * batch + b];
      const tag = id >= 0 && id < n ? id : -1;
      if (tag >= 0) total -= emissions[at(t) + tag];
      if (tag >= 0 && t === 0) total -= start[tag];
      if (tag >= 0 && before >= 0) {
        total -= transitions[before * n + tag];
        if (gradients) dscores[own + (2 + before) * n + tag] -= 1;
      }
      if (tag >= 0 && t === last) total -= end[tag];
      before = tag;
    }
    loss[b] = total;
    weight[b] = length > 0 ? 1 : 0;
    if (!gradients) continue;

    for (let t = time - 1; t >= length; t--) demissions.fill(0, at(t), at(t) + n);
    for (let t = last; t >= 0; t--) {
      if (t === last) beta.set(endFactors);
      else multiply(factors, n, after, (t + 1) * n, beta, 0);
      let sum = 0;
      for (let j = 0; j < n; j++) sum += alpha[t * n + j] * beta[j];
      const share = 1 / sum;
      const here = at(t);
      for (let j = 0; j < n; j++) {
        beta[j] *= share;
        demissions[here + j] = alpha[t * n + j] * beta[j];
        after[t * n + j] = factor[t * n + j] * beta[j];
        if (t < last) after[(t + 1) * n + j] *= share;
      }
      const tag = tags[t * batch + b];
      if (tag >= 0 && tag < n) demissions[here + tag] -= 1;
      if (t === last) dscores.set(demissions.subarray(here, here + n), own + n);
      if (t === 0) dscores.set(demissions.subarray(here, here + n), own);
    }
    outer(alpha, after, n, length, pairs);
    for (let i = 0; i < n * n; i++) dscores[own + 2 * n + i] += pairs[i] * factors[i];
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

/** Divides x[from] to x[to - 1] by their sum, and returns it. */
function scale(x: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += x[i];
  for (let i = from; i < to; i++) x[i] /= sum;
  return sum;
}

/** y = matrix x, for x and y of n numbers in larger arrays; four rows at a time. */
function multiply(
  matrix: Float64Array,
  n: number,
  x: Float64Array,
  fromX: number,
  y: Float64Array,
  toY: number,
): void {
  let row = 0;
  for (; row + 4 <= n; row += 4) {
    let [a, b, c, d] = [0, 0, 0, 0];
    const [second, third, fourth] = [n, 2 * n, 3 * n];
    for (let i = 0, k = row * n; i < n; i++, k++) {
      const value = x[fromX + i];
      a += matrix[k] * value;
      b += matrix[k + second] * value;
      c += matrix[k + third] * value;
      d += matrix[k + fourth] * value;
    }
    y[toY + row] = a;
    y[toY + row + 1] = b;
    y[toY + row + 2] = c;
    y[toY + row + 3] = d;
  }
  for (; row < n; row++) {
    let sum = 0;
    for (let i = 0, k = row * n; i < n; i++, k++) sum += matrix[k] * x[fromX + i];
    y[toY + row] = sum;
  }
}

/** pairs[i, j] = the sum over steps t, but for the first, of alpha[t - 1, i] after[t, j]. */
function outer(
  alpha: Float64Array,
  after: Float64Array,
  n: number,
  length: number,
  pairs: Float64Array,
): void {
  let t = 1;
  for (; t + 4 <= length; t += 4) {
    for (let i = 0; i < n; i++) {
      const a = alpha[(t - 1) * n + i];
      const b = alpha[t * n + i];
      const c = alpha[(t + 1) * n + i];
      const d = alpha[(t + 2) * n + i];
      for (let j = 0, k = t * n; j < n; j++, k++) {
        pairs[i * n + j] +=
          a * after[k] + b * after[k + n] + c * after[k + 2 * n] + d * after[k + 3 * n];
      }
    }
  }
  for (; t < length; t++) {
    for (let i = 0; i < n; i++) {
      const a = alpha[(t - 1) * n + i];
      for (let j = 0; j < n; j++) pairs[i * n + j] += a * after[t * n + j];
    }
  }
}
