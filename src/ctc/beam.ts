import { logAdd } from './frames';
import type { PrefixScores } from './language_scores';
import { Best, Prefixes } from './prefixes';

/** The options of `ctcBeamSearch`, complete. */
export interface BeamSettings {
  readonly blank: number;
  readonly width: number;
  readonly nBest: number;
  readonly prune: number;
  readonly weight: number;
  readonly insertionBonus: number;
}

/** One that `ctcBeamSearch` found. `ctcAlign` tells where its labels lie. */
export interface CtcHypothesis {
  /** The classes that are read, blanks left out. */
  readonly labels: number[];
  /** logProbability + weight languageLogProbability + insertionBonus labels.length */
  readonly score: number;
  /** ln of the probability of the labels, the paths together that the beam kept; all of them in a beam that is wide enough. */
  readonly logProbability: number;
  /** ln of their probability by the language model; 0 without one. */
  readonly languageLogProbability: number;
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

/** The prefixes of one sequence that are in the beam, from frame to frame. */
export class Beam {
  readonly #settings: BeamSettings;
  readonly #classes: number;
  readonly #prefixes: Prefixes;
  readonly #best: Best;
  readonly #language: PrefixScores | undefined;
  /** By prefix: its place in the beam, or -1. */
  readonly #placeOf: number[] = [0];
  /** By class: the last place, counted over all frames, whose prefix has a child of that label in the beam. */
  readonly #taken: Float64Array;
  #places = 0;
  #beam: Columns = { prefix: [0], blank: [0], label: [-Infinity], language: [0] };

  /** @param language what a language model says of the prefixes. */
  constructor(classes: number, settings: BeamSettings, language: PrefixScores | undefined) {
    this.#settings = settings;
    this.#classes = classes;
    this.#prefixes = new Prefixes(classes);
    this.#best = new Best(settings.width);
    this.#language = language;
    this.#taken = new Float64Array(classes);
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

  /** Goes through a frame: its log-probabilities, and the likeliest class. */
  advance(row: Float64Array, likeliest: number): void {
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
