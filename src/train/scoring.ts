import { ArgumentError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { dispose } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Unknown, Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { evalMode } from './eval_mode';
import { primeOf, readPrime } from './prime';
import type { Ids } from '../text/ids';

/** What the model thought of a character before it read it. */
export interface CharacterScore {
  /** As a string of one code point. */
  readonly character: string;
  /** softmax(logits) of the character: at temperature 1, among all characters. */
  readonly probability: number;
  /** The likeliest characters with their probabilities, likeliest first. */
  readonly likeliest: readonly (readonly [character: string, probability: number])[];
}

/** What `TextScorer` takes. */
export interface ScoringOptions {
  /** Read before the first character that is scored; a line end when left out. */
  prime?: string;
  /** How many of the likeliest characters to tell. */
  alternatives?: number;
  /**
   * What becomes of characters that the vocabulary lacks, of the prime and of what is scored; an error
   * when left out. Those that are skipped have no score.
   */
  unknown?: Unknown;
}

const SCORING_OPTIONS: OptionNames<ScoringOptions> = {
  prime: true,
  alternatives: true,
  unknown: true,
};

/** Characters that are scored at once, and the logits of these at most. */
const WINDOW_CHARACTERS = 512;
const MAX_LOGITS = 1 << 20;

/**
 * Scores a text as it comes: `score` may be called again and again, and goes on with the state that
 * the text before has left.
 */
export class TextScorer {
  readonly #model: CharModel;
  readonly #vocabulary: Vocabulary;
  readonly #alternatives: number;
  readonly #unknown: Unknown | undefined;
  #state: Tensor[];
  /** Known, and not read yet. */
  #pending: Ids;
  /** The end of the call before: each goes on where that one stopped. */
  #last: Promise<unknown> = Promise.resolve();
  #disposed = false;

  /**
   * @throws TextError when `prime` has a character that the vocabulary lacks.
   * @throws ArgumentError for an empty prime, or when `alternatives` is no integer from 0.
   */
  constructor(model: CharModel, vocabulary: Vocabulary, options: ScoringOptions = {}) {
    checkOptions('TextScorer', options, SCORING_OPTIONS);
    const { prime, alternatives = 5, unknown } = options;
    if (!Number.isInteger(alternatives) || alternatives < 0) {
      throw new ArgumentError(
        `alternatives = ${describeValue(alternatives)}; an integer from 0 is needed`,
      );
    }
    this.#model = model;
    this.#vocabulary = vocabulary;
    this.#alternatives = alternatives;
    this.#unknown = unknown;
    this.#pending = primeOf(vocabulary, prime, unknown);
    this.#state = model.zeroState(1);
  }

  /**
   * The scores of the next characters.
   *
   * @throws TextError when the vocabulary lacks one; nothing is read then.
   */
  async score(text: string): Promise<CharacterScore[]> {
    const ids = this.#vocabulary.encode(text, { unknown: this.#unknown });
    if (ids.length === 0) return [];
    const scores = this.#last.then(() => this.#read(ids));
    this.#last = scores.catch(() => {});
    return scores;
  }

  /** The scores of ids. A failure leaves everything as it was. */
  async #read(ids: Ids): Promise<CharacterScore[]> {
    const { device } = this.#model.decoder.weight;
    const { size } = this.#vocabulary;
    const steps = Math.max(1, Math.min(WINDOW_CHARACTERS, Math.floor(MAX_LOGITS / size)));
    const scores: CharacterScore[] = [];
    let state = await readPrime(this.#model, this.#pending.subarray(0, -1), this.#state);
    let before = this.#pending[this.#pending.length - 1];
    try {
      for (let at = 0; at < ids.length; at += steps) {
        const next = ids.subarray(at, at + steps);
        const read = Int32Array.of(before, ...next.subarray(0, -1));
        const result = evalMode(this.#model, () =>
          this.#model.forward(tensor(device, read, [read.length, 1], { dtype: 'i32' }), state),
        );
        dispose(state);
        state = result.state;
        const logits = await dataOf(result.logits);
        for (const [i, id] of next.entries()) {
          scores.push(this.#score(logits.subarray(i * size, (i + 1) * size), id));
        }
        before = next[next.length - 1];
      }
    } catch (error) {
      dispose(state);
      throw error;
    }
    if (this.#disposed) {
      dispose(state);
      return scores;
    }
    dispose(this.#state);
    this.#state = state;
    this.#pending = ids.slice(-1);
    return scores;
  }

  #score(logits: Float32Array, id: number): CharacterScore {
    let top = logits[0];
    for (const logit of logits) if (logit > top) top = logit;
    let total = 0;
    for (const logit of logits) total += Math.exp(logit - top);
    const probability = (of: number): number => Math.exp(logits[of] - top) / total;
    return {
      character: this.#vocabulary.character(id),
      probability: probability(id),
      likeliest: largest(logits, this.#alternatives).map(
        (other) => [this.#vocabulary.character(other), probability(other)] as const,
      ),
    };
  }

  /** Frees the state; the model stays. */
  dispose(): void {
    this.#disposed = true;
    dispose(this.#state);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

/** Reads a tensor, and frees it. */
async function dataOf(values: Tensor): Promise<Float32Array> {
  try {
    return (await values.data()) as Float32Array;
  } finally {
    values.dispose();
  }
}

/** The places of the `count` largest values, largest first; of equal ones the first. */
function largest(values: Float32Array, count: number): number[] {
  const places: number[] = [];
  if (count === 0) return places;
  for (let i = 0; i < values.length; i++) {
    if (places.length === count && !(values[i] > values[places[count - 1]])) continue;
    if (places.length === count) places.pop();
    let at = places.length;
    while (at > 0 && values[i] > values[places[at - 1]]) at--;
    places.splice(at, 0, i);
  }
  return places;
}
