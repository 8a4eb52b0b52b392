import type { Ids, Vocabulary } from '../../src/text/index';
import { TextScorer } from '../../src/train/index';
import type { CharModel } from '../../src/train/index';
import { macrotask } from '../shared/macrotask';

/** Characters that a model reads before messages are let in. */
const SLICE_CHARACTERS = 250;

/** What was asked for is not wanted any more. */
export class Superseded extends Error {}

/** Lets messages in; throws `Superseded` where something else was asked for meanwhile. */
export type Proceed = () => Promise<void>;

/** Makes what each question calls between its slices: only the latest question goes on. */
export class Questions {
  #latest = 0;

  begin(): Proceed {
    const mine = ++this.#latest;
    return async () => {
      await macrotask();
      if (mine !== this.#latest) throw new Superseded();
    };
  }

  /** Ends the one under way. */
  stop(): void {
    this.#latest++;
  }
}

/** The probability of each character of a text under a model, which reads it once from an empty memory. */
export async function readProbabilities(
  model: CharModel,
  vocabulary: Vocabulary,
  ids: Ids,
  proceed: Proceed = () => Promise.resolve(),
  told: (done: number) => void = () => {},
): Promise<Float32Array<ArrayBuffer>> {
  const result = new Float32Array(ids.length);
  const scorer = new TextScorer(model, vocabulary, { alternatives: 0 });
  try {
    for (let at = 0; at < ids.length; at += SLICE_CHARACTERS) {
      const part = vocabulary.decode(ids.subarray(at, at + SLICE_CHARACTERS));
      const scores = await scorer.score(part);
      for (const [i, { probability }] of scores.entries()) result[at + i] = probability;
      told(at + scores.length);
      await proceed();
    }
  } finally {
    scorer.dispose();
  }
  return result;
}
