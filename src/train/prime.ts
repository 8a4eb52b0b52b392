import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { slice } from '../ops/movement';
import { dispose, scope } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Ids } from '../text/ids';
import type { Unknown, Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { evalMode } from './eval_mode';

/**
 * What is read first: a line end where no prime is given.
 *
 * @throws TextError when `prime` has a character that the vocabulary lacks, and `unknown` does not tell
 *   what becomes of it.
 * @throws ArgumentError for an empty one, or where all of it is skipped.
 */
export function primeOf(vocabulary: Vocabulary, prime?: string, unknown?: Unknown): Ids {
  const start = prime ?? (vocabulary.has('\n') ? '\n' : vocabulary.character(0));
  if (typeof start !== 'string') {
    throw new ArgumentError(`prime = ${describeValue(start)}; a string is needed`);
  }
  if (start === '') throw new ArgumentError('prime is empty; give a character, or leave it out');
  const ids = vocabulary.encode(start, { unknown });
  if (ids.length > 0) return ids;
  throw new ArgumentError('prime = a text of unknown characters; give one that the model knows');
}

/** Characters of a prime that are read at once. */
const PRIME_WINDOW_CHARACTERS = 512;

/**
 * The state after a text that is only read, in windows and without logits.
 *
 * @param before The state before it, which stays as it is.
 */
export async function readPrime(
  model: CharModel,
  ids: Ids,
  before: readonly Tensor[],
): Promise<Tensor[]> {
  const { device } = model.decoder.weight;
  let state = scope(() => before.map((part) => slice(part, 0)));
  try {
    for (let at = 0; at < ids.length; at += PRIME_WINDOW_CHARACTERS) {
      const window = ids.subarray(at, at + PRIME_WINDOW_CHARACTERS);
      const next = evalMode(model, () =>
        model.read(tensor(device, window, [window.length, 1], { dtype: 'i32' }), state),
      );
      dispose(state);
      state = next;
      await device.finish();
    }
    return state;
  } catch (error) {
    dispose(state);
    throw error;
  }
}
