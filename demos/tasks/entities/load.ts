/** WNUT17, the shared task on emerging entities, as its repository has it: a word and its tag on each line. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { parseConll } from 'lethe/data';

import type { Parts } from '../tags/encode';
import type { TaggedSentence } from './sentences';

/** @param folder with the three files. */
export async function readWnut(folder: string): Promise<Parts> {
  const [train, valid, test] = await Promise.all(
    ['wnut17train.conll', 'emerging.dev.conll', 'emerging.test.annotated'].map((name) =>
      readTagged(join(folder, name)),
    ),
  );
  return { train, valid, test };
}

async function readTagged(file: string): Promise<TaggedSentence[]> {
  const sentences = parseConll(await readFile(file, 'utf8'));
  return sentences.map(({ columns }) => ({ words: columns[0], tags: columns.at(-1)! }));
}
