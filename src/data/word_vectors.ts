import { requireCount } from './check';
import { hostArray } from './batch';
import type { HostArray } from './batch';
import { ArgumentError, DataError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';

/** Vectors of words that were learnt elsewhere. */
export interface WordVectors {
  /** In the order of the file: with GloVe and fastText the most frequent first. */
  readonly words: readonly string[];
  /** [words, width] A row for each word. */
  readonly vectors: HostArray;
}

/** What `readWordVectors` takes. */
export interface WordVectorsOptions {
  /** Of the file, for messages; `readWordVectors` when left out. */
  name?: string;
  /** So many words of the file are taken, from its beginning; all when left out. */
  maxSize?: number;
  /** Words that are taken wherever they stand. With `maxSize`, the whole file is read for them. */
  words?: Iterable<string>;
}

const OPTIONS: OptionNames<WordVectorsOptions> = { name: true, maxSize: true, words: true };

/** A line with two whole numbers, words and width: the header of word2vec and fastText. */
const HEADER = /^\d+ \d+$/;

/**
 * Reads the text format of GloVe, word2vec and fastText (`.vec`): on each line a word and its numbers, apart by
 * spaces. A header is left out. Of a word that stands there twice the first counts.
 *
 * Give lines, as `node:readline` has them, and not a text: such files are often longer than a string may be.
 *
 * @throws DataError naming the line that has more or fewer numbers than the first, or something else than a
 *   finite number; when there are no words.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { readWordVectors, TokenVocabulary } from 'lethe/data';
 * import { Embedding } from 'lethe/nn';
 *
 * const file = ['the 0.1 0.2', 'cat 0.3 -0.4'];
 * const { words, vectors } = await readWordVectors(file);
 * const vocabulary = new TokenVocabulary(words, []);
 * const device = await openDevice('cpu');
 * const embedding = Embedding.fromPretrained(device, vectors);
 * console.log(vocabulary.encode(['cat']), embedding.weight.shape); // [ 1 ] [ 2, 2 ]
 * ```
 */
export async function readWordVectors(
  lines: Iterable<string> | AsyncIterable<string>,
  options: WordVectorsOptions = {},
): Promise<WordVectors> {
  checkOptions('readWordVectors', options, OPTIONS);
  const { name = 'readWordVectors', maxSize = Infinity } = options;
  if (maxSize !== Infinity) requireCount('readWordVectors', 'maxSize', maxSize);
  if (typeof lines === 'string' || !isIterable(lines)) {
    throw new ArgumentError(
      `readWordVectors: lines = ${describeValue(lines)}; lines are needed, such as text.split('\\n')`,
    );
  }
  const wanted = options.words && new Set(options.words);
  const rows = new Map<string, Float32Array>();
  let width: number | undefined;
  let number = 0;
  for await (const line of lines) {
    number++;
    const fields = line.trimEnd().split(' ');
    if (fields.length < 2 && fields[0] === '') continue;
    if (number === 1 && HEADER.test(fields.join(' '))) continue;
    const first = rows.size < maxSize;
    if (!first && !wanted) break;
    width ??= fields.length - 1;
    // Some words of GloVe have spaces in them.
    const word = fields.slice(0, -width).join(' ');
    if (rows.has(word) || !(first || wanted?.has(word))) continue;
    rows.set(word, readRow(fields, width, `${name}: line ${number}`));
  }
  if (width === undefined) throw new DataError(`${name}: there are no words`);
  const data = new Float32Array(rows.size * width);
  let at = 0;
  for (const row of rows.values()) {
    data.set(row, at);
    at += width;
  }
  return { words: [...rows.keys()], vectors: hostArray(data, 'f32', [rows.size, width]) };
}

function readRow(fields: readonly string[], width: number, place: string): Float32Array {
  const numbers = fields.slice(-width);
  const row = Float32Array.from(numbers, (field) => (field === '' ? NaN : Number(field)));
  const bad = row.findIndex((value) => !Number.isFinite(value));
  if (fields.length > width && width > 0 && bad < 0) return row;
  throw new DataError(
    `${place}: ${describeValue(bad < 0 ? fields.join(' ') : numbers[bad])}; a word and ` +
      `${width === 0 ? 'numbers are' : `${width} numbers, as on the first line, are`} needed, apart by spaces`,
  );
}

function isIterable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    (Symbol.iterator in value || Symbol.asyncIterator in value)
  );
}
