import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { NgramModel } from '../text/ngram_model';
import { checkBlank } from './frames';

/**
 * What tells `ctcBeamSearch` how probable a label is behind those before it. It is asked for labels, never for
 * the blank, and keeps what it remembers in a state for each prefix.
 *
 * It is called from within the search, label by label. A network is asked better for many prefixes at once
 * ({@link CtcBatchLanguageModel}).
 */
export interface CtcLanguageModel<S = unknown> {
  /** How many classes it is made for, the blank among them: a search over others refuses it. Not looked at when left out. */
  readonly classes?: number;
  /** The class that it takes for the blank, likewise. */
  readonly blank?: number;
  /** Before the first label. */
  start(): S;
  /**
   * What `label` makes of the prefix behind `state`. A state is not to change once it was given: several prefixes go
   * on from it.
   */
  next(
    state: S,
    label: number,
  ): {
    /** ln of the probability of the label; -Infinity forbids it. */
    logProbability: number;
    /** Behind the label. */
    state: S;
  };
}

/** What a language model makes of a prefix. */
export interface CtcNextLabels<S = unknown> {
  /** What the model remembers of the prefix; it does not change once it was given. */
  readonly state: S;
  /**
   * [classes] ln of the probability of each class as the next label. -Infinity forbids one; that of the blank is
   * not looked at.
   */
  readonly logProbabilities: ArrayLike<number>;
}

/**
 * What tells `ctcBatchBeamSearch` how probable labels are behind a prefix: once for each prefix that comes into the
 * beam, for those of a frame together. `charLanguageModel` of `lethe/train` makes one of a character model.
 */
export interface CtcBatchLanguageModel<S = unknown> {
  /** As of {@link CtcLanguageModel}. */
  readonly classes?: number;
  /** As of {@link CtcLanguageModel}. */
  readonly blank?: number;
  /** Before the first label. */
  start(): CtcNextLabels<S> | Promise<CtcNextLabels<S>>;
  /** For each i, what follows labels[i] behind states[i]. Several may go on from one state, which does not change. */
  next(
    states: readonly S[],
    labels: readonly number[],
  ): readonly CtcNextLabels<S>[] | Promise<readonly CtcNextLabels<S>[]>;
}

/** What `ngramLanguageModel` takes. */
export interface NgramLanguageModelOptions {
  /** The class that is no label: 0 when left out. The classes but this one, in order, are the ids of the n-grams. */
  blank?: number;
}

const NGRAM_LANGUAGE_MODEL: OptionNames<NgramLanguageModelOptions> = { blank: true };

/**
 * An n-gram model over the labels of a network whose classes are the ids of a vocabulary and one blank among
 * them: class c is id c, or c - 1 from the blank on. Nothing is asked of it for the end of the text.
 *
 * @throws ArgumentError for what is no `NgramModel`, or a blank that is no class.
 */
export function ngramLanguageModel(
  model: NgramModel,
  options: NgramLanguageModelOptions = {},
): CtcLanguageModel<number> {
  checkOptions('ngramLanguageModel', options, NGRAM_LANGUAGE_MODEL);
  const { blank = 0 } = options;
  const given = model as Partial<NgramModel> | null | undefined;
  if (given?.vocabularySize === undefined || typeof given.next !== 'function') {
    throw new ArgumentError(
      `ngramLanguageModel: model = ${describeValue(model)}; an NgramModel of lethe/text is needed`,
    );
  }
  const classes = model.vocabularySize + 1;
  checkBlank('ngramLanguageModel', blank, classes);
  return {
    classes,
    blank,
    start: () => model.start(),
    next: (state, label) => model.next(state, label > blank ? label - 1 : label),
  };
}

/** @throws ArgumentError for a language model that says it is over other classes, or another blank. */
export function checkLanguageModel(
  owner: string,
  model: Pick<CtcLanguageModel, 'classes' | 'blank'> | undefined,
  classes: number,
  blank: number,
): void {
  const { classes: own = classes, blank: ownBlank = blank } = model ?? {};
  if (own !== classes) {
    throw new ArgumentError(
      `${owner}: languageModel is over ${own} classes, the blank among them, and the frames have ` +
        `${classes}; make it of a vocabulary of ${classes - 1}`,
    );
  }
  if (ownBlank !== blank) {
    throw new ArgumentError(
      `${owner}: languageModel takes class ${ownBlank} for the blank, and the search ${blank}; give both the same`,
    );
  }
}
