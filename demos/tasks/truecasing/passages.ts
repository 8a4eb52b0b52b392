import { split } from '../pairs/pairs';
import type { Parts } from '../parts';

/** Characters of a passage, unless one sentence has more. */
const LONG = 160;

/** Where a sentence ends, in a text whose sentences begin with a capital, and quotes stand around some. */
const SENTENCE_END = /(?<=[.!?]["']?) (?=["'(]*\p{Lu})/u;

/** Whole sentences of a text, a few together: paragraphs stand between blank lines, and lines run on. */
export function passagesOf(text: string): string[] {
  const paragraphs = text.split(/\n\s*\n/).map((lines) => lines.trim().replace(/\s+/g, ' '));
  return paragraphs.flatMap((paragraph) => {
    const passages = [''];
    for (const sentence of paragraph.split(SENTENCE_END)) {
      const before = passages.at(-1)!;
      if (before !== '' && before.length + sentence.length < LONG) {
        passages[passages.length - 1] = `${before} ${sentence}`;
      } else passages.push(sentence);
    }
    return passages.filter((passage) => passage !== '');
  });
}

/** What is written in capitals all through, as signs and headings are, tells nothing of where capitals belong. */
const SHOUTED = /\p{Lu}{3}/u;

export const dividedPassages = (text: string): Parts<string> =>
  split(
    passagesOf(text).filter((passage) => !SHOUTED.test(passage)),
    0.1,
  );
