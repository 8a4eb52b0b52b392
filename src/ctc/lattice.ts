import { ArgumentError, DataError, IndexError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { checkBlank, eachSequence, logAdd } from './frames';
import type { CtcFrames, CtcLengths, LogProbabilities } from './frames';

/** What `ctcAlign` and `ctcPosteriors` take. */
export interface CtcAlignOptions {
  /** The class that is no label: 0 when left out. */
  blank?: number;
}

export const ALIGN: OptionNames<CtcAlignOptions & CtcLengths> = { blank: true, lengths: true };

/** How probable it is that an alignment is in each state of the lattice. */
export interface CtcPosteriors {
  /** [time, states] */
  readonly shape: readonly [time: number, states: number];
  /** [time, states] Each frame sums to 1. */
  readonly data: Float64Array;
  /** [states] The class of each state: blank, label, blank, and so on, to the last blank. */
  readonly states: Int32Array;
  /** ln of the probability of the target, all its alignments together: the loss is its negative. */
  readonly logLikelihood: number;
}

/**
 * The posterior lattice of a target (Graves et al., 2006): of each frame, and each state of the target with blanks
 * between its labels, the share of all alignments, weighted by their probability, that are in that state in that
 * frame. In f64, by the forward and backward recursion, in log space. Takes 8 time states bytes; a target of L
 * labels has 2 L + 1 states.
 *
 * @param frames [time, classes] of one sequence; [time, batch, classes] with `lengths`, for a list of results.
 * @param target labels; with `lengths` a list of labels for each sequence.
 * @throws ShapeError or ArgumentError for what does not fit, IndexError for a label that is none of the classes,
 *   NonFiniteError for NaN, DataError for a target that cannot be read from so few frames or has probability 0.
 */
export function ctcPosteriors(
  frames: CtcFrames,
  target: ArrayLike<number>,
  options?: CtcAlignOptions,
): CtcPosteriors;
export function ctcPosteriors(
  frames: CtcFrames,
  targets: readonly ArrayLike<number>[],
  options: CtcAlignOptions & CtcLengths,
): CtcPosteriors[];
export function ctcPosteriors(
  frames: CtcFrames,
  target: ArrayLike<number> | readonly ArrayLike<number>[],
  options: CtcAlignOptions & Partial<CtcLengths> = {},
): CtcPosteriors | CtcPosteriors[] {
  checkOptions('ctcPosteriors', options, ALIGN);
  return eachLattice('ctcPosteriors', frames, target, options, posteriorsOf);
}

/** The states that a target has, and the frames that it goes through. */
export interface Lattice {
  readonly sequence: LogProbabilities;
  /** [2 L + 1] Blank, label, blank, ... */
  readonly states: Int32Array;
  /** [2 L + 1] 1 where a state can be reached from the second before it: a label that differs from the one before. */
  readonly skips: Uint8Array;
  /** For messages. */
  readonly name: string;
}

/** Calls `one` for the lattice of each sequence. */
export function eachLattice<R>(
  owner: string,
  frames: CtcFrames,
  target: ArrayLike<number> | readonly ArrayLike<number>[],
  { blank = 0, lengths }: CtcAlignOptions & Partial<CtcLengths>,
  one: (lattice: Lattice) => R,
): R | R[] {
  requireList(owner, lengths === undefined ? 'target' : 'targets', target);
  if (lengths !== undefined && target.length !== lengths.length) {
    throw new ArgumentError(
      `${owner}: there are ${target.length} targets and ${lengths.length} lengths; each sequence has one of both`,
    );
  }
  return eachSequence(owner, frames, lengths, (sequence, index) => {
    checkBlank(owner, blank, sequence.classes);
    const name = lengths === undefined ? 'target' : `targets[${index}]`;
    const labels = (lengths === undefined ? target : target[index]) as ArrayLike<number>;
    requireList(owner, name, labels);
    return one(latticeOf(owner, name, sequence, labels, blank));
  });
}

function requireList(owner: string, name: string, list: unknown): void {
  if (Array.isArray(list) || ArrayBuffer.isView(list)) return;
  throw new ArgumentError(`${owner}: ${name} = ${describeValue(list)}; a list is needed`);
}

function latticeOf(
  owner: string,
  name: string,
  sequence: LogProbabilities,
  labels: ArrayLike<number>,
  blank: number,
): Lattice {
  const states = new Int32Array(2 * labels.length + 1).fill(blank);
  const skips = new Uint8Array(states.length);
  let repeats = 0;
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i];
    if (!(Number.isInteger(label) && label >= 0 && label < sequence.classes)) {
      throw new IndexError(
        `${owner}: ${name}[${i}] = ${describeValue(label)}; labels run from 0 to ${sequence.classes - 1}`,
      );
    }
    if (label === blank) {
      throw new ArgumentError(
        `${owner}: ${name}[${i}] = ${label} is the blank, which is no label; name another with \`blank\``,
      );
    }
    states[2 * i + 1] = label;
    if (i === 0) continue;
    if (label === labels[i - 1]) repeats++;
    else skips[2 * i + 1] = 1;
  }
  const least = labels.length + repeats;
  if (sequence.time < least) {
    throw new DataError(
      `${owner}: ${name} has ${labels.length} labels, ${repeats} of them like the one before, and takes ${least} ` +
        `frames at least; there are ${sequence.time}`,
    );
  }
  return { sequence, states, skips, name: `${owner}: ${name}` };
}

