/**
 * Writes the bundled sentences of a task, a token and its tag on each line, as the tagger of docs/tutorials reads them:
 *
 *   node scripts/write-sentences.mjs tags|entities FILE
 */
import { writeFile } from 'node:fs/promises';

import { serveSources } from '../bench/load.mjs';

const [, , task, file] = process.argv;
const SOURCES = { tags: ['grammar', 'bundledTags'], entities: ['sentences', 'bundledEntities'] };
if (!Object.hasOwn(SOURCES, task) || file === undefined) {
  console.error('usage: node scripts/write-sentences.mjs tags|entities FILE');
  process.exit(2);
}
const [name, bundled] = SOURCES[/** @type {keyof typeof SOURCES} */ (task)];
const server = await serveSources();
const module =
  /** @type {Record<string, () => Record<string, { words: string[], tags: string[] }[]>>} */ (
    await server.ssrLoadModule(`/demos/tasks/${task}/${name}.ts`)
  );
const parts = module[bundled]();
const sentences = Object.values(parts).flat();
await writeFile(
  file,
  sentences
    .map(({ words, tags }) => words.map((word, i) => `${word}\t${tags[i]}\n`).join(''))
    .join('\n'),
);
await server.close();
console.log(`${sentences.length} sentences in ${file}`);
