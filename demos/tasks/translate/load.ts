import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

import { DataError } from 'lethe';
import { wordTokens } from 'lethe/data';

import type { Pair, PairSets } from '../pairs/pairs';

const SETS = { train: /^train\.de/, valid: /^val(id)?\.de/, test: /^test.*\.de/ };

/**
 * German and English sentences aligned by line.
 *
 * @param folder with `train.de`, `train.en`, `val.de`, `val.en`, `test_2016_flickr.de` and
 *   `test_2016_flickr.en`, as Multi30k has them, each packed as `.gz` or not.
 * @throws DataError for a file that is missing, or of other length than its counterpart.
 */
export async function loadSentences(folder: string): Promise<PairSets> {
  const files = (await readdir(folder)).sort();
  const load = async (set: keyof typeof SETS): Promise<Pair[]> => {
    const german = files.find((file) => SETS[set].test(file));
    const stem = german?.replace(/\.de.*/, '');
    const english = files.find((file) => file === `${stem}.en` || file === `${stem}.en.gz`);
    if (german === undefined || english === undefined) {
      throw new DataError(
        `${folder}: there is no ${stem ?? set}.${stem ? 'en' : 'de'}; train, val and test are needed, each ` +
          'in .de and .en',
      );
    }
    const [de, en] = await Promise.all(
      [german, english].map((file) => readLines(join(folder, file))),
    );
    if (de.length !== en.length) {
      throw new DataError(`${folder}: ${german} has ${de.length} lines, ${english} ${en.length}`);
    }
    const pairs = de.map((line, i) => ({ source: words(line), target: words(en[i]) }));
    return pairs.filter(({ source, target }) => source.length > 0 && target.length > 0);
  };
  return { train: await load('train'), valid: await load('valid'), test: await load('test') };
}

const words = (line: string): string[] => wordTokens(line, { lowerCase: true });

async function readLines(path: string): Promise<string[]> {
  const bytes = await readFile(path);
  const text = (path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString('utf8');
  return text.replace(/\n$/, '').split('\n');
}
