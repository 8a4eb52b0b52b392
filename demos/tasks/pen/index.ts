/**
 * Handwriting as it is written: the moves of a pen, read as digits (`pen`) or letters (`letters`) by a recogniser. The
 * hands are drawn by code, and a page reads a visitor's pen by the same frames.
 */
import { ArgumentError, Random } from 'lethe';

import type { Example } from '../example';
import { readingLines, readings } from '../recognition/readings';
import type { Recogniser } from '../recognition/recogniser';
import {
  describeUtterances,
  labelError,
  recognition,
  recognitionFigures,
  recognitionMeta,
  recognitionTraining,
} from '../recognition/task';
import type { RecognitionMeta } from '../recognition/task';
import { DIGITS, LETTERS } from './alphabet';
import { drawHand, write } from './hand';
import { penData, penLine } from './lines';
import type { PenData, PenLine } from './lines';
import { templateReader } from './templates';

interface Setting {
  readonly name: string;
  readonly title: string;
  readonly question: string;
  readonly symbols: readonly string[];
  readonly what: string;
  readonly lines: number;
  readonly epochs: number;
}

const WILDER = 'labelError of wilder hands';

function penTask(setting: Setting): Example<PenData, RecognitionMeta, Recogniser> {
  const { name, title, question, symbols, what, lines, epochs } = setting;
  return {
    name,
    title,
    data:
      `Bundled: lines of 1 to 5 ${what} from an alphabet of strokes, each in another hand; people write otherwise. ` +
      'Real: a file of ink to test on, each line of it {"text": "42", "strokes": [[[x, y], ...], ...]}, or a folder of ' +
      'single-line SVG fonts, which the npm package hersheytext has.',
    question,
    async load(source) {
      if (source === undefined) return penData(symbols, lines);
      const { readTest } = await import('./load');
      return penData(symbols, lines, await readTest(source, symbols));
    },
    describe: describeUtterances,
    baseline({ test, wild }) {
      const read = templateReader(symbols);
      const error = (lines: readonly PenLine[]) =>
        labelError(
          lines.map(({ ink }) => read(ink)),
          lines,
        );
      return {
        name: 'nearest templates of the pieces between pauses',
        metrics: { labelError: error(test), [WILDER]: error(wild) },
      };
    },
    meta: (data) =>
      recognitionMeta(data, {
        ...{ batchSize: 32, front: 0, cell: 'gru', hidden: 64, layers: 1, dropout: 0.1 },
      }),
    ...recognition,
    async test(model, data) {
      const { labelError } = await recognitionFigures(model, data.wild);
      return { ...(await recognition.test(model, data)), [WILDER]: labelError };
    },
    /** A text is written in a hand that was never learnt from, and read. */
    async ask(model, { alphabet }, input) {
      const text = input.trim();
      if (text === '') throw new ArgumentError(`${name}: nothing to write; give some ${what}`);
      const random = new Random(5);
      const { frames } = penLine(text, write(text, drawHand(random), random), alphabet);
      return readingLines(await readings(model, frames), alphabet).join('\n');
    },
    training: { ...recognitionTraining, epochs },
  };
}

export const pen = penTask({
  name: 'pen',
  title: 'Digits as a pen writes them: frames to labels by CTC',
  question: '40718',
  symbols: DIGITS,
  what: 'digits',
  lines: 6000,
  epochs: 14,
});

export const letters = penTask({
  name: 'letters',
  title: 'Letters as a pen writes them: frames to labels by CTC',
  question: 'lethe',
  symbols: LETTERS,
  what: 'lower-case letters',
  lines: 14_000,
  epochs: 16,
});
