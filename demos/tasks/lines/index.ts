/**
 * Lines of text in fonts that were never seen: a network reads the columns of a picture from both sides, and CTC
 * finds out which of them belong to which character.
 */
import { ArgumentError, Random } from 'lethe';
import { splitExamples } from 'lethe/data';
import { characterErrorRate } from 'lethe/metrics';

import { cutAndCompare } from '../baselines/cut_and_compare';
import type { Example } from '../example';
import { lineFrames, textArt } from '../recognition/line';
import type { Line } from '../recognition/line';
import type { Recogniser } from '../recognition/recogniser';
import { readingLines, readings, spelt } from '../recognition/readings';
import {
  describeUtterances,
  recognition,
  recognitionMeta,
  recognitionTraining,
} from '../recognition/task';
import type { RecognitionMeta } from '../recognition/task';
import { classesOf } from '../recognition/utterances';
import type { RecognitionData, Utterance } from '../recognition/utterances';
import { drawText, ROWS } from './draw';
import { DRAWN, drawnFont } from './drawn_fonts';
import type { Outlines } from './outlines';
import { textLine, wordsOf } from './text';

const WINDOWS = { width: 6, stride: 2 };
/** The characters of fonts that are given. */
const PRINTED = Array.from(
  ' ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,;:!?\'"()-',
);

type Part = 'train' | 'valid' | 'test';

interface WrittenLine {
  readonly text: string;
  readonly line: Line;
}

interface LinesData extends RecognitionData {
  readonly fonts: Readonly<Record<Part, readonly Outlines[]>>;
  /** The lines that `test` has the frames of. */
  readonly lines: readonly WrittenLine[];
}

interface LinesMeta extends RecognitionMeta {
  /** A font to write with, one of those that are held out. */
  readonly font: Outlines;
}

function drawnFonts(): LinesData['fonts'] {
  const fonts = (count: number, from: number, heldOut: boolean) =>
    Array.from({ length: count }, (_, i) => drawnFont(from + i, heldOut));
  return { train: fonts(60, 1, false), valid: fonts(10, 1, true), test: fonts(20, 11, true) };
}

async function givenFonts(folder: string): Promise<LinesData['fonts']> {
  const { loadFonts } = await import('./load');
  const fonts = await loadFonts(folder, PRINTED, 10);
  const [train, valid, test] = splitExamples(fonts, [0.7, 0.1, 0.2], 1);
  return { train, valid, test };
}

/** Lines in the fonts in turn, of the text between two shares of it. */
function writtenLines(
  fonts: readonly Outlines[],
  alphabet: readonly string[],
  { count, longest, from, to }: Record<'count' | 'longest' | 'from' | 'to', number>,
): WrittenLine[] {
  const random = new Random(count);
  const all = wordsOf(alphabet);
  const words = all.slice(Math.floor(from * all.length), Math.floor(to * all.length));
  // Only what is learnt from has words of no language.
  const nonsense = from === 0 ? alphabet.filter((character) => character !== ' ') : [];
  return Array.from({ length: count }, (_, i) => {
    const text = textLine(words, longest, random, nonsense);
    return { text, line: drawText(text, fonts[i % fonts.length], random) };
  });
}

/** Lines to learn from, to choose by and to test with, of other fonts and other pages of the text each. */
export function linesData(
  fonts: LinesData['fonts'],
  alphabet: readonly string[],
  { counts, longest }: { counts: readonly [number, number, number]; longest: number },
): LinesData {
  const ends = [0, 0.8, 0.9, 1];
  const parts = ([fonts.train, fonts.valid, fonts.test] as const).map((some, i) => {
    const settings = { count: counts[i], longest, from: ends[i], to: ends[i + 1] };
    return writtenLines(some, alphabet, settings);
  });
  const [train, valid, test] = parts.map((lines) =>
    lines.map(({ text, line }): Utterance => ({
      frames: lineFrames(line, WINDOWS),
      labels: classesOf(text, alphabet),
    })),
  );
  return { train, valid, test, lines: parts[2], fonts, alphabet, features: WINDOWS.width * ROWS };
}

export const lines: Example<LinesData, LinesMeta, Recogniser> = {
  name: 'lines',
  title: 'Lines of text in fonts never seen, by CTC',
  data:
    'Bundled: small letters and digits in 90 fonts drawn by code, those to test with bolder, wider or more slanted. ' +
    'Real: all fonts of npm packages @fontsource/NAME (OFL-1.1, most of them): npm install --no-save ' +
    '@fontsource/lato @fontsource/lora ..., then lethe task lines node_modules/@fontsource',
  question: 'the bell rang twice',

  async load(source) {
    return source === undefined
      ? linesData(drawnFonts(), DRAWN, { longest: 12, counts: [4000, 300, 600] })
      : linesData(await givenFonts(source), PRINTED, { longest: 24, counts: [6000, 300, 600] });
  },

  describe(data) {
    const { train, valid, test } = data.fonts;
    const names = test.slice(0, 8).map(({ name }) => name);
    return (
      `${describeUtterances(data)}; in ${train.length}, ${valid.length} and ${test.length} fonts ` +
      `(to test: ${names.join(', ')}${test.length > names.length ? ', ...' : ''})`
    );
  },

  baseline({ fonts, lines, alphabet }) {
    const random = new Random(1);
    const known = fonts.train.flatMap((font) =>
      alphabet.flatMap((character, i) =>
        character === ' ' ? [] : [{ label: i + 1, line: drawText(character, font, random) }],
      ),
    );
    const read = cutAndCompare(known, { label: alphabet.indexOf(' ') + 1, gap: 0.16 });
    return {
      name: 'cut where no ink is, and the nearest character',
      metrics: {
        labelError: characterErrorRate(
          lines.map(({ line }) => spelt(read(line), alphabet)),
          lines.map(({ text }) => text),
        ),
      },
    };
  },

  meta: (data) => ({
    ...recognitionMeta(data, {
      ...{ batchSize: 16, front: 128, cell: 'lstm', hidden: 96, layers: 1, dropout: 0.1 },
    }),
    font: data.fonts.test[0],
  }),

  ...recognition,

  async ask(model, { alphabet, font }, input) {
    const lacking = Array.from(input).find((character) => !alphabet.includes(character));
    if (lacking !== undefined || input.trim() === '') {
      throw new ArgumentError(
        `lines: --ask ${input}; a line of these characters is needed: ${alphabet.join('').trim()}`,
      );
    }
    const line = drawText(input, font, new Random(input.length));
    const read = await readings(model, lineFrames(line, WINDOWS));
    return [`in ${font.name}`, ...textArt(line), ...readingLines(read, alphabet)].join('\n');
  },

  training: { epochs: 10, ...recognitionTraining },
};
