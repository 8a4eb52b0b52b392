/** What a recogniser reads, and batches of it. */
import { DataError } from 'lethe';
import { bucketBatches } from 'lethe/data';
import type { Batches, BucketBatches, HostArray } from 'lethe/data';

/** Frames, and the labels that they are to be read as; nobody says which frame has which label. */
export interface Utterance {
  /** [time, features], row-major: of writing the columns of a picture, of sound its spectra. */
  readonly frames: Float32Array;
  /** Classes from 1 on, class c the label `alphabet[c - 1]`; 0 is the blank. */
  readonly labels: readonly number[];
}

export interface RecognitionData {
  /** What is learnt from; in the first epoch, if others are drawn for later ones. */
  readonly train: readonly Utterance[];
  /** As many utterances for each later epoch, from 1 on, the same for the same number. */
  drawAnew?(epoch: number): readonly Utterance[];
  readonly valid: readonly Utterance[];
  readonly test: readonly Utterance[];
  /** Numbers in a frame. */
  readonly features: number;
  /** The labels, class 1 first. */
  readonly alphabet: readonly string[];
}

/** Frames [time, batch, features] and labels [batch, longest], padded, and how many each has [batch]. */
export type UtteranceBatch = Readonly<
  Record<'frames' | 'frameCounts' | 'labels' | 'labelCounts', HostArray>
>;

/** Class numbers of a text's characters, or of a list of labels. */
export function classesOf(labels: Iterable<string>, alphabet: readonly string[]): number[] {
  return Array.from(labels, (label) => {
    const place = alphabet.indexOf(label);
    if (place >= 0) return place + 1;
    throw new DataError(`"${label}" is none of the labels: ${alphabet.join(' ')}`);
  });
}

/** Frames that labels need at least: one each, and a blank between equal neighbours. */
export function framesNeeded(labels: readonly number[]): number {
  return labels.filter((label, i) => label === labels[i - 1]).length + labels.length;
}

interface Settings {
  readonly batchSize: number;
  readonly seed: number;
  readonly shuffle?: boolean;
}

/**
 * Utterances of similar lengths side by side.
 *
 * @throws DataError for one with too few frames for its labels, by its number.
 */
export function utteranceBatches(
  utterances: readonly Utterance[],
  features: number,
  settings: Settings,
): BucketBatches<Utterance, UtteranceBatch> {
  for (const [i, { frames, labels }] of utterances.entries()) {
    const [count, needed] = [frames.length / features, framesNeeded(labels)];
    if (count >= Math.max(1, needed) && Number.isInteger(count)) continue;
    throw new DataError(
      `utterance ${i} has ${count} frames of ${features} features, and its ${labels.length} labels need ` +
        `${needed}; leave it out, or take more frames`,
    );
  }
  return bucketBatches(utterances, {
    ...settings,
    maxShapes: 8,
    lengthOf: ({ frames, labels }) => [
      roundUp(frames.length / features, FRAMES),
      roundUp(labels.length, LABELS),
    ],
    collate: (rows, [time, longest]) => collate(rows, { features, time, longest }),
  });
}

/** What frames and labels are padded to a multiple of, so that each epoch has the same shapes, or nearly. */
const [FRAMES, LABELS] = [8, 4];

const roundUp = (count: number, step: number): number =>
  Math.max(1, Math.ceil(count / step)) * step;

/** Batches to learn from: of the same utterances in each epoch, or of those that are drawn for it. */
export function trainingBatches(
  { train, drawAnew }: Pick<RecognitionData, 'train' | 'drawAnew'>,
  features: number,
  settings: Settings,
): Batches<UtteranceBatch> {
  const first = utteranceBatches(train, features, settings);
  if (!drawAnew) return first;
  let drawn = { epoch: 0, batches: first };
  return {
    perEpoch: first.perEpoch,
    batch(epoch, index) {
      if (epoch !== drawn.epoch) {
        const utterances = epoch === 0 ? train : drawAnew(epoch);
        drawn = { epoch, batches: utteranceBatches(utterances, features, settings) };
      }
      return drawn.batches.batch(epoch, index);
    },
  };
}

/** Utterances side by side: frames padded to `time`, labels to `longest`, both with 0. */
export function collate(
  utterances: readonly Utterance[],
  { features, time, longest }: { features: number; time: number; longest: number },
): UtteranceBatch {
  const batch = utterances.length;
  const frames = new Float32Array(time * batch * features);
  const labels = new Int32Array(batch * longest);
  for (const [b, utterance] of utterances.entries()) {
    labels.set(utterance.labels, b * longest);
    const count = utterance.frames.length / features;
    for (let t = 0; t < count; t++) {
      const frame = utterance.frames.subarray(t * features, (t + 1) * features);
      frames.set(frame, (t * batch + b) * features);
    }
  }
  const counts = (of: (utterance: Utterance) => number): HostArray => ({
    shape: [batch],
    data: Int32Array.from(utterances, of),
  });
  return {
    frames: { shape: [time, batch, features], data: frames },
    frameCounts: counts((utterance) => utterance.frames.length / features),
    labels: { shape: [batch, longest], data: labels },
    labelCounts: counts((utterance) => utterance.labels.length),
  };
}
