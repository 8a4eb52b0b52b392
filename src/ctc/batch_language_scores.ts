import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import type { CtcBatchLanguageModel, CtcNextLabels } from './language_model';
import type { PrefixScores } from './language_scores';

const OWNER = 'ctcBatchBeamSearch: languageModel';

/** Asks a language model for all prefixes together that have come into the beam. */
export class BatchLanguageScores<S> implements PrefixScores {
  readonly #model: CtcBatchLanguageModel<S>;
  readonly #classes: number;
  readonly #blank: number;
  readonly #answers = new Map<number, CtcNextLabels<S>>();
  /** Prefixes that came into the beam since it was asked: the state before their last label, and that label. */
  readonly #entered = new Map<number, { state: S; label: number }>();
  #started = false;

  constructor(model: CtcBatchLanguageModel<S>, classes: number, blank: number) {
    this.#model = model;
    this.#classes = classes;
    this.#blank = blank;
  }

  /** Asks for what has come into the beam; before each frame. */
  async settle(): Promise<void> {
    if (!this.#started) {
      this.#started = true;
      this.#answers.set(0, this.#checked('start', await this.#model.start()));
    }
    const prefixes = [...this.#entered.keys()];
    if (prefixes.length === 0) return;
    const entered = [...this.#entered.values()];
    this.#entered.clear();
    const states = entered.map(({ state }) => state);
    const labels = entered.map(({ label }) => label);
    const answers = (await this.#model.next(states, labels)) as unknown;
    if (!Array.isArray(answers) || answers.length !== prefixes.length) {
      throw new ArgumentError(
        `${OWNER}.next gives ${describeValue(answers)} for ${prefixes.length} states; a list of as many ` +
          '{ state, logProbabilities } is needed',
      );
    }
    for (const [i, prefix] of prefixes.entries()) {
      this.#answers.set(prefix, this.#checked('next', answers[i]));
    }
  }

  at(prefix: number, label: number): number {
    return this.#answers.get(prefix)!.logProbabilities[label];
  }

  enter(child: number, prefix: number, label: number): number {
    const { state, logProbabilities } = this.#answers.get(prefix)!;
    this.#entered.set(child, { state, label });
    return logProbabilities[label];
  }

  leave(prefix: number): void {
    this.#answers.delete(prefix);
  }

  #checked(what: string, answer: unknown): CtcNextLabels<S> {
    const { logProbabilities } = (answer ?? {}) as Partial<CtcNextLabels<S>>;
    if (logProbabilities?.length !== this.#classes) {
      throw new ArgumentError(
        `${OWNER}.${what} gives ${describeValue(answer)}; { state, logProbabilities } with one for each of the ` +
          `${this.#classes} classes is needed`,
      );
    }
    for (let c = 0; c < this.#classes; c++) {
      if (c === this.#blank || logProbabilities[c] < Infinity) continue;
      throw new ArgumentError(
        `${OWNER}.${what} gives logProbabilities[${c}] = ${describeValue(logProbabilities[c])}; the ln of a ` +
          'probability is needed',
      );
    }
    return answer as CtcNextLabels<S>;
  }
}
