import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { checkBlank, eachSequence, logAdd } from './frames';
import type { CtcFrames, CtcLengths, LogProbabilities } from './frames';
import type { CtcLanguageModel } from './language_model';
import { LanguageScores } from './language_scores';
import { Best, Prefixes } from './prefixes';

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

/** One that `ctcBeamSearch` found. `ctcAlign` tells where its labels lie. */
export interface CtcHypothesis {
  readonly labels: number[];
  /** logProbability + weight languageLogProbability + insertionBonus labels.length */
  readonly score: number;
  /** ln of the probability of the labels, the paths together that the beam kept; all of them in a beam that is wide enough. */
  readonly logProbability: number;
  /** ln of their probability by the language model; 0 without one. */
  readonly languageLogProbability: number;
}

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
  checkOptions('ctcBeamSearch', options, BEAM_SEARCH);
  const { lengths, ...own } = options;
  const settings = checked(own);
  return eachSequence<CtcHypothesis[]>('ctcBeamSearch', frames, lengths, (sequence) => {
    checkBlank('ctcBeamSearch', settings.blank, sequence.classes);
    const beam = new Beam(sequence.classes, settings);
    beam.run(sequence);
    return beam.results();
  });
}

type Settings<S> = Required<Omit<CtcBeamSearchOptions<S>, 'languageModel'>> &
  Pick<CtcBeamSearchOptions<S>, 'languageModel'>;

function checked<S>(options: CtcBeamSearchOptions<S>): Settings<S> {
  const { blank = 0, width = 50, nBest = 1, prune = -Infinity } = options;
  const { languageModel, weight = 0.5, insertionBonus = 0 } = options;
  const need = (name: string, value: unknown, fits: boolean, what: string): void => {
    if (fits) return;
    throw new ArgumentError(`ctcBeamSearch: ${name} = ${describeValue(value)}; ${what} is needed`);
  };
  checkBlank('ctcBeamSearch', blank);
  need('width', width, Number.isSafeInteger(width) && width >= 1, 'an integer from 1');
  const most = Number.isSafeInteger(nBest) && nBest >= 1 && nBest <= width;
  need('nBest', nBest, most, `an integer from 1 to ${width}, the width,`);
  need('prune', prune, typeof prune === 'number' && prune <= 0, 'a log-probability, at most 0,');
  need('weight', weight, Number.isFinite(weight) && weight >= 0, 'a finite number from 0');
  need('insertionBonus', insertionBonus, Number.isFinite(insertionBonus), 'a finite number');
  const model = languageModel as Partial<CtcLanguageModel<S>> | null | undefined;
  const asks = typeof model?.start === 'function' && typeof model.next === 'function';
  need('languageModel', model, model === undefined || asks, '{ start, next }');
  return { blank, width, nBest, prune, languageModel, weight, insertionBonus };
}

/** The prefixes of a beam, the best first, as columns. */
interface Columns {
  readonly prefix: number[];
  /** ln of the paths that end in a blank. */
  readonly blank: number[];
  /** ln of those that end in the last label. */
  readonly label: number[];
  /** ln by the language model. */
  readonly language: number[];
}

class Beam<S> {
  readonly #settings: Settings<S>;
  readonly #classes: number;
  readonly #prefixes: Prefixes;
  readonly #best: Best;
  readonly #language: LanguageScores<S> | undefined;
  /** By prefix: its place in the beam, or -1. */
  readonly #placeOf: number[] = [0];
  /** By class: the last place, counted over all frames, whose prefix has a child of that label in the beam. */
  readonly #taken: Float64Array;
  #places = 0;
  #beam: Columns = { prefix: [0], blank: [0], label: [-Infinity], language: [0] };

  constructor(classes: number, settings: Settings<S>) {
    const { languageModel, weight, width } = settings;
    this.#settings = settings;
    this.#classes = classes;
    this.#prefixes = new Prefixes(classes);
    this.#best = new Best(width);
    // -Infinity times 0 would be NaN.
    const asked = weight > 0 ? languageModel : undefined;
    this.#language = asked && new LanguageScores(asked, classes);
    this.#taken = new Float64Array(classes);
  }

  run(sequence: LogProbabilities): void {
    for (let t = 0; t < sequence.time; t++) this.#advance(sequence.at(t), sequence.likeliest[t]);
  }

