/** WNUT17, the shared task on emerging entities, as its repository has it, and files of columns. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';

import type { TaggedParts } from '../tags/encode';
import { divide, readTagged } from '../tags/load';

const FILES = ['wnut17train.conll', 'emerging.dev.conll', 'emerging.test.annotated'];

/**
 * @param source a folder with the three files of WNUT17, or one file of two columns.
 * @throws DataError for what can be read as neither.
 */
export async function readEntities(source: string): Promise<TaggedParts> {
  const found = await stat(source).catch((cause: unknown) => {
    throw new DataError(`entities: ${source} cannot be read; give a folder or a file`, { cause });
  });
  if (!found.isDirectory()) return divide(await readTagged(source), [0.8, 0.1, 0.1]);
  const [train, valid, test] = await Promise.all(
    FILES.map((name) => readTagged(join(source, name))),
  );
  return { train, valid, test };
}
