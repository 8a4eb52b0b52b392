import { boxed } from './pairs';

/**
 * The inputs that are hatched in the picture, in a sentence.
 *
 * @param seen how often training had them, at most.
 * @param means what the network makes of them, in a sentence.
 */
export function unknownTold(
  tokens: readonly string[],
  known: readonly boolean[],
  seen: 'never' | 'once',
  means: string,
): string[] {
  const unknown = new Set(tokens.filter((_, i) => !known[i]));
  if (unknown.size === 0) return [];
  const often = seen === 'never' ? 'Never seen in training' : 'Never seen in training, or once';
  return [`${often}: ${Array.from(unknown, boxed).join(', ')}. ${means}`];
}