  results(): CtcHypothesis[] {
    const { weight, insertionBonus, nBest } = this.#settings;
    const { prefix, blank, label, language } = this.#beam;
    return prefix.slice(0, nBest).map((id, i): CtcHypothesis => {
      const labels = this.#prefixes.labelsOf(id);
      const logProbability = Math.min(0, logAdd(blank[i], label[i]));
      const score = logProbability + weight * language[i] + insertionBonus * labels.length;
      return { labels, score, logProbability, languageLogProbability: language[i] };
    });
  }

  /** Goes through a frame. */
  #advance(row: Float64Array, likeliest: number): void {
    const { weight, insertionBonus } = this.#settings;
    const { prefix, language } = this.#beam;
    const prefixes = this.#prefixes;
    const n = prefix.length;
    const kept = this.#labels(row, likeliest);
    const total = prefix.map((_, i) => logAdd(this.#beam.blank[i], this.#beam.label[i]));
    const priors = prefix.map(
      (id, i) => weight * language[i] + insertionBonus * prefixes.lengthOf(id),
    );
    const stays = this.#stays(row, total);
    for (let i = 0; i < n; i++) {
      this.#best.offer(logAdd(stays.blank[i], stays.label[i]) + priors[i], i);
    }
    for (let i = 0; i < n; i++) {
      const place = ++this.#places;
      for (let j = stays.firstChild[i]; j >= 0; j = stays.nextChild[j]) {
        this.#taken[prefixes.labelOf(prefix[j])] = place;
      }
      const last = prefixes.labelOf(prefix[i]);
      for (const c of kept) {
        if (this.#taken[c] === place) continue;
        const score =
          (c === last ? this.#beam.blank[i] : total[i]) + row[c] + priors[i] + insertionBonus;
        if (score === -Infinity) continue;
        const spoken = this.#language ? weight * this.#language.at(prefix[i], c) : 0;
        this.#best.offer(score + spoken, n + i * this.#classes + c);
      }
    }
    const next: Columns = { prefix: [], blank: [], label: [], language: [] };
    for (const code of this.#best.take()) {
      if (code < n) {
        next.prefix.push(prefix[code]);
        next.blank.push(stays.blank[code]);
        next.label.push(stays.label[code]);
        next.language.push(language[code]);
        continue;
      }
      const i = Math.floor((code - n) / this.#classes);
      const c = (code - n) % this.#classes;
      const child = prefixes.child(prefix[i], c);
      const same = c === prefixes.labelOf(prefix[i]);
      next.prefix.push(child);
      next.blank.push(-Infinity);
      next.label.push((same ? this.#beam.blank[i] : total[i]) + row[c]);
      next.language.push(language[i] + (this.#language?.enter(child, prefix[i], c) ?? 0));
    }
    this.#replace(next);
  }

  /** The labels that may extend a prefix: in growing order, without the blank. */
  #labels(row: Float64Array, likeliest: number): number[] {
    const { blank, prune } = this.#settings;
    const labels: number[] = [];
    for (let c = 0; c < row.length; c++) {
      if (c !== blank && (row[c] >= prune || c === likeliest)) labels.push(c);
    }
    return labels;
  }

  /**
   * What the prefixes in the beam have behind the frame: by a blank, by their last label again, and by that
   * label behind the prefix without it, where that is in the beam too. And the children of each, as lists.
   */
  #stays(row: Float64Array, total: readonly number[]) {
    const { prefix } = this.#beam;
    const blank = total.map((sum) => sum + row[this.#settings.blank]);
    const label = new Array<number>(prefix.length).fill(-Infinity);
    const firstChild = new Array<number>(prefix.length).fill(-1);
    const nextChild = new Array<number>(prefix.length).fill(-1);
    for (const [j, id] of prefix.entries()) {
      if (id === 0) continue;
      const last = this.#prefixes.labelOf(id);
      label[j] = this.#beam.label[j] + row[last];
      const parent = this.#prefixes.parentOf(id);
      const i = this.#placeOf[parent];
      if (i < 0) continue;
      const same = this.#prefixes.labelOf(parent) === last;
      label[j] = logAdd(label[j], (same ? this.#beam.blank[i] : total[i]) + row[last]);
      nextChild[j] = firstChild[i];
      firstChild[i] = j;
    }
    return { blank, label, firstChild, nextChild };
  }

  #replace(next: Columns): void {
    const before = this.#beam.prefix;
    for (const id of before) this.#placeOf[id] = -1;
    while (this.#placeOf.length < this.#prefixes.size) this.#placeOf.push(-1);
    for (const [i, id] of next.prefix.entries()) this.#placeOf[id] = i;
    for (const id of before) if (this.#placeOf[id] < 0) this.#language?.leave(id);
    this.#beam = next;
  }
}
