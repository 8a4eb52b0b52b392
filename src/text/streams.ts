import { ArgumentError, TextError } from '../errors';
import type { Ids } from './ids';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** The size of one window of text. */
export interface WindowSize {
  /** Streams side by side, at least 1. */
  batch: number;
  /** Time steps per window, at least 1. */
  seq: number;
}

const WINDOW_SIZE: OptionNames<WindowSize> = { batch: true, seq: true };

/** The window that {@link Streams.next} returns next, so that training resumes where it stopped. */
export interface StreamCursor {
  /** Completed passes over the text. */
  epoch: number;
  /** Windows already taken from this pass, in [0, windowsPerEpoch). */
  window: number;
}

/** One step of truncated backpropagation through time; the targets are the next ids. */
export interface Window {
  /** [seq, batch], time-major: step t of stream b is at `t * batch + b`. */
  inputs: Int32Array<ArrayBuffer>;
  /** [seq, batch], laid out like `inputs`. */
  targets: Int32Array<ArrayBuffer>;
  /** Steps of each stream. */
  seq: number;
  /** Streams. */
  batch: number;
  /** The streams begin here: the recurrent state of the previous window does not carry over. */
  first: boolean;
}

/**
 * Cuts one text into `batch` contiguous streams and walks them in step, so that the state after
 * one window is the state before the next. Stream b starts at `ids[b * streamLength]`; fewer than
 * `batch` ids, and the steps after the last whole window, are left out of each pass.
 */
export class Streams {
  /** Streams side by side. */
  readonly batch: number;
  /** Steps of a window. */
  readonly seq: number;
  /** Positions per stream; each has an input id and the id after it as its target. */
  readonly streamLength: number;
  /** Whole windows in a pass over the text. */
  readonly windowsPerEpoch: number;
  readonly #ids: Ids;
  #epoch: number;
  #window: number;

  /**
   * @param ids [n] The text. It is not copied and must not change.
   * @param options.cursor To resume from; the beginning when left out.
   * @throws ArgumentError when batch or seq is not a positive integer, or when the cursor does not
   *   fit this text and window size.
   * @throws TextError when the text is shorter than one window.
   */
  constructor(ids: Ids, options: WindowSize & { cursor?: StreamCursor }) {
    checkOptions('Streams', options, { ...WINDOW_SIZE, cursor: true });
    const { batch, seq, cursor = { epoch: 0, window: 0 } } = options;
    requireWindowSize(batch, seq);
    this.#ids = ids;
    this.batch = batch;
    this.seq = seq;
    this.streamLength = Math.floor((ids.length - 1) / batch);
    this.windowsPerEpoch = Math.floor(this.streamLength / seq);
    if (this.windowsPerEpoch < 1) throw tooShort(ids.length, batch, seq);
    requireCursor(cursor, this.windowsPerEpoch);
    this.#epoch = cursor.epoch;
    this.#window = cursor.window;
  }