/**
 * The states from which the end can still be reached, of those that can be reached: [from, to). There may be a
 * few more, where labels repeat.
 */
export function windowAt(t: number, time: number, states: number): [from: number, to: number] {
  return [Math.max(0, states - 2 * (time - t)), Math.min(states, 2 * t + 2)];
}

/** What `ctcPosteriors` gives. */
export function posteriorsOf({ sequence, states, skips, name }: Lattice): CtcPosteriors {
  const { time } = sequence;
  const n = states.length;
  const shape = [time, n] as const;
  if (time === 0) return { shape, data: new Float64Array(), states, logLikelihood: 0 };
  // Alpha has the frame's own log-probability, beta has not, so that their sum counts it once.
  const data = new Float64Array(time * n).fill(-Infinity);
  for (let t = 0; t < time; t++) {
    const row = sequence.at(t);
    const alpha = data.subarray(t * n, (t + 1) * n);
    const before = data.subarray((t - 1) * n, t * n);
    const [from, to] = windowAt(t, time, n);
    for (let s = from; s < to; s++) {
      let sum = t > 0 ? before[s] : 0;
      if (t > 0 && s > 0) sum = logAdd(sum, before[s - 1]);
      if (t > 0 && skips[s]) sum = logAdd(sum, before[s - 2]);
      alpha[s] = sum + row[states[s]];
    }
  }
  const last = data.subarray((time - 1) * n);
  const logLikelihood = n > 1 ? logAdd(last[n - 1], last[n - 2]) : last[0];
  if (logLikelihood === -Infinity) throw improbable(name);
  let beta = new Float64Array(n).fill(-Infinity);
  beta.fill(0, Math.max(0, n - 2));
  let next = new Float64Array(n);
  for (let t = time - 1; t >= 0; t--) {
    const gamma = data.subarray(t * n, (t + 1) * n);
    let most = -Infinity;
    for (let s = 0; s < n; s++) {
      gamma[s] += beta[s];
      if (gamma[s] > most) most = gamma[s];
    }
    // Each frame is brought to 1 by itself, so that what the long sums have lost to rounding cancels.
    let sum = 0;
    for (let s = 0; s < n; s++) sum += gamma[s] = Math.exp(gamma[s] - most);
    for (let s = 0; s < n; s++) gamma[s] /= sum;
    const row = sequence.at(t);
    const [from, to] = windowAt(t - 1, time, n);
    next.fill(-Infinity);
    for (let s = from; s < to; s++) {
      let into = beta[s] + row[states[s]];
      if (s + 1 < n) into = logAdd(into, beta[s + 1] + row[states[s + 1]]);
      if (skips[s + 2]) into = logAdd(into, beta[s + 2] + row[states[s + 2]]);
      next[s] = into;
    }
    [beta, next] = [next, beta];
  }
  return { shape, data, states, logLikelihood: Math.min(0, logLikelihood) };
}

/** No path through the lattice has a probability above 0. */
export function improbable(name: string): DataError {
  return new DataError(
    `${name} has probability 0 in these frames; -Infinity stands in the way of each alignment`,
  );
}
