import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';

import type { Outlines } from './outlines';
import { parseFont } from './truetype';

const WAY_OUT =
  'give the folder @fontsource in node_modules: npm install --no-save @fontsource/lato @fontsource/lora ...';

/**
 * The regular fonts of the packages `@fontsource/NAME`, in the order of their names.
 *
 * @param folder `node_modules/@fontsource`, or one of TTF and WOFF files.
 * @throws DataError for a folder with fewer than `least` fonts, naming a file that is none.
 */
export async function loadFonts(
  folder: string,
  characters: Iterable<string>,
  least: number,
): Promise<Outlines[]> {
  const files = await filesIn(folder);
  if (files.length < least) {
    throw new DataError(`${folder} has ${files.length} fonts of at least ${least}; ${WAY_OUT}`);
  }
  return Promise.all(
    files.map(async ({ name, file }) => {
      const bytes = new Uint8Array(await readFile(file));
      return parseFont(name, bytes, characters);
    }),
  );
}

async function filesIn(folder: string): Promise<{ name: string; file: string }[]> {
  const entries = await list(folder);
  const fonts = entries.filter((entry) => /\.(ttf|woff)$/i.test(entry));
  if (fonts.length > 0) {
    return fonts.map((entry) => ({ name: entry, file: join(folder, entry) }));
  }
  const packages = await Promise.all(
    entries.map(async (name) => {
      const files = await list(join(folder, name, 'files')).catch(() => []);
      const regular = files.find((file) => file === `${name}-latin-400-normal.woff`);
      return regular === undefined ? [] : [{ name, file: join(folder, name, 'files', regular) }];
    }),
  );
  return packages.flat();
}

const list = async (folder: string): Promise<string[]> =>
  (
    await readdir(folder).catch((error: Error) => {
      throw new DataError(`${error.message}; ${WAY_OUT}`);
    })
  ).sort();
