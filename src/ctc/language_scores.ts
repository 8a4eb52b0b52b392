import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import type { CtcLanguageModel } from './language_model';

/** What a language model says behind one prefix. */
interface Answers<S> {
  readonly state: S;
  /** [classes] NaN where it was not asked yet. */
  readonly logProbabilities: Float64Array;
  readonly states: S[];
}

/** What a beam wants to know of a language model. */
export interface PrefixScores {
  /** ln of the probability of a label behind a prefix in the beam. */
  at(prefix: number, label: number): number;
  /** A prefix and one label more comes into the beam; ln of the probability of that label. */
  enter(child: number, prefix: number, label: number): number;
  /** A prefix is no longer in the beam. */
  leave(prefix: number): void;
}

/** Asks a language model once for each label behind a prefix in the beam. */
export class LanguageScores<S> implements PrefixScores {
  readonly #model: CtcLanguageModel<S>;
  readonly #classes: number;
  readonly #answers = new Map<number, Answers<S>>();
  /** Rows of prefixes that have left. */
  readonly #spare: Float64Array[] = [];

  constructor(model: CtcLanguageModel<S>, classes: number) {
    this.#model = model;
    this.#classes = classes;
    this.#begin(0, model.start());
  }

  #begin(prefix: number, state: S): void {
    const logProbabilities = this.#spare.pop() ?? new Float64Array(this.#classes);
    this.#answers.set(prefix, { state, logProbabilities: logProbabilities.fill(NaN), states: [] });
  }

  at(prefix: number, label: number): number {
    const { state, logProbabilities, states } = this.#answers.get(prefix)!;
    const known = logProbabilities[label];
    if (!Number.isNaN(known)) return known;
    const { logProbability, state: behind } = this.#model.next(state, label);
    if (!(logProbability < Infinity)) {
      throw new ArgumentError(
        `ctcBeamSearch: languageModel.next gives logProbability = ${describeValue(logProbability)} for label ` +
          `${label}; the ln of a probability is needed`,
      );
    }
    logProbabilities[label] = logProbability;
    states[label] = behind;
    return logProbability;
  }

  enter(child: number, prefix: number, label: number): number {
    const logProbability = this.at(prefix, label);
    this.#begin(child, this.#answers.get(prefix)!.states[label]);
    return logProbability;
  }

  leave(prefix: number): void {
    this.#spare.push(this.#answers.get(prefix)!.logProbabilities);
    this.#answers.delete(prefix);
  }
}
