import { isWordCharacter } from '../text/character';

// Probes: a text to a number for each of its characters (code points), as a model that has just read
// the character could know it. So the inside of quotes begins with the opening one, and ends before
// the closing one.

/** A text to a number for each of its characters. */
export type Probe = (text: string) => Float32Array;

/** Where a probe is in a text. */
interface Place {
  readonly t: number;
  readonly characters: readonly string[];
  readonly before: string;
  /** True for a straight double quote, but for one after a backslash, or between single quotes. */
  readonly quote: boolean;
  /** True where the character ends a line of nothing but white space: a paragraph ends there. */
  readonly paragraphEnd: boolean;
}

/** Calls `read` with each character in turn. */
function scan(text: string, read: (character: string, place: Place) => number): Float32Array {
  const characters = Array.from(text);
  let white = true;
  let escaped = false;
  return Float32Array.from(characters, (character, t) => {
    const paragraphEnd = character === '\n' && white;
    white = character === '\n' || (white && character.trim() === '');
    const [before = '', after = ''] = [characters[t - 1], characters[t + 1]];
    const quote = character === '"' && !escaped && !(before === "'" && after === "'");
    // A backslash after a backslash stands for itself.
    escaped = character === '\\' && !escaped;
    return read(character, { t, characters, before, quote, paragraphEnd });
  });
}

/** Characters read since the last line end. */
const linePosition: Probe = (text) => {
  let position = 0;
  return scan(text, (character) => (position = character === '\n' ? 0 : position + 1));
};

/** Just after a line end. */
const newline: Probe = (text) => scan(text, (character) => (character === '\n' ? 1 : 0));

/** Inside double quotes, straight or curly. A quote that is never closed ends with its paragraph. */
const quotes: Probe = (text) => {
  let inside = false;
  return scan(text, (character, { quote, paragraphEnd }) => {
    if (paragraphEnd || character === '”') inside = false;
    else if (character === '“') inside = true;
    else if (quote) inside = !inside;
    return inside ? 1 : 0;
  });
};

/** Each closing bracket by the one that opens it. */
const CLOSING: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

/**
 * How many brackets of these kinds are open. A closing one shuts what was opened after its partner,
 * and counts for nothing without one. Only braces outlast a paragraph, as the body of a function does.
 */
function nesting(text: string, kinds: string): Float32Array {
  let open: string[] = [];
  return scan(text, (character, { paragraphEnd }) => {
    if (paragraphEnd) open = open.filter((bracket) => bracket === '{');
    if (kinds.includes(character)) open.push(character);
    const partner = open.findLastIndex((bracket) => CLOSING[bracket] === character);
    if (partner >= 0) open = open.slice(0, partner);
    return open.length;
  });
}

const inside = (kind: string): Probe => {
  return (text) => nesting(text, kind).map((depth) => Math.min(depth, 1));
};

/** Inside a comment of C: from // to the line end, or between the signs. Not in strings or addresses. */
const comments: Probe = (text) => {
  let kind = '';
  let string = false;
  // Where a comment last began or ended: no character belongs to two signs.
  let used = -1;
  return scan(text, (character, { t, characters, before, quote }) => {
    const sign = t - 1 > used ? before + character : '';
    const wasIn = kind;
    if (kind === '') {
      if (quote) string = !string;
      else if (character === '\n') string = false;
      const address = characters[t - 2] === ':';
      if (!string && (sign === '/*' || (sign === '//' && !address))) kind = sign;
    } else if (kind === '//' ? character === '\n' : sign === '*/') {
      kind = '';
    }
    if (kind !== wasIn) used = t;
    return kind === '' ? 0 : 1;
  });
};

/** Inside the condition of an `if (...)`. One that is never closed ends with its paragraph. */
const ifCondition: Probe = (text) => {
  let depth = 0;
  let name = '';
  let ended = false;
  return scan(text, (character, { paragraphEnd }) => {
    if (paragraphEnd) depth = 0;
    else if (character === ')') depth = Math.max(depth - 1, 0);
    else if (character === '(' && (depth > 0 || name === 'if')) depth++;
    // The word before a bracket, also where white space is between them.
    const white = character.trim() === '';
    if (!white) name = isWordCharacter(character) ? (ended ? '' : name) + character : '';
    ended = white;
    return depth > 0 ? 1 : 0;
  });
};

/** Inside a word: after a letter or a digit. */
const word: Probe = (text) => scan(text, (character) => (isWordCharacter(character) ? 1 : 0));

/** Letters and digits of the word so far; 0 outside of words. */
const wordLength: Probe = (text) => {
  let length = 0;
  return scan(text, (character) => (length = isWordCharacter(character) ? length + 1 : 0));
};

/** Consonants of the Latin alphabet in a row, y among the vowels; accents do not count. */
const consonants: Probe = (text) => {
  let count = 0;
  return scan(text, (character) => {
    const letter = character.normalize('NFD')[0];
    return (count = /[b-df-hj-np-tv-xz]/i.test(letter) ? count + 1 : 0);
  });
};

/** In a word that begins with a capital letter. */
const capitalWord: Probe = (text) => {
  let [inWord, capital] = [false, false];
  return scan(text, (character) => {
    const wasIn = inWord;
    inWord = isWordCharacter(character);
    if (inWord && !wasIn) capital = /\p{Lu}/u.test(character);
    return inWord && capital ? 1 : 0;
  });
};

/** Between the end of a sentence, a full stop, question mark or exclamation mark, and its next letter. */
const sentenceStart: Probe = (text) => {
  let ended = false;
  return scan(text, (character) => {
    ended = /[.!?]/.test(character) || (ended && !isWordCharacter(character));
    return ended ? 1 : 0;
  });
};

/** Spaces and tabs that the line began with, as far as they are read; 0 at its end. */
const indentation: Probe = (text) => {
  let count = 0;
  let leading = true;
  return scan(text, (character) => {
    if (character === '\n') [count, leading] = [0, true];
    else if (leading && (character === ' ' || character === '\t')) count++;
    else leading = false;
    return count;
  });
};

/** After a capital letter. */
const capital: Probe = (text) => scan(text, (character) => (/\p{Lu}/u.test(character) ? 1 : 0));

/**
 * What `findUnits` can look for, by name. Every value is 0 or 1, but for `linePosition`, `depth`,
 * `wordLength`, `consonants` and `indentation`, which count.
 */
export const PROBES = {
  linePosition,
  newline,
  quotes,
  parentheses: inside('('),
  brackets: inside('['),
  braces: inside('{'),
  /** How many brackets are open. */
  depth: (text) => nesting(text, '([{'),
  comments,
  ifCondition,
  word,
  wordLength,
  consonants,
  capitalWord,
  sentenceStart,
  indentation,
  capital,
} satisfies Record<string, Probe>;

/** The name of a probe of `PROBES`. */
export type ProbeName = keyof typeof PROBES;
