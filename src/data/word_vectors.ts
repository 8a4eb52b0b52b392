import { requireCount } from './check';
import { hostArray } from './batch';
import type { HostArray } from './batch';
import { ArgumentError, DataError } from '../errors';
import { checkOptions, describeValue, isAsyncIterable, isIterable } from '../options';
import type { OptionNames } from '../options';

/** Vectors of words that were learnt elsewhere. */
export interface WordVectors {
  /** In the order of the file: with GloVe and fastText the most frequent first. */
  readonly words: readonly string[];
  /** [words, width] A row for each word. */
  readonly vectors: HostArray;
}

/** What `readWordVectors` takes. All words are taken when `first` and `words` are left out. */
export interface WordVectorsOptions {
  /** Of the file, for messages; `readWordVectors` when left out. */
  name?: string;
  /** So many words from the beginning of the file. */
  first?: number;
  /** Words that are taken wherever they stand: the whole file is read for them. */
  words?: Iterable<string>;
}

const OPTIONS: OptionNames<WordVectorsOptions> = { name: true, first: true, words: true };

/** How many words follow, and numbers of each: the first line of word2vec and fastText. */
const HEADER = /^\d+ (\d+)$/;
const NUMBER = /^-?[\d.]+(e[-+]?\d+)?$/i;

/**
 * Reads the text format of GloVe, word2vec and fastText (`.vec`): on each line a word and its numbers, apart by
 * spaces. A header is left out. Of a word that stands there twice the first counts.
 *
 * Give lines, as `readline` of Node has them, and not a text: such files are often longer than a string may be.
 *
 * @throws DataError naming the line that has more or fewer numbers than the first, something else than a
 *   finite number, or no word; when there are no words.
 * @throws ArgumentError when `lines` gives anything but strings, such as the chunks of a stream.
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
  const { name = 'readWordVectors', words } = options;
  if (options.first !== undefined) requireCount('readWordVectors', 'first', options.first);
  if (!isIterable(lines) && !isAsyncIterable(lines)) {
    throw wrong('lines', lines, "lines are needed, such as text.split('\\n')");
  }
  if (words !== undefined && !isIterable(words)) {
    throw wrong('words', words, 'a list of words is needed');
  }
  const wanted = words && new Set(words);
  const first = options.first ?? (wanted ? 0 : Infinity);
  const rows = new Map<string, Float32Array>();
  let width: number | undefined;
  let number = 0;
  for await (const line of lines) {
    number++;
    const place = (): string => `${name}: line ${number}`;
    const fields = fieldsOf(line, place);
    if (number === 1) fields[0] = fields[0].replace(/^\ufeff/, '');
    if (fields.length === 1 && fields[0] === '') continue;
    const header = width === undefined ? HEADER.exec(fields.join(' ')) : null;
    width ??= header ? Number(header[1]) : fields.length - 1;
    if (header) continue;
    const begins = rows.size < first;
    if (!begins && !wanted) break;
    // Some words of GloVe have spaces in them.
    const word = fields.slice(0, Math.max(1, fields.length - width)).join(' ');
    if (rows.has(word) || !(begins || wanted?.has(word))) continue;
    rows.set(word, readRow(fields, width, place));
  }
  if (rows.size === 0 || width === undefined) {
    const none = wanted ? 'none of the words is there' : 'there are no words';
    throw new DataError(`${name}: ${none}`);
  }
  const data = new Float32Array(rows.size * width);
  for (const [i, row] of [...rows.values()].entries()) data.set(row, i * width);
  return { words: [...rows.keys()], vectors: hostArray(data, 'f32', [rows.size, width]) };
}

function fieldsOf(line: unknown, place: () => string): string[] {
  if (typeof line === 'string') return line.trimEnd().split(' ');
  throw new ArgumentError(
    `${place()} is ${describeValue(line)}; lines are needed: those of a stream are createInterface({ input: stream })`,
  );
}

/** The numbers of a line: the last `width` fields, behind a word. */
function readRow(fields: readonly string[], width: number, place: () => string): Float32Array {
  const refuse = (what: string): never => {
    throw new DataError(
      `${place()} ${what}; the text format of GloVe, word2vec or fastText is needed: a word and numbers, as many ` +
        'on every line, apart by spaces',
    );
  };
  const begin = fields.length - width;
  if (width === 0) refuse('has no numbers');
  if (begin < 1) refuse(`has ${fields.length - 1} numbers, and the lines before ${width}`);
  if (fields[0] === '') refuse('begins with a space, and no word');
  if (begin > 1 && NUMBER.test(fields[begin - 1])) refuse(`has more than ${width} numbers`);
  const row = new Float32Array(width);
  for (let i = 0; i < width; i++) {
    const field = fields[begin + i];
    const value = field === '' ? NaN : Number(field);
    if (!Number.isFinite(value)) refuse(`has ${JSON.stringify(field.slice(0, 20))} for a number`);
    row[i] = value;
  }
  return row;
}

function wrong(name: string, value: unknown, remedy: string): ArgumentError {
  return new ArgumentError(`readWordVectors: ${name} = ${describeValue(value)}; ${remedy}`);
}
