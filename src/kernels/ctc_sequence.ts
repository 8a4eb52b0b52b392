import type { NumberArray } from '../backend/dtype';

/** The arrays of the kernel `ctc`. */
export interface CtcArrays {
  readonly logits: NumberArray;
  readonly targets: NumberArray;
  readonly input_lengths: NumberArray;
  readonly target_lengths: NumberArray;
  readonly loss: NumberArray;
  readonly dlogits: NumberArray;
}

export interface CtcParams {
  readonly time: number;
  readonly batch: number;
  readonly classes: number;
  readonly labels: number;
  readonly concatenated: number;
  readonly blank: number;
  readonly gradients: number;
  readonly from_log_probs: number;
  readonly divide: number;
  readonly scale: number;
  readonly infeasible: number;
}

/** A sequence that some path of its frames spells. */
export interface CtcSequence {
  /** Its place in the batch. */
  readonly b: number;
  readonly frames: number;
  /** The classes of its states: blank, first label, blank, second label, ..., blank. */
  readonly states: Int32Array;
  /** Of each state, the first frame that can be in it, and the last from which the end is in reach. Both grow. */
  readonly earliest: Int32Array;
  readonly latest: Int32Array;
  /** What its loss and gradient are multiplied by. */
  readonly weight: number;
}

/** True where a state follows the one two before it: a label that is not the one before. */
export function skips(states: Int32Array, s: number): boolean {
  return s >= 3 && s < states.length && s % 2 === 1 && states[s] !== states[s - 2];
}

/**
 * The sequences of a batch, one after the other. What has no path, a label that is none included, gets
 * the loss for that; frames that do not count get gradients of 0.
 */
export function* ctcSequences(arrays: CtcArrays, p: CtcParams): Generator<CtcSequence> {
  const { targets, input_lengths, target_lengths, loss, dlogits } = arrays;
  const { time, batch, classes, labels, blank } = p;
  let offset = 0;
  for (let b = 0; b < batch; b++) {
    if (!p.concatenated) offset = b * labels;
    const room = p.concatenated ? Math.max(labels - offset, 0) : labels;
    const length = Math.min(Math.max(target_lengths[b], 0), room);
    const frames = Math.min(Math.max(input_lengths[b], 0), time);
    const label = (j: number): number => targets[offset + j];
    const states = Int32Array.from({ length: 2 * length + 1 }, (_, s) =>
      s % 2 === 1 ? label((s - 1) / 2) : blank,
    );
    if (p.concatenated) offset += Math.max(target_lengths[b], 0);

    // Repeats among the labels up to that of a state, or before it.
    const repeats = new Int32Array(states.length);
    let valid = true;
    for (let s = 1; s < states.length; s++) {
      const again = s >= 3 && s % 2 === 1 && states[s] === states[s - 2];
      repeats[s] = repeats[s - 1] + (again ? 1 : 0);
      if (s % 2 === 1) valid &&= states[s] >= 0 && states[s] < classes && states[s] !== blank;
    }
    const all = repeats[states.length - 1];
    const feasible = valid && length + all <= frames;
    if (p.gradients) {
      for (let t = feasible ? frames : 0; t < time; t++) {
        const at = (t * batch + b) * classes;
        dlogits.fill(0, at, at + classes);
      }
    }
    const weight = p.scale / (p.divide ? Math.max(length, 1) : 1);
    loss[b] = feasible ? 0 : p.infeasible * weight;
    if (!feasible || frames === 0) continue;

    const earliest = repeats.map((count, s) => count + (s >> 1));
    // A repeat needs the blank before it: from there on it costs no frame more.
    const latest = repeats.map((_, s) => {
      const following = repeats[Math.min(s + (s % 2 === 1 ? 0 : 1), states.length - 1)];
      return frames - 1 - (length - ((s + 1) >> 1)) - (all - following);
    });
    yield { b, frames, states, earliest, latest, weight };
  }
}

/** log(exp(a) + exp(b) + exp(c)). */
function logSumExp(a: number, b: number, c = -Infinity): number {
  const top = Math.max(a, b, c);
  if (top === -Infinity) return top;
  return top + Math.log(Math.exp(a - top) + Math.exp(b - top) + Math.exp(c - top));
}

/** Loss and gradient of a sequence in logarithms, as the equations have them. */
export function ctcInLogarithms(arrays: CtcArrays, p: CtcParams, sequence: CtcSequence): void {
  const { logits, loss, dlogits } = arrays;
  const { batch, classes } = p;
  const { b, frames, states, weight } = sequence;
  const count = states.length;
  const at = (t: number): number => (t * batch + b) * classes;
  const totals = Float64Array.from({ length: frames }, (_, t) => {
    let top = -Infinity;
    for (let c = 0; c < classes; c++) top = Math.max(top, logits[at(t) + c]);
    // NaN, or no probability: in a class that no path goes through, too.
    if (p.from_log_probs) return top < Infinity ? 0 : NaN;
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(logits[at(t) + c] - top);
    return top + Math.log(sum);
  });
  const logarithm = (t: number, c: number): number => logits[at(t) + c] - totals[t];

  // Of all that leads to a state, with the probability of its own class.
  const alpha = Array.from({ length: frames }, () => new Float64Array(count).fill(-Infinity));
  for (let t = 0; t < frames; t++) {
    for (let s = 0; s < count; s++) {
      let before = s < 2 ? 0 : -Infinity;
      if (t > 0) {
        const row = alpha[t - 1];
        const skipped = skips(states, s) ? row[s - 2] : -Infinity;
        before = logSumExp(row[s], s > 0 ? row[s - 1] : -Infinity, skipped);
      }
      alpha[t][s] = before + logarithm(t, states[s]);
    }
  }
  const ends = alpha[frames - 1];
  const all = logSumExp(ends[count - 1], count > 1 ? ends[count - 2] : -Infinity);
  loss[b] = weight * (p.from_log_probs || !(all > 0) ? -all : 0);
  // A class that every path needs is ruled out by -Infinity.
  if (all === -Infinity) loss[b] = weight * p.infeasible;
  if (!p.gradients) return;

  // Of all that follows a state, without its own.
  let beta = new Float64Array(count).fill(-Infinity).fill(0, Math.max(count - 2, 0));
  const occupied = new Float64Array(classes);
  for (let t = frames - 1; t >= 0; t--) {
    if (t < frames - 1) {
      const after = beta.map((value, s) => value + logarithm(t + 1, states[s]));
      beta = after.map((value, s) => {
        const next = s + 1 < count ? after[s + 1] : -Infinity;
        return logSumExp(value, next, skips(states, s + 2) ? after[s + 2] : -Infinity);
      });
    }
    if (all === -Infinity) {
      dlogits.fill(0, at(t), at(t) + classes);
      continue;
    }
    // Each frame is brought to 1 by itself, so that what the long sums have lost to rounding cancels.
    const both = beta.map((value, s) => alpha[t][s] + value);
    const top = both.reduce((most, value) => Math.max(most, value), -Infinity);
    const shares = both.map((value) => Math.exp(value - top));
    const sum = shares.reduce((total, share) => total + share, 0);
    occupied.fill(0);
    for (let s = 0; s < count; s++) occupied[states[s]] += shares[s] / sum;
    for (let c = 0; c < classes; c++) {
      const probability = p.from_log_probs ? 0 : Math.exp(logarithm(t, c));
      dlogits[at(t) + c] = weight * (probability - occupied[c]);
    }
  }
}
