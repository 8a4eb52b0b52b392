import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { Beam } from './beam';
import type { BeamSettings, CtcHypothesis } from './beam';
import { BatchLanguageScores } from './batch_language_scores';
import { checkBlank, eachSequence } from './frames';
import type { CtcFrames, CtcLengths, LogProbabilities } from './frames';
import { checkLanguageModel } from './language_model';
import type { CtcBatchLanguageModel, CtcLanguageModel } from './language_model';
import { LanguageScores } from './language_scores';

/** What `ctcBeamSearch` takes. */
export interface CtcBeamSearchOptions<S = unknown> {
  /** The class that is no label: 0 when left out. */
  blank?: number;
  /** Prefixes kept from frame to frame: 50 when left out. */
  width?: number;
  /** Results wanted, at most `width`: 1 when left out. */
  nBest?: number;
  /**
   * No prefix enters the beam by a label whose log-probability in the frame is below this, but for the likeliest
   * class. -5 makes a long search with many classes quick; -Infinity, when left out, prunes nothing.
   */
  prune?: number;
  /** Weighs prefixes by how probable their labels are in a row; none when left out. */
  languageModel?: CtcLanguageModel<S>;
  /** Of the language model, from 0: 0.5 when left out. */
  weight?: number;
  /** Added for each label, as a language model makes every label a loss: 0 when left out. */
  insertionBonus?: number;
}

const BEAM_SEARCH: OptionNames<CtcBeamSearchOptions & CtcLengths> = {
  ...{ blank: true, width: true, nBest: true, prune: true, lengths: true },
  ...{ languageModel: true, weight: true, insertionBonus: true },
};

/**
 * Prefix beam search (Graves and Jaitly, 2014; Hannun et al., 2014): the labels of the highest
 *
 *     ln p(labels | frames) + weight ln p(labels) + insertionBonus labels.length
 *
 * where p(labels | frames) is the sum over all paths that spell them. For each prefix the paths that end in a
 * blank are kept apart from those that end in its last label: only the former may repeat the label. Of equal
 * scores the prefix that was ahead before counts, then the smaller label, so that the result is always the
 * same. Keeps a prefix for each that ever was in the beam, at most width x time, of some 60 bytes.
 *
 * The language model is asked once for each label behind a prefix while that is in the beam.
 *
 * @param frames [time, classes] of one sequence; [time, batch, classes] with `lengths`, for a list of results.
 * @returns at most `nBest`, the best first; none where the language model forbids all.
 * @throws ShapeError or ArgumentError for what does not fit, NonFiniteError for NaN, by the number of the frame.
 * @example
 * ```ts
 * import { ctcBeamSearch } from 'lethe/ctc';
 *
 * const data = [0, 5, 0, 0, 5, 0, 5, 0, 0, 0, 0, 5]; // logits of [time, classes]
 * const [best, second] = ctcBeamSearch({ shape: [4, 3], data }, { width: 10, nBest: 2 });
 * console.log(best.labels, best.score > second.score); // [ 1, 2 ] true
 * ```
 */
export function ctcBeamSearch<S>(
  frames: CtcFrames,
  options?: CtcBeamSearchOptions<S>,
): CtcHypothesis[];
export function ctcBeamSearch<S>(
  frames: CtcFrames,
  options: CtcBeamSearchOptions<S> & CtcLengths,
): CtcHypothesis[][];
export function ctcBeamSearch<S>(
  frames: CtcFrames,
  options: CtcBeamSearchOptions<S> & Partial<CtcLengths> = {},
): CtcHypothesis[] | CtcHypothesis[][] {
  const settings = checked('ctcBeamSearch', options);
  const asked = askedOf(options);
  const { lengths } = options;
  return eachSequence<CtcHypothesis[]>('ctcBeamSearch', frames, lengths, (sequence) => {
    checkBlank('ctcBeamSearch', settings.blank, sequence.classes);
    checkLanguageModel('ctcBeamSearch', asked, sequence.classes, settings.blank);
    const language = asked && new LanguageScores(asked, sequence.classes);
    const beam = new Beam(sequence.classes, settings, language);
    for (let t = 0; t < sequence.time; t++) beam.advance(sequence.at(t), sequence.likeliest[t]);
    return beam.results();
  });
}

