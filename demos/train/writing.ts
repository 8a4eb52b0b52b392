import { ArgumentError } from '../../src/errors';
import { sample as sampleCharacters, TextScorer } from '../../src/train/index';
import type { CharTrainer, SampleOptions } from '../../src/train/index';
import type { Sample } from './protocol';
import { macrotask } from '../shared/macrotask';

/** The same seed and length all along, so that samples differ by what was learnt. */
export const TIMELINE: SampleOptions = { length: 320, seed: 1 };
/** Characters of a sample: each is scored and shown with its alternatives. */
const MAX_CHARACTERS = 2000;
/** Milliseconds between two tellings. */
const EVENT_INTERVAL_MS = 100;

/** @throws ArgumentError for more characters than a sample may have here. */
export function checkLength({ length = 0 }: SampleOptions): void {
  if (length <= MAX_CHARACTERS) return;
  throw new ArgumentError(`length = ${length}; ${MAX_CHARACTERS} at a time are the most here`);
}

/** Who writes a sample. */
export type Writer = Pick<CharTrainer, 'model' | 'vocabulary'>;

/** Who hears of a sample, and may end it. */
export interface Reader {
  tell: (written: Pick<Sample, 'text' | 'scores' | 'done'>) => void;
  /** True where the sample is to end with what is written. */
  stopped: () => boolean;
  /** True where nobody hears of it any more. */
  over: () => boolean;
}

/** Has a model write, a character after the other, each with what the model thought of it. */
export async function writeSample(
  { model, vocabulary }: Writer,
  options: SampleOptions,
  { tell, stopped, over }: Reader,
): Promise<void> {
  const { prime } = options;
  const scorer = new TextScorer(model, vocabulary, prime === undefined ? {} : { prime });
  let text = '';
  let scores: Sample['scores'] = [];
  let scored = 0;
  const told = async (done: boolean) => {
    const more = await scorer.score(text.slice(scored));
    scored = text.length;
    scores = [...scores, ...more];
    tell({ text, scores, done });
  };
  try {
    let at = performance.now();
    for await (const character of sampleCharacters(model, vocabulary, options)) {
      text += character;
      if (performance.now() - at < EVENT_INTERVAL_MS) continue;
      await told(false);
      await macrotask();
      at = performance.now();
      if (over() || stopped()) break;
    }
    if (!over()) await told(true);
  } finally {
    scorer.dispose();
  }
}