  /** A copy of the place of the next window. */
  get cursor(): StreamCursor {
    return { epoch: this.#epoch, window: this.#window };
  }

  /** A window of a pass, by its place: from 0 to `windowsPerEpoch` - 1. */
  window(index: number): Window {
    const { batch, seq } = this;
    return cutWindow(this.#ids, this.streamLength, { batch, seq, start: index * seq });
  }

  /** Takes the next window; after the last of a pass the streams begin again. */
  next(): Window {
    const window = this.window(this.#window);
    this.#window++;
    if (this.#window === this.windowsPerEpoch) {
      this.#epoch++;
      this.#window = 0;
    }
    return window;
  }
}

/**
 * Every window of a held-out text, once. `batch` is lowered to the number of positions, and the last
 * window may be shorter than `seq`, so that each position of the streams is seen; at most `batch - 1`
 * ids at the end of the text belong to no stream.
 *
 * @param ids [n] The text.
 * @throws ArgumentError when batch or seq is not a positive integer.
 * @throws TextError when the text has fewer than 2 ids. Both come at the call, not at the first
 *   window.
 */
export function evaluationWindows(ids: Ids, size: WindowSize): Generator<Window, void> {
  checkOptions('evaluationWindows', size, WINDOW_SIZE);
  const { seq } = size;
  requireWindowSize(size.batch, seq);
  if (ids.length < 2) {
    throw new TextError(
      `text too short to evaluate: ${ids.length} of at least 2 characters; ` +
        'use a longer text or a larger validation fraction',
    );
  }
  return cutWindows(ids, { batch: Math.min(size.batch, ids.length - 1), seq });
}

function* cutWindows(ids: Ids, { batch, seq }: WindowSize): Generator<Window, void> {
  const streamLength = Math.floor((ids.length - 1) / batch);
  for (let start = 0; start < streamLength; start += seq) {
    const steps = Math.min(seq, streamLength - start);
    yield cutWindow(ids, streamLength, { batch, seq: steps, start });
  }
}

/**
 * Splits a text into a first part to train on and a last part to validate on. Both are views of
 * `ids`.
 *
 * @param ids [n] The text.
 * @param validFraction Share of the text to hold out, in [0, 1).
 * @throws ArgumentError when the fraction is outside [0, 1).
 */
export function splitText(
  ids: Ids,
  validFraction: number,
): {
  /** The first floor(n * (1 - validFraction)) ids. */
  train: Ids;
  /** The rest. */
  valid: Ids;
} {
  if (!(validFraction >= 0 && validFraction < 1)) {
    throw new ArgumentError(`validFraction: expected a number in [0, 1), got ${validFraction}`);
  }
  const size = Math.floor(ids.length * (1 - validFraction));
  return { train: ids.subarray(0, size), valid: ids.subarray(size) };
}

/** The window of `seq` steps that begins `start` steps into every stream. */
function cutWindow(
  ids: Ids,
  streamLength: number,
  { batch, seq, start }: WindowSize & { start: number },
): Window {
  const inputs = new Int32Array(seq * batch);
  const targets = new Int32Array(seq * batch);
  for (let b = 0; b < batch; b++) {
    const origin = b * streamLength + start;
    for (let t = 0; t < seq; t++) {
      inputs[t * batch + b] = ids[origin + t];
      targets[t * batch + b] = ids[origin + t + 1];
    }
  }
  return { inputs, targets, seq, batch, first: start === 0 };
}

function requireWindowSize(batch: number, seq: number): void {
  for (const [name, value] of Object.entries({ batch, seq })) {
    if (!Number.isSafeInteger(value) || value < 1) {
      throw new ArgumentError(`${name}: expected a positive integer, got ${value}`);
    }
  }
}

function requireCursor({ epoch, window }: StreamCursor, windowsPerEpoch: number): void {
  const valid =
    Number.isSafeInteger(epoch) &&
    epoch >= 0 &&
    Number.isSafeInteger(window) &&
    window >= 0 &&
    window < windowsPerEpoch;
  if (valid) return;
  throw new ArgumentError(
    `cursor: {epoch: ${epoch}, window: ${window}} does not fit ${windowsPerEpoch} windows per ` +
      'epoch; resume with the same text, batch and seq, or leave the cursor out to start over',
  );
}

function tooShort(length: number, batch: number, seq: number): TextError {
  const positions = Math.max(0, length - 1);
  const ways = [
    positions >= seq && `batch <= ${Math.floor(positions / seq)} with seq ${seq}`,
    positions >= batch && `seq <= ${Math.floor(positions / batch)} with batch ${batch}`,
    'a longer text',
  ];
  return new TextError(
    `text shorter than one window: batch ${batch} x seq ${seq} needs ${batch * seq + 1} ` +
      `characters, got ${length}; use ${ways.filter(Boolean).join(', or ')}`,
  );
}
