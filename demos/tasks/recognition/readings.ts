/** What a recogniser makes of one utterance, for people to look at. */
import { logSoftmax } from 'lethe';
import { ctcBeamSearch, ctcGreedy } from 'lethe/ctc';
import type { CtcBeamSearchOptions, CtcHypothesis, CtcReading } from 'lethe/ctc';
import { batchTensors, evalMode } from 'lethe/train';

import type { Recogniser } from './recogniser';
import { collate } from './utterances';

export interface Readings {
  /** [time, classes] ln of the probability of each class in each frame; class 0 is the blank. `lethe/ctc` takes it. */
  readonly logProbs: { readonly shape: readonly [number, number]; readonly data: Float32Array };
  /** The likeliest class of each frame, merged: its labels, and where each was read. */
  readonly greedy: CtcReading;
  /** The likeliest labels, the best first. */
  readonly beam: readonly CtcHypothesis[];
}

/**
 * Reads one utterance, by greedy decoding and by beam search.
 *
 * @param frames [time, features]
 * @param options of the beam search; the three best of 20 when left out.
 */
export async function readings(
  model: Recogniser,
  frames: Float32Array,
  options: CtcBeamSearchOptions = {},
): Promise<Readings> {
  const { features, classes } = model.sizes;
  const time = frames.length / features;
  const batch = collate([{ frames, labels: [] }], { features, time, longest: 1 });
  const values = evalMode(model, () => {
    const { frames, frameCounts } = batchTensors(model.device, batch);
    return logSoftmax(model.forward(frames, frameCounts), 2);
  });
  const data = Float32Array.from(await values.data());
  values.dispose();
  const logProbs = { shape: [time, classes] as const, data };
  return {
    logProbs,
    greedy: ctcGreedy(logProbs),
    beam: ctcBeamSearch(logProbs, { width: 20, nBest: 3, prune: -8, ...options }),
  };
}

/** Labels as text: characters side by side, words with spaces between. */
export function spelt(labels: readonly number[], alphabet: readonly string[]): string {
  const words = alphabet.some((label) => label.length > 1);
  return labels.map((label) => alphabet[label - 1]).join(words ? ' ' : '');
}

/** What was read as lines of text: greedily, then the beam's labels with their share of all alignments. */
export function readingLines({ greedy, beam }: Readings, alphabet: readonly string[]): string[] {
  const percent = (logProbability: number): string =>
    `${(100 * Math.exp(logProbability)).toFixed(1).padStart(5)} %`;
  return [
    `greedy ${' '.repeat(9)}${spelt(greedy.labels, alphabet)}`,
    ...beam.map(
      ({ labels, logProbability }) =>
        `beam ${percent(logProbability)}   ${spelt(labels, alphabet)}`,
    ),
  ];
}
