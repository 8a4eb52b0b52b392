import { ArgumentError, NonFiniteError, ShapeError } from '../errors';
import { describeValue } from '../options';

/**
 * What a network gives for each frame, on the host: [time, classes] of one sequence, or [time, batch, classes]
 * of several. Logits or log-probabilities: each frame is brought to sum 1 (log-softmax), which leaves
 * log-probabilities as they are. -Infinity is a probability of 0.
 */
export interface CtcFrames {
  /** [time, classes], or [time, batch, classes]. */
  readonly shape: readonly number[];
  /** The numbers, row-major: as many as the shape has elements. */
  readonly data: ArrayLike<number>;
}

/** For several sequences at once. */
export interface CtcLengths {
  /** [batch] The frames of each sequence; those behind them may hold anything. */
  lengths: ArrayLike<number>;
}

/** The log-probabilities of one sequence. */
export class LogProbabilities {
  readonly time: number;
  readonly classes: number;
  /** [time, classes] */
  readonly values: Float64Array;
  /** [time] The likeliest class of each frame as it was given, the first of equals: rounding makes no others equal. */
  readonly likeliest: Int32Array;

  constructor(time: number, classes: number, values: Float64Array, likeliest: Int32Array) {
    this.time = time;
    this.classes = classes;
    this.values = values;
    this.likeliest = likeliest;
  }

  at(t: number): Float64Array {
    return this.values.subarray(t * this.classes, (t + 1) * this.classes);
  }
}

/**
 * Calls `one` for each sequence: once, for its result, where there are no lengths; else for a list.
 *
 * @throws ShapeError or ArgumentError for frames or lengths that do not fit, NonFiniteError for NaN, Infinity,
 *   and a frame without a class that has a probability.
 */
export function eachSequence<R>(
  owner: string,
  frames: CtcFrames,
  lengths: ArrayLike<number> | undefined,
  one: (sequence: LogProbabilities, index: number) => R,
): R | R[] {
  const rank = lengths === undefined ? 2 : 3;
  const { shape, data } = checkFrames(owner, frames, rank);
  const [time, batch, classes] = rank === 2 ? [shape[0], 1, shape[1]] : shape;
  if (lengths === undefined) {
    return one(normalised(owner, data, { time, classes, batch, index: 0 }), 0);
  }
  checkLengths(owner, lengths, time, batch);
  return Array.from({ length: batch }, (_, index) =>
    one(normalised(owner, data, { time: lengths[index], classes, batch, index }, index), index),
  );
}

function checkFrames(owner: string, frames: CtcFrames, rank: number): CtcFrames {
  const { shape, data } = (frames ?? {}) as Partial<CtcFrames>;
  if (data instanceof Promise) {
    throw new ArgumentError(
      `${owner}: frames.data = ${describeValue(data)}; data: await logits.data() is needed`,
    );
  }
  if (!Array.isArray(shape) || !(Array.isArray(data) || ArrayBuffer.isView(data))) {
    throw new ArgumentError(
      `${owner}: frames = ${describeValue(frames)}; { shape, data } is needed, as of ` +
        '{ shape: logits.shape, data: await logits.data() }',
    );
  }
  const sizes = shape as readonly number[];
  if (sizes.length !== rank) {
    const way =
      rank === 2
        ? 'without lengths it is [time, classes] of one sequence'
        : 'with lengths it is [time, batch, classes]';
    throw new ShapeError(`${owner}: the frames have shape [${sizes.join(', ')}]; ${way}`);
  }
  const fits = sizes.every((size) => Number.isSafeInteger(size) && size >= 0);
  if (!fits || sizes[rank - 1] === 0) {
    throw new ShapeError(
      `${owner}: the frames have shape [${sizes.join(', ')}]; there is one class at least, the blank`,
    );
  }
  const count = sizes.reduce((product, size) => product * size, 1);
  if (data.length !== count) {
    throw new ShapeError(
      `${owner}: the frames have ${data.length} values, and shape [${sizes.join(', ')}] takes ${count}`,
    );
  }
  return { shape: sizes, data };
}

function checkLengths(
  owner: string,
  lengths: ArrayLike<number>,
  time: number,
  batch: number,
): void {
  if (!Array.isArray(lengths) && !ArrayBuffer.isView(lengths)) {
    throw new ArgumentError(
      `${owner}: lengths = ${describeValue(lengths)}; a list is needed, the frames of each sequence`,
    );
  }
  if (lengths.length !== batch) {
    throw new ShapeError(
      `${owner}: there are ${lengths.length} lengths for ${batch} sequences; the frames are [time, batch, classes]`,
    );
  }
  for (let b = 0; b < batch; b++) {
    if (Number.isInteger(lengths[b]) && lengths[b] >= 0 && lengths[b] <= time) continue;
    throw new ArgumentError(
      `${owner}: lengths[${b}] = ${describeValue(lengths[b])}; an integer from 0 to ${time}, the frames that ` +
        'there are, is needed',
    );
  }
}

interface Place {
  readonly time: number;
  readonly classes: number;
  readonly batch: number;
  readonly index: number;
}

/** log-softmax of the frames of a sequence. */
function normalised(
  owner: string,
  data: ArrayLike<number>,
  { time, classes, batch, index }: Place,
  sequence?: number,
): LogProbabilities {
  const values = new Float64Array(time * classes);
  const likeliest = new Int32Array(time);
  for (let t = 0; t < time; t++) {
    const from = (t * batch + index) * classes;
    const where = (): string =>
      `frame ${t}${sequence === undefined ? '' : ` of sequence ${sequence}`}`;
    let most = -Infinity;
    for (let c = 0; c < classes; c++) {
      const value = data[from + c];
      if (!(value < Infinity)) {
        throw new NonFiniteError(
          `${owner}: ${where()} has ${describeValue(value)} for class ${c}; give logits or log-probabilities`,
        );
      }
      if (!(value > most)) continue;
      most = value;
      likeliest[t] = c;
    }
    if (most === -Infinity) {
      throw new NonFiniteError(
        `${owner}: ${where()} has -Infinity for every class; one needs a probability`,
      );
    }
    let sum = 0;
    for (let c = 0; c < classes; c++) sum += Math.exp(data[from + c] - most);
    const log = most + Math.log(sum);
    for (let c = 0; c < classes; c++) values[t * classes + c] = data[from + c] - log;
  }
  return new LogProbabilities(time, classes, values, likeliest);
}

/** @throws ArgumentError unless `blank` is one of the classes. */
export function checkBlank(owner: string, blank: number, classes = Infinity): void {
  if (Number.isSafeInteger(blank) && blank >= 0 && blank < classes) return;
  throw new ArgumentError(
    `${owner}: blank = ${describeValue(blank)}; an integer from 0 is needed` +
      (classes < Infinity ? `, below ${classes}, the number of classes` : ''),
  );
}

/** ln(e^a + e^b). */
export function logAdd(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  return a > b ? a + Math.log1p(Math.exp(b - a)) : b + Math.log1p(Math.exp(a - b));
}
