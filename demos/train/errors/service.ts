import { proxy } from 'comlink';

import { errorKinds } from '../../../src/text/index';
import { answer } from '../../shared/answer';
import { snapshotProbabilities, NgramCache, ngramProbabilities, partsOf } from '../held_out';
import { snapshot } from '../model_copy';
import { Questions, Superseded } from '../probabilities';
import type { Run } from '../run';
import type { ErrorsService, Mistakes } from './protocol';

/** Orders of n-grams to compare with, and those that explain an error. */
const [ORDERS, EXPLAINING_ORDERS] = [10, 9];

/** What the worker does for this view. */
export function errorsService(current: () => Run | undefined): ErrorsService {
  const questions = new Questions();
  const cache = new NgramCache();

  async function read(told: (done: number, all: number) => void): Promise<Mistakes | null> {
    const proceed = questions.begin();
    const run = current();
    const taken = await run?.look(snapshot);
    if (!run || !taken) return null;
    const { text } = run.source;
    const { vocabulary, step } = taken;
    const parts = partsOf(text, taken);
    const ngrams = await cache.of(text, taken, () =>
      ngramProbabilities(parts, vocabulary.size, ORDERS, proceed),
    );
    const { valid } = parts;
    const network = await snapshotProbabilities(taken, valid, proceed, (done) => {
      told(done, valid.length);
    });
    const heldOut = vocabulary.decode(valid);
    const kinds = errorKinds(heldOut, network, {
      train: vocabulary.decode(parts.train),
      ngrams: ngrams.slice(0, EXPLAINING_ORDERS),
    });
    return { step, text: heldOut, network, ngrams, kinds };
  }

  return proxy({
    read: (told: (done: number, all: number) => void) =>
      answer(() =>
        read(told).catch((error: unknown) => {
          if (error instanceof Superseded) return null;
          throw error;
        }),
      ),
    stop: () => questions.stop(),
  });
}
