import type { ProxyMarked } from 'comlink';

import type { ErrorKinds } from '../../../src/text/index';
import type { Answer } from '../../shared/answer';

/** A model and n-grams on the text that was held out. */
export interface Mistakes {
  /** Training steps that the model had behind it. */
  step: number;
  /** The held-out text. */
  text: string;
  /** The probability of each of its characters under the model. */
  network: Float32Array;
  /** The same under n-gram models, of order 1 first. */
  ngrams: Float32Array[];
  kinds: ErrorKinds;
}

/** A nested part of the worker's service, which is called by its path. */
export interface ErrorsService extends ProxyMarked {
  /**
   * Has the model of the current run read the held-out text, in slices between training steps. Null
   * without a run, or where a later call or `stop` has ended it.
   *
   * @param told hears how many characters are read, of how many.
   */
  read(told: (done: number, all: number) => void): Promise<Answer<Mistakes | null>>;
  stop(): void;
}
