/**
 * The shape of lip-reading: frames of a mouth to words. Clips are drawn by code; some words look alike, and which of
 * them was said cannot be seen.
 */
import { ArgumentError, Random } from 'lethe';
import { wordTokens } from 'lethe/data';

import type { Example } from '../example';
import { readingLines, readings } from '../recognition/readings';
import type { Recogniser } from '../recognition/recogniser';
import {
  describeUtterances,
  labelError,
  recognition,
  recognitionMeta,
  recognitionTraining,
} from '../recognition/task';
import type { RecognitionMeta } from '../recognition/task';
import type { RecognitionData, Utterance } from '../recognition/utterances';
import { drawClip, drawClips, PIXELS } from './clips';
import { templateReader } from './templates';
import { LOOKS_LIKE, unseen, VOCABULARY } from './words';

/** Errors, and those that remain where words that look alike count as one. */
function errors(read: readonly (readonly number[])[], clips: readonly Utterance[]) {
  const looks = (labels: readonly number[]) => labels.map((label) => LOOKS_LIKE[label]);
  return {
    labelError: labelError(read, clips),
    'labelError of looks': labelError(
      read.map(looks),
      clips.map(({ frames, labels }) => ({ frames, labels: looks(labels) })),
    ),
  };
}

export const lips: Example<RecognitionData, RecognitionMeta, Recogniser> = {
  name: 'lips',
  title: 'Words by the look of a mouth: frames of a clip to labels by CTC',
  data:
    'Clips of 16 x 16 pixels, drawn by code: faces differ in place, light and pace. They are far from filmed faces, and ' +
    'there is no real set.',
  question: 'bat you far',
  async load(source) {
    if (source !== undefined) {
      throw new ArgumentError(`lips: DATA = ${source}; its clips are drawn by code: leave it out`);
    }
    const [train, valid, test] = [1500, 100, 300].map((count, i) => drawClips(count, i + 1));
    return { train, valid, test, features: PIXELS, alphabet: VOCABULARY };
  },
  describe: (data) =>
    `${describeUtterances(data)}; ${(100 * unseen()).toFixed(1)} % of the words cannot be told by their look`,
  baseline({ test }) {
    return {
      name: 'nearest words between rests, by time warping',
      metrics: errors(test.map(templateReader()), test),
    };
  },
  meta: (data) =>
    recognitionMeta(data, {
      ...{ batchSize: 16, front: 48, cell: 'gru', hidden: 64, layers: 1, dropout: 0.1 },
    }),
  ...recognition,
  async test(model, data) {
    const read: number[][] = [];
    for (const { frames } of data.test) {
      read.push((await readings(model, frames, { width: 1, nBest: 1 })).greedy.labels);
    }
    return { ...(await recognition.test(model, data)), ...errors(read, data.test) };
  },
  /** The words are said by a face that was never seen, and read. */
  async ask(model, { alphabet }, input) {
    const words = wordTokens(input, { lowerCase: true });
    if (words.length === 0)
      throw new ArgumentError(`lips: nothing to say; give ${alphabet.join(', ')}`);
    const { frames } = drawClip(words, new Random(5));
    return readingLines(await readings(model, frames), alphabet).join('\n');
  },
  training: { ...recognitionTraining, epochs: 20 },
};
