import { ArgumentError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import { dispose } from '../tensor/scope';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import { evaluating } from './evaluating';
import { primeOf } from './sampling';

/** What the model thought of a character before it read it. */
export interface CharacterScore {
  readonly character: string;
  /** softmax(logits) of the character: at temperature 1, among all characters. */
  readonly probability: number;
  /** The likeliest characters with their probabilities, likeliest first. */
  readonly likeliest: readonly (readonly [character: string, probability: number])[];
}

export interface ScoringOptions {
  /** Read before the first character that is scored; a line end when left out. */
  prime?: string;
  /** How many of the likeliest characters to tell. */
  alternatives?: number;
}

const SCORING_OPTIONS: OptionNames<ScoringOptions> = { prime: true, alternatives: true };

/**
 * Scores a text as it comes: `score` may be called again and again, and goes on with the state that
 * the text before has left.
 */
export class TextScorer {
  readonly #model: CharModel;
  readonly #vocabulary: Vocabulary;
  readonly #alternatives: number;
  #state: Tensor[];
  /** Known, and not read yet. */
  #pending: number[];

  /**
   * @throws TextError when `prime` has a character that the vocabulary lacks.
   * @throws ArgumentError for an empty prime, or when `alternatives` is no integer from 0.
   */
  constructor(model: CharModel, vocabulary: Vocabulary, options: ScoringOptions = {}) {
    checkOptions('TextScorer', options, SCORING_OPTIONS);
    const { prime, alternatives = 5 } = options;
    if (!Number.isInteger(alternatives) || alternatives < 0) {
      throw new ArgumentError(`alternatives = ${alternatives}; an integer from 0 is needed`);
    }
    this.#model = model;
    this.#vocabulary = vocabulary;
    this.#alternatives = alternatives;
    this.#pending = [...primeOf(vocabulary, prime)];
    this.#state = model.zeroState(1);
  }

  /**
   * The scores of the next characters.
   *
   * @throws TextError when the vocabulary lacks one; nothing is read then.
   */
  async score(text: string): Promise<CharacterScore[]> {
    const ids = this.#vocabulary.encode(text);
    if (ids.length === 0) return [];
    const read = [...this.#pending, ...ids.subarray(0, -1)];
    const { device } = this.#model.decoder.weight;
    const { logits, state } = evaluating(this.#model, () => {
      const window = tensor(device, read, [read.length, 1], { dtype: 'i32' });
      return this.#model.forward(window, this.#state);
    });
    dispose(this.#state);
    this.#state = state;
    this.#pending = [ids[ids.length - 1]];
    try {
      const values = (await logits.data()) as Float32Array;
      const first = read.length - ids.length;
      return Array.from(ids, (id, i) =>
        this.#score(row(values, this.#vocabulary.size, first + i), id),
      );
    } finally {
      logits.dispose();
    }
  }

  #score(logits: Float32Array, id: number): CharacterScore {
    const top = logits.reduce((a, b) => Math.max(a, b));
    const weights = Float64Array.from(logits, (x) => Math.exp(x - top));
    const total = weights.reduce((a, b) => a + b);
    const order = Array.from(weights.keys()).sort((a, b) => weights[b] - weights[a]);
    const character = (of: number) => this.#vocabulary.character(of);
    return {
      character: character(id),
      probability: weights[id] / total,
      likeliest: order
        .slice(0, this.#alternatives)
        .map((other) => [character(other), weights[other] / total] as const),
    };
  }

  dispose(): void {
    dispose(this.#state);
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function row(values: Float32Array, size: number, index: number): Float32Array {
  return values.subarray(index * size, (index + 1) * size);
}
