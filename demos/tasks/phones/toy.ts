import type { Random } from 'lethe';

import type { Entry } from './entries';

/**
 * How the letters of a made-up language are read: at each place the first rule that matches there gives
 * its phones. Many depend on what stands around a letter, as in English, but none has an exception.
 */
const RULES: readonly (readonly [pattern: RegExp, phones: string])[] = (
  [
    [/tion/, 'SH AH N'],
    [/igh/, 'AY'],
    [/tch/, 'CH'],
    [/dge/, 'JH'],
    [/ck/, 'K'],
    [/ch/, 'CH'],
    [/sh/, 'SH'],
    [/th/, 'TH'],
    [/ph/, 'F'],
    [/wh/, 'W'],
    [/qu/, 'K W'],
    [/^kn/, 'N'],
    [/^wr/, 'R'],
    [/mb$/, 'M'],
    [/n(?=k)/, 'NG'],
    [/ng/, 'NG'],
    // Of two equal consonants one is heard.
    [/([bdflmnprst])(?=\1)/, ''],
    [/c(?=[eiy])/, 'S'],
    [/c/, 'K'],
    [/g(?=[eiy])/, 'JH'],
    [/(?<=[aeiou])s(?=[aeiouy])/, 'Z'],
    [/x/, 'K S'],
    [/ai|ay/, 'EY'],
    [/ea|ee/, 'IY'],
    [/oa/, 'OW'],
    [/oo/, 'UW'],
    [/ou/, 'AW'],
    [/ar/, 'AA R'],
    [/or/, 'AO R'],
    [/er/, 'ER'],
    // The e at the end is silent, and makes the vowel before it long.
    [/a(?=[bcdfgklmnpstvz]e$)/, 'EY'],
    [/e(?=[bcdfgklmnpstvz]e$)/, 'IY'],
    [/i(?=[bcdfgklmnpstvz]e$)/, 'AY'],
    [/o(?=[bcdfgklmnpstvz]e$)/, 'OW'],
    [/u(?=[bcdfgklmnpstvz]e$)/, 'UW'],
    [/(?<=[bdfgkpt])le$/, 'AH L'],
    [/e$/, ''],
    [/y$/, 'IY'],
    [/y/, 'Y'],
    [/a/, 'AE'],
    [/e/, 'EH'],
    [/i/, 'IH'],
    [/o/, 'AA'],
    [/u/, 'AH'],
    [/j/, 'JH'],
    [/h/, 'HH'],
    ...[...'bdfgklmnprstvwz'].map((letter) => [RegExp(letter), letter.toUpperCase()] as const),
  ] as const
).map(([pattern, phones]) => [new RegExp(pattern, 'y'), phones]);

/** How a word of the letters a to z, but for a q without u, is read. */
export function readAloud(word: string): string[] {
  const phones: string[] = [];
  for (let at = 0; at < word.length;) {
    for (const [pattern, sounds] of RULES) {
      pattern.lastIndex = at;
      const [match] = pattern.exec(word) ?? [];
      if (match === undefined) continue;
      phones.push(...sounds.split(' ').filter(Boolean));
      at += match.length;
      break;
    }
  }
  return phones;
}

const list = (text: string): readonly string[] => text.split(' ');
const ONSETS = list(
  'b c d f g h j k l m n p r s t v w z b c d f g l m n p r s t br cl cr dr fl fr gl gr pl pr sk sl ' +
    'sp st str sw th sh ch ph wh qu kn wr',
);
const VOWELS = list('a e i o u a e i o u a e i o u ai ay ea ee oa oo ou igh ar or');
const CODAS = list('b d g l m n p r s t ck ll ss tt ng nk nt st mp mb x tch dge sh th');
const MIDDLES = list('b c d g l m n p r s t v c g s ll ss tt nn mm pp nd st mp ph ck x th');
const ENDINGS = list('er ing tion y le ic ent age');

/** `count` different words with their phones. */
export function toyEntries(count: number, random: Random): Entry[] {
  const pick = (items: readonly string[]): string =>
    items[Math.floor(random.uniform() * items.length)];
  const words = new Set<string>();
  while (words.size < count) {
    let word = pick(ONSETS) + pick(VOWELS);
    if (random.uniform() < 0.5) word += pick(MIDDLES) + pick(VOWELS);
    const end = random.uniform();
    if (end < 0.5) word += pick(CODAS);
    else if (end < 0.7) word += pick(list('b c d g k l m n p s t v z')) + 'e';
    else word += pick(MIDDLES) + pick(ENDINGS);
    words.add(word);
  }
  return Array.from(words, (word) => ({ word, phones: [readAloud(word)] }));
}
