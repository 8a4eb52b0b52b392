import { DataError } from 'lethe';

import type { Lesson } from '../../learn/lesson';
import type { Example } from '../../tasks/example';
import { strokesToFrames } from '../../tasks/pen/ink';
import { drawLines, penData } from '../../tasks/pen/lines';
import type { PenData } from '../../tasks/pen/lines';
import type { Recogniser } from '../../tasks/recognition/recogniser';
import type { RecognitionMeta } from '../../tasks/recognition/task';
import type { Reading, PenSettings, Written } from '../protocol';
import { readingOf } from './reading';

type PenLesson = Lesson<PenSettings, Written, Reading, Recogniser, RecognitionMeta>;
type PenExample = Example<PenData, RecognitionMeta, Recogniser>;

/** Lines that the figures of a training in the page are of. */
const TEST_LINES = 200;

/** Reads the visitor's pen, and trains on fewer lines than the task. */
export const penLesson = (example: PenExample, symbols: readonly string[]): PenLesson => ({
  example: (settings) => (settings === undefined ? example : shortened(example, symbols, settings)),
  evaluations: 32,
  async answer(model, meta, { ink, text }) {
    const frames = strokesToFrames(ink);
    if (frames.length === 0) throw new DataError('nothing is written yet');
    return readingOf(model, meta, frames, text);
  },
});

function shortened(
  example: PenExample,
  symbols: readonly string[],
  { lines }: PenSettings,
): PenExample {
  const load = async () => penData(symbols, lines, drawLines(symbols, TEST_LINES, 3));
  return { ...example, load };
}
