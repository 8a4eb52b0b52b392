import { readFile } from 'node:fs/promises';

import { DataError } from 'lethe';
import { wordTokens } from 'lethe/data';

import type { Pair } from '../pairs/pairs';

/** Words of a turn that are kept: the last of what is answered, the first of the answer. */
const MAX_WORDS = 25;

/**
 * Turns and their answers in a play: blocks between empty lines, the name of the speaker with a colon on
 * the first line of each. Whatever has no such line ends a scene: no turn answers across it.
 *
 * @throws DataError where there are fewer than 100 pairs.
 */
export async function loadTurns(file: string): Promise<Pair[]> {
  const text = await readFile(file, 'utf8');
  const pairs: Pair[] = [];
  let before: string[] | undefined;
  for (const block of text.split(/\r?\n\s*\n/)) {
    const [, said] = /^\s*[^\n:]{1,40}:\s*\n([^]*)$/.exec(block) ?? [];
    const turn = said === undefined ? [] : wordTokens(said, { lowerCase: true });
    if (before && turn.length > 0) {
      pairs.push({ source: before.slice(-MAX_WORDS), target: turn.slice(0, MAX_WORDS) });
    }
    before = turn.length > 0 ? turn : undefined;
  }
  if (pairs.length < 100) {
    throw new DataError(
      `${file}: ${pairs.length} turns that answer others; 100 at least are needed, each with "NAME:" on a ` +
        'line of its own and an empty line behind it',
    );
  }
  return pairs;
}
