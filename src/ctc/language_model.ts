import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import type { NgramModel } from '../text/ngram_model';
import { checkBlank } from './frames';

/**
 * What tells `ctcBeamSearch` how probable a label is behind those before it. It is asked for labels, never for
 * the blank, and keeps what it remembers in a state for each prefix.
 *
 * A recurrent model fits as well: `state` holds its hidden state and the log-probabilities of the next label, so
 * that `next` looks one up, and the state behind a label is computed when it is first asked. It is called from
 * within the search, so its step has to be one on the host; a model on a device can order the n best instead.
 */
export interface CtcLanguageModel<S = unknown> {
  /** Before the first label. */
  start(): S;
  /**
   * ln of the probability of `label` behind `state`, and the state behind that. -Infinity forbids the label. A
   * state is not to change once it was given: several prefixes go on from it.
   */
  next(state: S, label: number): { logProbability: number; state: S };
}

export interface NgramLanguageModelOptions {
  /** The class that is no label: 0 when left out. The classes but this one, in order, are the ids of the n-grams. */
  blank?: number;
}

const NGRAM_LANGUAGE_MODEL: OptionNames<NgramLanguageModelOptions> = { blank: true };

/**
 * An n-gram model over the labels of a network whose classes are the ids of a vocabulary and one blank among
 * them: class c is id c, or c - 1 from the blank on.
 */
export function ngramLanguageModel(
  model: NgramModel,
  options: NgramLanguageModelOptions = {},
): CtcLanguageModel<number> {
  checkOptions('ngramLanguageModel', options, NGRAM_LANGUAGE_MODEL);
  const { blank = 0 } = options;
  checkBlank('ngramLanguageModel', blank, model.vocabularySize + 1);
  return {
    start: () => model.start(),
    next: (state, label) => model.next(state, label > blank ? label - 1 : label),
  };
}
