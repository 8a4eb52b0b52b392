import { DataError } from 'lethe';
import { ctcAlign, ctcPosteriors } from 'lethe/ctc';

import { readings, spelt } from '../../tasks/recognition/readings';
import type { Readings } from '../../tasks/recognition/readings';
import type { Recogniser } from '../../tasks/recognition/recogniser';
import type { RecognitionMeta } from '../../tasks/recognition/task';
import { classesOf } from '../../tasks/recognition/utterances';
import type { Alignment, Reading } from '../protocol';

/**
 * Reads frames, and lines them up with their text.
 *
 * @param frames [time, features]
 * @param text what they say; left out where that is not known.
 */
export async function readingOf(
  model: Recogniser,
  { alphabet }: RecognitionMeta,
  frames: Float32Array,
  text?: string,
): Promise<Reading> {
  const read = await readings(model, frames);
  const { logProbs, greedy, beam } = read;
  const [time] = logProbs.shape;
  const target = text === undefined ? (beam.at(0)?.labels ?? []) : classesOf(text, alphabet);
  return {
    time,
    labels: ['', ...alphabet],
    probabilities: logProbs.data.map(Math.exp),
    frames,
    greedy: {
      text: spelt(greedy.labels, alphabet),
      probability: Math.exp(greedy.logProbability),
    },
    beam: beam.map(({ labels, logProbability }) => ({
      text: spelt(labels, alphabet),
      probability: Math.exp(logProbability),
    })),
    alignment: target.length === 0 ? null : alignmentOf(logProbs, target, alphabet),
  };
}

function alignmentOf(
  logProbs: Readings['logProbs'],
  target: readonly number[],
  alphabet: readonly string[],
): Alignment | null {
  try {
    const { data, states, logLikelihood } = ctcPosteriors(logProbs, target);
    const { spans } = ctcAlign(logProbs, target);
    return {
      text: spelt(target, alphabet),
      states: Array.from(states, (state) => alphabet[state - 1] ?? ''),
      posterior: Float32Array.from(data),
      path: Array.from({ length: logProbs.shape[0] }, (_, t) => {
        const within = spans.findIndex(({ start, end }) => start <= t && t < end);
        // Of the blanks, which have even numbers, the one behind the labels that are over.
        return within >= 0 ? 2 * within + 1 : 2 * spans.filter(({ end }) => end <= t).length;
      }),
      loss: -logLikelihood,
    };
  } catch (error) {
    // Fewer frames than the text needs, or no path with a probability: of one's own ink there may be.
    if (error instanceof DataError) return null;
    throw error;
  }
}
