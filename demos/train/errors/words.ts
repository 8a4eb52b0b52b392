import type { ErrorKind, ErrorSlice } from '../../../src/text/index';
import { counted } from '../../shared/format';

/** What each kind of error is called, and which errors are meant. */
export const KINDS: Readonly<Record<ErrorKind, { title: string; definition: string }>> = {
  ngram: {
    title: 'Short patterns',
    definition:
      'An n-gram model, which looks at the last few characters alone, gives the character one half ' +
      'or more: one of the orders 1 to 9 does. The network could have known it from nearby.',
  },
  memory: {
    title: 'Words seen just before',
    definition:
      'The character is in a word, after its first letter, and the same letters stand somewhere in ' +
      'the last 5,000 characters before that word. A memory of what was read would have helped.',
  },
  rareWord: {
    title: 'Rare words',
    definition:
      'The character is in a word that the training text has at most five times. More text would ' +
      'have helped.',
  },
  wordStart: {
    title: 'First letters',
    definition:
      'The character comes after a space, a line end or a quote. Which word comes is harder to ' +
      'know than how it goes on.',
  },
  punctuation: {
    title: 'Punctuation',
    definition: 'The character is a sign, neither a letter nor a digit nor white space.',
  },
  boost: {
    title: 'The rest',
    definition:
      'Nothing above explains the error. The rows tell how much more probability would have been ' +
      'enough.',
  },
};

/** What a row within a kind stands for; kinds of one row need none. */
export function sliceInWords({ kind, limit }: ErrorSlice): string | null {
  if (limit === null) return null;
  switch (kind) {
    case 'ngram':
      return `first right with ${counted(limit, 'character')}`;
    case 'memory':
      return `within ${counted(limit, 'character')}`;
    case 'rareWord':
      return limit === 0 ? 'never in the training text' : `${counted(limit, 'time')} in it`;
    default:
      return `up to ${limit.toFixed(1)} more`;
  }
}
