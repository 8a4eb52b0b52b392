import { requireCount } from './check';
import { SpecialIds, specialsProblem } from './specials';
import type { Special } from './specials';
import { ArgumentError, CheckpointError, DataError, IndexError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';

/** What `TokenVocabulary.fromSequences` takes. */
export interface VocabularyOptions {
  /** Their ids are 0, 1 and so on, in this order; `['pad', 'unk']` when left out. */
  specials?: readonly Special[];
  /** Tokens that occur less often are unknown; 1 when left out. */
  minCount?: number;
  /** The most frequent tokens are kept, so many with the specials; all when left out. */
  maxSize?: number;
}

/** What `TokenVocabulary.encode` takes. */
export interface EncodeTokensOptions {
  /** Puts `<bos>` before the tokens; false when left out. */
  bos?: boolean;
  /** Puts `<eos>` after the tokens; false when left out. */
  eos?: boolean;
}

/** What `TokenVocabulary.decode` takes. */
export interface DecodeTokensOptions {
  /** Keeps `<pad>`, `<bos>` and `<eos>`, and what stands after the first `<eos>`; false when left out. */
  specials?: boolean;
}

/** A `TokenVocabulary` as plain data, for JSON. */
export interface TokenVocabularyData {
  /** The special tokens, by id from 0. */
  readonly specials: readonly Special[];
  /** The other tokens, whose ids come after. */
  readonly tokens: readonly string[];
}

const VOCABULARY_OPTIONS: OptionNames<VocabularyOptions> = {
  specials: true,
  minCount: true,
  maxSize: true,
};

export const ENCODE_TOKENS_OPTIONS: OptionNames<EncodeTokensOptions> = {
  bos: 'boolean',
  eos: 'boolean',
};

export const DECODE_TOKENS_OPTIONS: OptionNames<DecodeTokensOptions> = { specials: 'boolean' };

const OWNER = 'TokenVocabulary';

/**
 * Tokens and their ids: words, characters, tags or classes. Specials come first, then tokens by how often
 * they occurred, the most frequent first, and in the order of their code units where that is the same. A
 * token that reads as a special, such as `<unk>` in a text where somebody replaced words, is that special.
 *
 * @example
 * ```ts
 * import { TokenVocabulary, wordTokens } from 'lethe/data';
 *
 * const sentences = ['the cat sat', 'the dog ran'].map((text) => wordTokens(text));
 * const vocabulary = TokenVocabulary.fromSequences(sentences);
 * const ids = vocabulary.encode(['the', 'bird']);
 * console.log(vocabulary.decode(ids).join(' ')); // the <unk>
 * ```
 */
export class TokenVocabulary {
  readonly #specials: SpecialIds;
  readonly #tokens: readonly string[];
  readonly #ids: ReadonlyMap<string, number>;

  /**
   * @param tokens in the order of their ids, which follow those of the specials.
   * @throws ArgumentError when a token is there twice, or is none.
   */
  constructor(tokens: readonly string[], specials: readonly Special[] = ['pad', 'unk']) {
    this.#specials = new SpecialIds(OWNER, specials);
    const problem = tokensProblem(tokens, specials);
    if (problem !== undefined) throw new ArgumentError(`${OWNER}: tokens: ${problem}`);
    this.#tokens = [...specials.map((name) => `<${name}>`), ...tokens];
    this.#ids = new Map(this.#tokens.map((token, id) => [token, id]));
  }

  /**
   * The vocabulary of the tokens of a data set: give it the training part alone, so that the held-out part
   * has unknown tokens as new data will. A string is the sequence of its characters.
   *
   * @throws DataError when no token occurs, or none often enough.
   */
  static fromSequences(
    sequences: Iterable<Iterable<string>>,
    options: VocabularyOptions = {},
  ): TokenVocabulary {
    checkOptions(`${OWNER}.fromSequences`, options, VOCABULARY_OPTIONS);
    const { specials = ['pad', 'unk'], minCount = 1, maxSize } = options;
    requireCount(OWNER, 'minCount', minCount);
    if (maxSize !== undefined) requireCount(OWNER, 'maxSize', maxSize, specials.length + 1);
    const counts = new Map<string, number>();
    for (const sequence of sequences) {
      for (const token of sequence) counts.set(token, (counts.get(token) ?? 0) + 1);
    }
    for (const name of specials) counts.delete(`<${name}>`);
    const kept = [...counts].filter(([, count]) => count >= minCount);
    if (kept.length === 0) {
      const most = Math.max(0, ...counts.values());
      throw new DataError(
        most === 0
          ? `${OWNER}: the sequences hold no tokens; give one at least`
          : `${OWNER}: no token occurs ${minCount} times, the most frequent ${most}; lower minCount`,
      );
    }
    kept.sort(([a, countA], [b, countB]) => countB - countA || (a < b ? -1 : 1));
    const tokens = kept.map(([token]) => token);
    return new TokenVocabulary(tokens.slice(0, maxSize && maxSize - specials.length), specials);
  }

  /**
   * The classes of labelled data, in the order of their code units, without specials.
   *
   * @throws DataError when there are fewer than two.
   */
  static fromLabels(labels: Iterable<string>): TokenVocabulary {
    const classes = [...new Set(labels)].sort();
    if (classes.length > 1) return new TokenVocabulary(classes, []);
    const found = classes.length === 0 ? 'no labels' : `one class alone, ${classes[0]}`;
    throw new DataError(`${OWNER}.fromLabels: there is ${found}; two classes are needed to learn`);
  }

  /**
   * The vocabulary that {@link TokenVocabulary.toJSON} wrote.
   *
   * @throws CheckpointError when the value is damaged.
   */
  static fromJSON(value: unknown): TokenVocabulary {
    const { specials, tokens } = (value ?? {}) as Partial<TokenVocabularyData>;
    const problem =
      specialsProblem(specials) ??
      (Array.isArray(tokens) ? tokensProblem(tokens, specials!) : 'tokens is no list');
    if (problem !== undefined) {
      throw new CheckpointError(`the vocabulary of tokens is damaged: ${problem}`);
    }
    return new TokenVocabulary(tokens!, specials);
  }

  /** Specials and tokens; ids run from 0 to `size - 1`. */
  get size(): number {
    return this.#tokens.length;
  }

  /** Specials and tokens by id. */
  get tokens(): readonly string[] {
    return this.#tokens;
  }

  /** The id of `<pad>`. @throws ArgumentError when the vocabulary has none. */
  get pad(): number {
    return this.#specials.id('pad');
  }

  /** The id of `<unk>`. @throws ArgumentError when the vocabulary has none. */
  get unk(): number {
    return this.#specials.id('unk');
  }

  /** The id of `<bos>`. @throws ArgumentError when the vocabulary has none. */
  get bos(): number {
    return this.#specials.id('bos');
  }

  /** The id of `<eos>`. @throws ArgumentError when the vocabulary has none. */
  get eos(): number {
    return this.#specials.id('eos');
  }

  /** Whether the vocabulary has this token; specials are none. */
  has(token: string): boolean {
    return this.#ids.has(token);
  }

  /**
   * The id of a token, that of `<unk>` for one it does not know.
   *
   * @throws DataError for an unknown token where there is no `<unk>`.
   */
  id(token: string): number {
    const id = this.#ids.get(token);
    if (id !== undefined) return id;
    if (this.#specials.names.includes('unk')) return this.unk;
    throw new DataError(
      `${OWNER}: ${describeValue(token)} is none of its ${this.size} tokens, ` +
        `${this.#tokens.slice(0, 5).join(', ')} and so on, and there is no <unk>`,
    );
  }

  /** @throws IndexError when the id is not an integer in [0, size). */
  token(id: number): string {
    const token = this.#tokens[id];
    if (token !== undefined) return token;
    throw new IndexError(`${OWNER}: id ${id} is outside its ids, 0 to ${this.size - 1}`);
  }

  /**
   * The ids of tokens, `<unk>` for those it does not know.
   *
   * @throws DataError for an unknown token where there is no `<unk>`.
   */
  encode(tokens: Iterable<string>, options: EncodeTokensOptions = {}): number[] {
    checkOptions(`${OWNER}.encode`, options, ENCODE_TOKENS_OPTIONS);
    const ids = Array.from(tokens, (token) => this.id(token));
    if (options.bos) ids.unshift(this.bos);
    if (options.eos) ids.push(this.eos);
    return ids;
  }

  /**
   * The tokens of ids, up to the first `<eos>`, without `<pad>` and `<bos>`.
   *
   * @throws IndexError when an id is not an integer in [0, size).
   */
  decode(ids: ArrayLike<number>, options: DecodeTokensOptions = {}): string[] {
    checkOptions(`${OWNER}.decode`, options, DECODE_TOKENS_OPTIONS);
    const shown = options.specials ? Array.from(ids) : this.#specials.content(ids);
    return shown.map((id) => this.token(id));
  }

  /** The tokens that it does not know, as often as they are there. */
  unknown(tokens: Iterable<string>): string[] {
    return [...tokens].filter((token) => !this.has(token));
  }

  /**
   * The share of unknown ones among all tokens of a data set, in [0, 1], each counted as often as it is there.
   *
   * @throws DataError when there are no tokens.
   */
  unknownRate(sequences: Iterable<Iterable<string>>): number {
    let [unknown, all] = [0, 0];
    for (const sequence of sequences) {
      for (const token of sequence) {
        all++;
        if (!this.has(token)) unknown++;
      }
    }
    if (all === 0) throw new DataError(`${OWNER}.unknownRate: there are no tokens`);
    return unknown / all;
  }

  /**
   * Refuses an input of which a model would see nothing but `<unk>`.
   *
   * @throws DataError when there are no tokens, or none that it knows.
   */
  requireKnown(tokens: readonly string[]): void {
    if (tokens.length === 0) throw new DataError('the input holds no tokens; give one at least');
    if (this.unknown(tokens).length < tokens.length) return;
    throw new DataError(
      `the model has never seen ${tokens.slice(0, 5).join(', ')}${tokens.length > 5 ? ' and so on' : ''}: ` +
        'nothing of this input is in its training data; use other words',
    );
  }

  /** Specials and tokens, for a checkpoint; {@link TokenVocabulary.fromJSON} reads them back. */
  toJSON(): TokenVocabularyData {
    const specials = [...this.#specials.names];
    return { specials, tokens: this.#tokens.slice(specials.length) };
  }
}

/** What keeps a list from being tokens, if anything. */
function tokensProblem(
  tokens: readonly unknown[],
  specials: readonly Special[],
): string | undefined {
  const seen = new Set<unknown>(specials.map((name) => `<${name}>`));
  for (const [i, token] of tokens.entries()) {
    if (typeof token !== 'string') return `${describeValue(token)} at ${i} is no string`;
    if (seen.has(token)) return `${describeValue(token)} at ${i} is there twice`;
    seen.add(token);
  }
  return seen.size === 0 ? 'there is none' : undefined;
}
