import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';

import type { Sentence } from './sentences';

/** The files of the package, a thousand sentences each. */
const FIXTURES = ['imdb', 'yelp', 'amazon'];

/**
 * The 3,000 sentences of "Sentiment Labelled Sentences" (Kotzias et al., KDD 2015), as the npm package
 * `sentiment` has them in `test/fixtures`.
 *
 * @param folder of the package.
 * @throws DataError naming the file that cannot be read, or holds something else.
 */
export async function loadSentences(folder: string): Promise<Sentence[]> {
  const parts = await Promise.all(
    FIXTURES.map((name) => readFixture(join(folder, 'test', 'fixtures', `${name}.json`))),
  );
  return parts.flat();
}

async function readFixture(file: string): Promise<Sentence[]> {
  const way = 'give the folder of the package: npm install --no-save sentiment@5.0.2';
  const text = await readFile(file, 'utf8').catch((error: Error) => {
    throw new DataError(`${error.message}; ${way}`);
  });
  const rows = parse(text);
  if (rows === undefined) throw new DataError(`${file} is no JSON; ${way}`);
  if (!Array.isArray(rows)) throw new DataError(`${file} holds no list; ${way}`);
  // The last entry of each file is no sentence: its text is empty and its class null.
  const found = (rows as { text: string; class: unknown }[]).filter(
    (row) => row.class === 0 || row.class === 1,
  );
  return found.map((row) => ({ text: row.text.trim(), label: row.class as 0 | 1 }));
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
