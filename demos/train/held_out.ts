import { TextError } from '../../src/errors';
import { encodeText, MAX_ORDER, ngramScores, splitText } from '../../src/text/index';
import type { Ids, Vocabulary } from '../../src/text/index';
import { modelOf, onCpu } from './model_copy';
import type { Snapshot } from './model_copy';
import { readProbabilities } from './probabilities';
import type { Proceed } from './probabilities';
import { MAX_NGRAM_CHARACTERS } from './text_protocol';

/** A text in its two parts, in ids of a model's vocabulary. */
export interface Parts {
  readonly train: Ids;
  readonly valid: Ids;
}

/**
 * Splits a text as the run did that was trained on it.
 *
 * @throws TextError where nothing is held out.
 */
export function partsOf(text: string, { config, vocabulary }: Snapshot): Parts {
  const parts = splitText(encodeText(text).in(vocabulary).ids, config.validFraction);
  if (parts.valid.length > 0) return parts;
  throw new TextError(
    'Nothing of the text is held out. Give a share to hold out in the settings of a new run.',
  );
}

/** The probability of each character of `valid` under n-gram models of the orders 1, 2, ... `orders`. */
export async function ngramProbabilities(
  { train, valid }: Parts,
  vocabularySize: number,
  orders: number,
  proceed: Proceed,
): Promise<Float32Array<ArrayBuffer>[]> {
  const found: Float32Array<ArrayBuffer>[] = [];
  const counted = train.subarray(0, MAX_NGRAM_CHARACTERS);
  const maxOrder = Math.min(orders, MAX_ORDER);
  for (const { probabilities } of ngramScores(counted, valid, { vocabularySize, maxOrder })) {
    found.push(Float32Array.from(probabilities));
    await proceed();
  }
  return found;
}

/** The probability of each character of a text under a model in training as it was. */
export async function snapshotProbabilities(
  { config, parameters, vocabulary }: Snapshot,
  ids: Ids,
  proceed: Proceed,
  told?: (done: number) => void,
): Promise<Float32Array<ArrayBuffer>> {
  return onCpu((device) => {
    const model = modelOf(device, vocabulary.size, config, { parameters });
    return readProbabilities(model, vocabulary, ids, proceed, told);
  });
}

/** The n-grams of the text that was asked about last: they stay the same while a model learns. */
export class NgramCache {
  #key: readonly [string, Vocabulary, number] | undefined;
  #found: Float32Array<ArrayBuffer>[] = [];

  async of(
    text: string,
    { vocabulary, config }: Snapshot,
    work: () => Promise<Float32Array<ArrayBuffer>[]>,
  ): Promise<Float32Array<ArrayBuffer>[]> {
    const key = [text, vocabulary, config.validFraction] as const;
    if (!this.#key?.every((part, i) => part === key[i])) {
      this.#found = await work();
      this.#key = key;
    }
    return this.#found;
  }
}
