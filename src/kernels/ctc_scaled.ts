import { skips } from './ctc_sequence';
import type { CtcArrays, CtcParams, CtcSequence } from './ctc_sequence';

/**
 * What the sums of a frame must not fall below. What underflows, below 1e-307 of the largest, is then less
 * than 1e-27 of all paths.
 */
const LEAST = 1e-140;
/** The tilt grows beyond bounds as the labels come to fill the frames, which then tell the path. */
const MOST_LABELS_A_FRAME = 0.99;

/** Memory for sequences, one after the other. */
export class CtcMemory {
  #doubles = new Float64Array(0);

  take(sizes: readonly number[]): Float64Array[] {
    const size = sizes.reduce((a, b) => a + b);
    if (size > this.#doubles.length) this.#doubles = new Float64Array(size);
    let from = 0;
    return sizes.map((length) => this.#doubles.subarray(from, (from += length)));
  }
}

/**
 * Loss and gradient of a sequence by products instead of logarithms: alpha and beta are scaled at every
 * frame (Rabiner, 1989), in double precision, over the states that lie on a whole path alone, so that a
 * state costs no exponential.
 *
 * A step from a state to the next has a factor `tilt`, which all whole paths have equally often. Without it
 * most of alpha would be far ahead of the paths that end in time, which then underflow. Of even probabilities
 * the number of paths is binomial(T + L - R, 2 L), for L labels with R repeats, and this tilt takes the mean
 * path at an even pace.
 *
 * @returns false where that underflows; loss and gradient are then to be written anew.
 */
export function ctcScaled(
  { logits, loss, dlogits }: CtcArrays,
  { batch, classes, from_log_probs, gradients }: CtcParams,
  { b, frames, states, earliest, latest, weight }: CtcSequence,
  memory: CtcMemory,
): boolean {
  const count = states.length;
  const labels = (count - 1) / 2;
  const repeats = earliest[count - 1] - labels;
  const pace = Math.min(labels / (frames - repeats), MOST_LABELS_A_FRAME);
  const tilt = labels === 0 ? 1 : (2 * pace) / Math.sqrt(1 - pace * pace);
  // Two states more at either end, which are always 0.
  const width = count + 4;
  const sizes = [frames * width, frames * classes, width, width, width, classes];
  const [alpha, probabilities, skip, ...rest] = memory.take(sizes);
  let [after, beta] = rest;
  const occupied = rest[2];
  skip.fill(0);
  for (let s = 0; s < count; s++) skip[s] = skips(states, s) ? tilt * tilt : 0;
  let total = -(count - 1) * Math.log(tilt);
  let low = 0;
  let high = 0;

  for (let t = 0; t < frames; t++) {
    const y = t * classes;
    softmax(y, (t * batch + b) * classes);
    while (latest[low] < t) low++;
    while (high + 1 < count && earliest[high + 1] <= t) high++;
    const row = t * width + 2;
    let scale = 0;
    for (let s = low; s <= high; s++) {
      const from = row - width + s;
      const led =
        t === 0 ? tilt ** s : alpha[from] + tilt * alpha[from - 1] + skip[s] * alpha[from - 2];
      const value = led * probabilities[y + states[s]];
      alpha[row + s] = value;
      scale += value;
    }
    if (!(scale > LEAST && scale < Infinity)) return false;
    total += Math.log(scale);
    const factor = 1 / scale;
    for (let s = low; s <= high; s++) alpha[row + s] *= factor;
    // The next frame reads so far around.
    alpha.fill(0, row + low - 2, row + low);
    alpha.fill(0, row + high + 1, row + high + 3);
  }

  for (let t = frames - 1; t >= 0; t--) {
    while (earliest[high] > t) high--;
    while (low > 0 && latest[low - 1] >= t) low--;
    const row = t * width + 2;
    const y = t * classes;
    let scale = 0;
    let all = 0;
    for (let s = low; s <= high; s++) {
      const led =
        t === frames - 1
          ? tilt ** (count - 1 - s)
          : after[s] + tilt * after[s + 1] + skip[s + 2] * after[s + 2];
      beta[s] = led;
      scale += led;
      all += alpha[row + s] * led;
    }
    if (!(scale > LEAST && scale < Infinity && all > LEAST * scale)) return false;
    if (t === frames - 1) total += Math.log(all);
    occupied.fill(0);
    const share = 1 / all;
    const factor = 1 / scale;
    for (let s = low; s <= high; s++) {
      const c = states[s];
      occupied[c] += alpha[row + s] * beta[s] * share;
      beta[s] *= factor * probabilities[y + c];
    }
    beta.fill(0, Math.max(low - 2, 0), low);
    beta.fill(0, high + 1, high + 3);
    [after, beta] = [beta, after];
    if (!gradients) continue;
    const at = (t * batch + b) * classes;
    for (let c = 0; c < classes; c++) {
      const probability = from_log_probs ? 0 : probabilities[y + c];
      dlogits[at + c] = weight * (probability - occupied[c]);
    }
  }
  loss[b] = weight * (from_log_probs || total < 0 ? -total : 0);
  return true;

  function softmax(y: number, at: number): void {
    let top = from_log_probs ? 0 : -Infinity;
    for (let c = 0; c < classes && !from_log_probs; c++) {
      const x = logits[at + c];
      if (!(x <= top)) top = x;
    }
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(logits[at + c] - top);
      probabilities[y + c] = e;
      sum += e;
    }
    if (from_log_probs) return;
    const share = 1 / sum;
    for (let c = 0; c < classes; c++) probabilities[y + c] *= share;
  }
}