/** What `ctcBatchBeamSearch` takes. */
export interface CtcBatchBeamSearchOptions<S = unknown> extends Omit<
  CtcBeamSearchOptions,
  'languageModel'
> {
  /** Weighs prefixes by how probable their labels are in a row; none when left out. */
  languageModel?: CtcBatchLanguageModel<S>;
}

/**
 * `ctcBeamSearch` with a language model that may take its time, as a network does: after each frame it is asked for all
 * prefixes that are new in the beam, together. Sequences go one after the other.
 *
 * @throws as `ctcBeamSearch`, and what the language model throws.
 */
export function ctcBatchBeamSearch<S>(
  frames: CtcFrames,
  options?: CtcBatchBeamSearchOptions<S>,
): Promise<CtcHypothesis[]>;
export function ctcBatchBeamSearch<S>(
  frames: CtcFrames,
  options: CtcBatchBeamSearchOptions<S> & CtcLengths,
): Promise<CtcHypothesis[][]>;
export async function ctcBatchBeamSearch<S>(
  frames: CtcFrames,
  options: CtcBatchBeamSearchOptions<S> & Partial<CtcLengths> = {},
): Promise<CtcHypothesis[] | CtcHypothesis[][]> {
  const settings = checked('ctcBatchBeamSearch', options);
  const asked = askedOf(options);
  const search = async (sequence: LogProbabilities): Promise<CtcHypothesis[]> => {
    checkBlank('ctcBatchBeamSearch', settings.blank, sequence.classes);
    checkLanguageModel('ctcBatchBeamSearch', asked, sequence.classes, settings.blank);
    const language = asked && new BatchLanguageScores(asked, sequence.classes, settings.blank);
    const beam = new Beam(sequence.classes, settings, language);
    for (let t = 0; t < sequence.time; t++) {
      await language?.settle();
      beam.advance(sequence.at(t), sequence.likeliest[t]);
    }
    return beam.results();
  };
  const sequences = eachSequence('ctcBatchBeamSearch', frames, options.lengths, (own) => own);
  if (!Array.isArray(sequences)) return search(sequences);
  const results: CtcHypothesis[][] = [];
  for (const sequence of sequences) results.push(await search(sequence));
  return results;
}

/** The language model, where it has a weight: -Infinity times 0 would be NaN. */
function askedOf<M>({ languageModel, weight }: { languageModel?: M; weight?: number }) {
  return weight === 0 ? undefined : languageModel;
}

function checked(
  owner: string,
  options: Omit<CtcBeamSearchOptions, 'languageModel'> & { languageModel?: object },
): BeamSettings {
  checkOptions(owner, options, BEAM_SEARCH);
  const { blank = 0, width = 50, nBest = 1, prune = -Infinity } = options;
  const { languageModel, weight = 0.5, insertionBonus = 0 } = options;
  const need = (name: string, value: unknown, fits: boolean, what: string): void => {
    if (fits) return;
    throw new ArgumentError(`${owner}: ${name} = ${describeValue(value)}; ${what} is needed`);
  };
  checkBlank(owner, blank);
  need('width', width, Number.isSafeInteger(width) && width >= 1, 'an integer from 1');
  const most = Number.isSafeInteger(nBest) && nBest >= 1 && nBest <= width;
  need('nBest', nBest, most, `an integer from 1 to ${width}, the width,`);
  need('prune', prune, typeof prune === 'number' && prune <= 0, 'a log-probability, at most 0,');
  need('weight', weight, Number.isFinite(weight) && weight >= 0, 'a finite number from 0');
  need('insertionBonus', insertionBonus, Number.isFinite(insertionBonus), 'a finite number');
  const model = languageModel as Partial<CtcLanguageModel> | null | undefined;
  const asks = typeof model?.start === 'function' && typeof model.next === 'function';
  need('languageModel', model, model === undefined || asks, '{ start, next }');
  return { blank, width, nBest, prune, weight, insertionBonus };
}
