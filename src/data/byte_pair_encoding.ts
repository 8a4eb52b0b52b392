import { BYTES, learnMerges, MAX_SYMBOLS, mergePair, pairKey } from './bpe_merges';
import type { Merge } from './bpe_merges';
import { requireCount, requireText } from './check';
import { SpecialIds, specialsProblem } from './specials';
import type { Special } from './specials';
import { ENCODE_TOKENS_OPTIONS } from './token_vocabulary';
import type { EncodeTokensOptions } from './token_vocabulary';
import { ArgumentError, CheckpointError, DataError, IndexError, TextError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** What `BytePairEncoding.train` takes. */
export interface BytePairOptions {
  /** Ids in all: the specials, 256 bytes, and the merges. Fewer where no pair is left to merge. */
  vocabularySize: number;
  /** Their ids are 0, 1 and so on, in this order; `['pad']` when left out. No text is unknown. */
  specials?: readonly Special[];
  /** Pairs that occur less often are not merged; 2 when left out. */
  minCount?: number;
}

/** A `BytePairEncoding` as plain data, for JSON. */
export interface BytePairData {
  /** The special tokens, by id from 0. */
  readonly specials: readonly Special[];
  /** The pairs that are merged, in the order in which they were learnt. */
  readonly merges: readonly Merge[];
}

const BYTE_PAIR_OPTIONS: OptionNames<BytePairOptions> = {
  vocabularySize: true,
  specials: true,
  minCount: true,
};

const OWNER = 'BytePairEncoding';

/**
 * Words with the space before them, numbers, marks, and other space: all of a text, in pieces that no merge
 * goes across. Pieces are bounded, so that a text without spaces takes no longer.
 */
const PIECES =
  / ?[\p{L}\p{M}]{1,64}| ?\p{N}{1,64}| ?[^\s\p{L}\p{M}\p{N}]{1,64}|\s{1,64}(?!\S)|\s{1,64}/gu;

/** Pieces whose ids are remembered. */
const REMEMBERED = 2 ** 16;

/**
 * Parts of words as tokens, learned from texts: byte-pair encoding (Sennrich, Haddow and Birch, 2016) on
 * the bytes of UTF-8, with the space before a word as part of it (Radford et al., 2019). Frequent words
 * become one token and rare ones several, so that nothing is unknown and `decode(encode(text)) === text`.
 * No chance is in it: the same texts give the same merges.
 *
 * @example
 * ```ts
 * import { BytePairEncoding } from 'lethe/data';
 *
 * const encoding = BytePairEncoding.train(['the river ran to the sea', 'the sea ran'], { vocabularySize: 270 });
 * const ids = encoding.encode('the river');
 * console.log(ids.map((id) => encoding.token(id)));
 * console.log(encoding.decode(ids)); // the river
 * ```
 */
export class BytePairEncoding {
  /** Pairs of symbols (bytes 0 to 255, and 256 + i for merge i) in the order in which they merge. */
  readonly merges: readonly Merge[];
  readonly #specials: SpecialIds;
  readonly #made: ReadonlyMap<number, number>;
  readonly #bytes: readonly Uint8Array[];
  readonly #remembered = new Map<string, readonly number[]>();

  /** @throws ArgumentError when a merge is of symbols that are not there yet, or comes twice. */
  constructor(merges: readonly Merge[], specials: readonly Special[] = ['pad']) {
    this.#specials = new SpecialIds(OWNER, specials);
    const problem = mergesProblem(merges);
    if (problem !== undefined) throw new ArgumentError(`${OWNER}: merges: ${problem}`);
    this.merges = merges;
    this.#made = new Map(
      merges.map(([left, right], i) => [pairKey(left, right), BYTES + i] as const),
    );
    const bytes = Array.from({ length: BYTES }, (_, byte) => Uint8Array.of(byte));
    for (const [left, right] of merges) {
      bytes.push(Uint8Array.of(...bytes[left], ...bytes[right]));
    }
    this.#bytes = bytes;
  }

  /**
   * Learns merges from texts, as the sentences of the training part. Takes a few seconds for a megabyte.
   *
   * @throws DataError when the texts are empty.
   * @throws ArgumentError for a vocabulary that has no room for the bytes and the specials.
   * @throws TextError for half of a surrogate pair.
   */
  static train(texts: Iterable<string>, options: BytePairOptions): BytePairEncoding {
    checkOptions(`${OWNER}.train`, options, BYTE_PAIR_OPTIONS);
    const { vocabularySize, specials = ['pad'], minCount = 2 } = options;
    const fixed = BYTES + specials.length;
    requireCount(OWNER, 'vocabularySize', vocabularySize, fixed);
    requireCount(OWNER, 'minCount', minCount);
    if (vocabularySize > MAX_SYMBOLS) {
      throw new ArgumentError(
        `${OWNER}: vocabularySize = ${vocabularySize}; at most ${MAX_SYMBOLS}`,
      );
    }
    const counts = new Map<string, number>();
    for (const text of texts) {
      for (const piece of piecesOf(text)) counts.set(piece, (counts.get(piece) ?? 0) + 1);
    }
    if (counts.size === 0) throw new DataError(`${OWNER}: the texts are empty; give some text`);
    const words = Array.from(counts, ([piece, count]) => ({ symbols: bytesOf(piece), count }));
    return new BytePairEncoding(learnMerges(words, vocabularySize - fixed, minCount), specials);
  }

  /**
   * What {@link BytePairEncoding.toJSON} wrote.
   *
   * @throws CheckpointError when the value is damaged.
   */
  static fromJSON(value: unknown): BytePairEncoding {
    const { specials, merges } = (value ?? {}) as Partial<BytePairData>;
    const problem = specialsProblem(specials) ?? mergesProblem(merges);
    if (problem !== undefined) {
      throw new CheckpointError(`the byte-pair encoding is damaged: ${problem}`);
    }
    return new BytePairEncoding(merges!, specials);
  }

  /** Specials, bytes and merges; ids run from 0 to `size - 1`. */
  get size(): number {
    return this.#specials.names.length + this.#bytes.length;
  }

  /** The id of `<pad>`. @throws ArgumentError when there is none. */
  get pad(): number {
    return this.#specials.id('pad');
  }

  /** The id of `<bos>`. @throws ArgumentError when there is none. */
  get bos(): number {
    return this.#specials.id('bos');
  }

  /** The id of `<eos>`. @throws ArgumentError when there is none. */
  get eos(): number {
    return this.#specials.id('eos');
  }

  /**
   * The ids of a text.
   *
   * @throws TextError for half of a surrogate pair, which UTF-8 does not have.
   */
  encode(text: string, options: EncodeTokensOptions = {}): number[] {
    checkOptions(`${OWNER}.encode`, options, ENCODE_TOKENS_OPTIONS);
    const first = this.#specials.names.length;
    const ids = options.bos ? [this.bos] : [];
    for (const piece of piecesOf(text)) {
      for (const symbol of this.#symbolsOf(piece)) ids.push(first + symbol);
    }
    if (options.eos) ids.push(this.eos);
    return ids;
  }

  /**
   * The text of ids, up to the first `<eos>`, without specials. Bytes that are no UTF-8, as a model may
   * write, become U+FFFD.
   *
   * @throws IndexError when an id is not an integer in [0, size).
   */
  decode(ids: ArrayLike<number>): string {
    const bytes = this.#specials.content(ids).map((id) => this.#bytesOf(id));
    const whole = new Uint8Array(bytes.reduce((total, part) => total + part.length, 0));
    let at = 0;
    for (const part of bytes) {
      whole.set(part, at);
      at += part.length;
    }
    return new TextDecoder('utf-8', { ignoreBOM: true }).decode(whole);
  }

  /**
   * One token as text; U+FFFD where its bytes are part of a character.
   *
   * @throws IndexError when the id is not an integer in [0, size).
   */
  token(id: number): string {
    const name = this.#specials.names[id];
    return name === undefined ? this.decode([id]) : `<${name}>`;
  }

  /** For a checkpoint; {@link BytePairEncoding.fromJSON} reads it back. */
  toJSON(): BytePairData {
    return { specials: [...this.#specials.names], merges: this.merges };
  }

  #bytesOf(id: number): Uint8Array {
    if (id in this.#specials.names) return new Uint8Array();
    const bytes = this.#bytes[id - this.#specials.names.length];
    if (bytes !== undefined) return bytes;
    throw new IndexError(`${OWNER}: id ${id} is outside its ids, 0 to ${this.size - 1}`);
  }

  #symbolsOf(piece: string): readonly number[] {
    const known = this.#remembered.get(piece);
    if (known) return known;
    let symbols = bytesOf(piece);
    for (;;) {
      let made = Infinity;
      for (let i = 1; i < symbols.length; i++) {
        made = Math.min(made, this.#made.get(pairKey(symbols[i - 1], symbols[i])) ?? Infinity);
      }
      if (made === Infinity) break;
      symbols = mergePair(symbols, this.merges[made - BYTES], made);
    }
    if (this.#remembered.size >= REMEMBERED) this.#remembered.clear();
    this.#remembered.set(piece, symbols);
    return symbols;
  }
}

function bytesOf(piece: string): number[] {
  return [...new TextEncoder().encode(piece)];
}

function piecesOf(text: string): string[] {
  requireText(OWNER, 'text', text);
  const half = text.search(/\p{Surrogate}/u);
  if (half >= 0) {
    throw new TextError(`${OWNER}: half of a surrogate pair at position ${half}; take it out`);
  }
  return text.match(PIECES) ?? [];
}

/** What keeps a value from being merges, if anything. */
function mergesProblem(merges: unknown): string | undefined {
  if (!Array.isArray(merges)) return 'merges is no list';
  const seen = new Set<number>();
  for (const [i, merge] of (merges as unknown[]).entries()) {
    const fits = (symbol: unknown): boolean =>
      Number.isInteger(symbol) && (symbol as number) >= 0 && (symbol as number) < BYTES + i;
    if (!Array.isArray(merge) || merge.length !== 2 || !merge.every(fits)) {
      return `merge ${i} is no pair of symbols from 0 to ${BYTES + i - 1}`;
    }
    const key = pairKey(...(merge as unknown as Merge));
    if (seen.has(key)) return `merge ${i} is there twice`;
    seen.add(key);
  }
  return undefined;
}
