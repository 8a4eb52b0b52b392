import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { DataError } from 'lethe';

import type { Surname } from './generated';

/** Locales of `@faker-js/faker` by language: European ones in Latin letters. */
const LOCALES: Readonly<Record<string, string>> = {
  Croatian: 'hr',
  Czech: 'cs_CZ',
  Dutch: 'nl_BE',
  English: 'en',
  Finnish: 'fi',
  French: 'fr',
  German: 'de',
  Hungarian: 'hu',
  Italian: 'it',
  Norwegian: 'nb_NO',
  Polish: 'pl',
  Portuguese: 'pt_PT',
  Romanian: 'ro',
  Serbian: 'sr_RS_latin',
  Slovak: 'sk',
  Spanish: 'es',
  Swedish: 'sv',
  Turkish: 'tr',
};

/**
 * The surnames of 18 languages in the npm package `@faker-js/faker` (MIT), each once for a language.
 *
 * @param folder of the package.
 * @throws DataError when there is no such package, or a locale of it has no surnames.
 */
export async function loadSurnames(
  folder: string,
): Promise<{ names: Surname[]; languages: string[] }> {
  const file = resolve(join(folder, 'dist', 'index.js'));
  const way = 'give the folder of the package: npm install --no-save @faker-js/faker@10';
  await stat(file).catch((error: Error) => {
    throw new DataError(`${error.message}; ${way}`);
  });
  const faker = (await import(/* @vite-ignore */ pathToFileURL(file).href)) as {
    allLocales?: Readonly<Record<string, { person?: { last_name?: unknown } }>>;
  };
  const languages = Object.keys(LOCALES);
  const names = languages.flatMap((language, label) => {
    const found = faker.allLocales?.[LOCALES[language]]?.person?.last_name;
    const lists = Array.isArray(found) ? [found] : Object.values(found ?? {});
    const list = lists.flat().filter((name): name is string => typeof name === 'string');
    if (list.length === 0) throw new DataError(`${folder} has no surnames of ${language}; ${way}`);
    const distinct = new Set(list.map((name) => name.normalize('NFC').trim()));
    return Array.from(distinct, (name) => ({ name, label }));
  });
  return { names, languages };
}
