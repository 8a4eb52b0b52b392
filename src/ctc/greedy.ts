import { ShapeError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { checkBlank, eachSequence } from './frames';
import type { CtcFrames, CtcLengths, LogProbabilities } from './frames';

/** What `ctcGreedy` and `CtcGreedyStream` take. */
export interface CtcGreedyOptions {
  /** The class that is no label: 0 when left out. */
  blank?: number;
}

const STREAM: OptionNames<CtcGreedyOptions> = { blank: true };
const GREEDY: OptionNames<CtcGreedyOptions & CtcLengths> = { ...STREAM, lengths: true };

/** A label, and the frames that it was read from. */
export interface CtcSpan {
  /** The class, never the blank. */
  readonly label: number;
  /** The first frame. */
  readonly start: number;
  /** One after the last frame. */
  readonly end: number;
  /** The probability that the network gives to the label, the mean of these frames. */
  readonly confidence: number;
}

/** What `ctcGreedy` reads. */
export interface CtcReading {
  /** The classes that are read, repetitions merged and blanks left out. */
  readonly labels: number[];
  /** One for each label. */
  readonly spans: CtcSpan[];
  /** ln of the probability of the path: one of those that spell the labels. */
  readonly logProbability: number;
}

/**
 * Best path decoding (Graves et al., 2006): the most probable class of each frame, equal ones in a row
 * merged, and then blanks dropped. So two equal labels in a row need a blank between them. Of equal
 * classes the first counts. The most probable labels may be others, which `ctcBeamSearch` looks for.
 *
 * @param frames [time, classes] of one sequence; [time, batch, classes] with `lengths`, for a list of results.
 * @throws ShapeError or ArgumentError for what does not fit, NonFiniteError for NaN, by the number of the frame.
 * @example
 * ```ts
 * import { ctcGreedy } from 'lethe/ctc';
 *
 * const data = [0, 5, 0, 0, 5, 0, 5, 0, 0, 0, 0, 5]; // logits of [time, classes]
 * console.log(ctcGreedy({ shape: [4, 3], data }).labels); // [ 1, 2 ]
 * ```
 */
export function ctcGreedy(frames: CtcFrames, options?: CtcGreedyOptions): CtcReading;
export function ctcGreedy(frames: CtcFrames, options: CtcGreedyOptions & CtcLengths): CtcReading[];
export function ctcGreedy(
  frames: CtcFrames,
  options: CtcGreedyOptions & Partial<CtcLengths> = {},
): CtcReading | CtcReading[] {
  checkOptions('ctcGreedy', options, GREEDY);
  const { blank = 0, lengths } = options;
  return eachSequence('ctcGreedy', frames, lengths, (sequence): CtcReading => {
    checkBlank('ctcGreedy', blank, sequence.classes);
    let logProbability = 0;
    for (const [t, c] of sequence.likeliest.entries()) logProbability += sequence.at(t)[c];
    const spans = spansOf(sequence, blank);
    return { labels: spans.map(({ label }) => label), spans, logProbability };
  });
}

/** The runs of equal classes, but for blanks. */
function spansOf(sequence: LogProbabilities, blank: number): CtcSpan[] {
  const path = sequence.likeliest;
  const spans: CtcSpan[] = [];
  for (let start = 0, end = 0; start < path.length; start = end) {
    const label = path[start];
    let sum = 0;
    for (; end < path.length && path[end] === label; end++)
      sum += Math.exp(sequence.at(end)[label]);
    if (label !== blank) spans.push({ label, start, end, confidence: sum / (end - start) });
  }
  return spans;
}

/** A label, as a stream meets it. */
export interface CtcOnset {
  /** The class, never the blank. */
  readonly label: number;
  /** Where it begins, counted over all that was pushed. */
  readonly frame: number;
  /** Its probability in that frame. */
  readonly confidence: number;
}

/**
 * `ctcGreedy` of frames that come bit by bit, as from a microphone: however they are divided, the labels
 * are the same. It remembers the last class and the number of frames.
 *
 *     const stream = new CtcGreedyStream();
 *     for (const { label } of stream.push({ shape: [n, classes], data })) write(label);
 *
 * @example
 * ```ts
 * import { CtcGreedyStream } from 'lethe/ctc';
 *
 * const stream = new CtcGreedyStream();
 * stream.push({ shape: [2, 3], data: [0, 9, 0, 0, 9, 0] }); // two frames of three classes
 * const heard = stream.push({ shape: [2, 3], data: [9, 0, 0, 0, 0, 9] });
 * console.log(heard.map(({ label, frame }) => [label, frame])); // [ [ 2, 3 ] ]
 * ```
 */
export class CtcGreedyStream {
  /** The class of the blank. */
  readonly blank: number;
  #frames = 0;
  #classes = 0;
  #last = -1;

  constructor(options: CtcGreedyOptions = {}) {
    checkOptions('CtcGreedyStream', options, STREAM);
    const { blank = 0 } = options;
    checkBlank('CtcGreedyStream', blank);
    this.blank = blank;
  }

  /** Frames pushed so far. */
  get frames(): number {
    return this.#frames;
  }

  /**
   * The labels that begin in these frames.
   *
   * @param frames [time, classes]
   * @throws as `ctcGreedy`, and ShapeError for another number of classes than before. Nothing is taken then.
   */
  push(frames: CtcFrames): CtcOnset[] {
    return eachSequence('CtcGreedyStream', frames, undefined, (sequence) => {
      const { classes } = sequence;
      checkBlank('CtcGreedyStream', this.blank, classes);
      if (this.#frames > 0 && classes !== this.#classes) {
        throw new ShapeError(
          `CtcGreedyStream: these frames have ${classes} classes, and those before ${this.#classes}; call reset() first`,
        );
      }
      this.#classes = classes;
      const onsets: CtcOnset[] = [];
      for (const [t, label] of sequence.likeliest.entries()) {
        const frame = this.#frames++;
        if (label !== this.#last && label !== this.blank) {
          onsets.push({ label, frame, confidence: Math.exp(sequence.at(t)[label]) });
        }
        this.#last = label;
      }
      return onsets;
    }) as CtcOnset[];
  }

  /** Begins another sequence. */
  reset(): void {
    this.#frames = 0;
    this.#last = -1;
  }
}
