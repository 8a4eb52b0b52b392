import { requireText } from './check';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** What `wordTokens` takes. */
export interface WordTokensOptions {
  /** In lower case, by Unicode's rules for no language; false when left out. */
  lowerCase?: boolean;
}

const WORD_TOKENS_OPTIONS: OptionNames<WordTokensOptions> = { lowerCase: 'boolean' };

/** Letters, digits and the marks on them. */
const LETTER = String.raw`[\p{L}\p{N}\p{M}]`;
/** What may stand inside a word: apostrophes, hyphens, joiners, and a point or comma between digits. */
const INSIDE = String.raw`(?:['’\-\u00ad\u200c\u200d]|(?<=\p{N})[.,:](?=\p{N}))`;
/** A picture with what changes or joins it. */
const EMOJI = String.raw`\p{Extended_Pictographic}(?:\p{Emoji_Modifier}|\ufe0f|\u200d\p{Extended_Pictographic})*`;

const TOKEN = new RegExp(
  `${LETTER}+(?:${INSIDE}${LETTER}+)*|${EMOJI}|[^\\s\\p{Cc}\\p{Cf}\\p{Cs}\\p{L}\\p{N}\\p{M}]`,
  'gu',
);

/**
 * The words of a text, and its punctuation marks each by itself: `Don't pay 3,50!` has `Don't`, `pay`,
 * `3,50` and `!`. The text is brought to Unicode's form NFC first; spaces and invisible characters are left
 * out. For languages that are written without spaces, use characters or {@link BytePairEncoding}.
 */
export function wordTokens(text: string, options: WordTokensOptions = {}): string[] {
  checkOptions('wordTokens', options, WORD_TOKENS_OPTIONS);
  requireText('wordTokens', 'text', text);
  const whole = text.normalize('NFC');
  return (options.lowerCase ? whole.toLowerCase() : whole).match(TOKEN) ?? [];
}

/** The characters of a text, by code point. */
export function characterTokens(text: string): string[] {
  requireText('characterTokens', 'text', text);
  return [...text];
}
