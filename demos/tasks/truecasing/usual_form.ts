/** What a truecaser must beat: each word as it is written most often, and a capital where a sentence begins. */
import { isCapital, lowered } from './capitals';

const WORD = /\p{L}+/gu;
/** After the start of a text or the end of a sentence, with quotes and brackets between. */
const BEGINS = /(?:^|[.!?]["')]*\s)["'(\s]*$/;

/**
 * @param train passages whose words are counted as they are written, those at the beginning of a sentence left out.
 * @param rule whether it is told where a sentence begins. Without, all words are counted, and none gets a capital for
 *   its place.
 * @returns for a passage in lower case, whether each character becomes a capital. A word that was never seen stays small.
 */
export function usualForm(
  train: readonly string[],
  rule = true,
): (characters: readonly string[]) => boolean[] {
  const begins = (before: string): boolean => rule && BEGINS.test(before);
  const counts = new Map<string, Map<string, number>>();
  for (const passage of train) {
    for (const { 0: word, index } of passage.matchAll(WORD)) {
      if (begins(passage.slice(0, index))) continue;
      const key = lowered(word).join('');
      const forms = counts.get(key) ?? new Map<string, number>();
      counts.set(key, forms.set(word, (forms.get(word) ?? 0) + 1));
    }
  }
  const usual = new Map(
    Array.from(counts, ([key, forms]) => {
      const [[form]] = [...forms].sort(([, a], [, b]) => b - a);
      return [key, Array.from(form, isCapital)] as const;
    }),
  );
  return (characters) => {
    const capitals = characters.map(() => false);
    const text = characters.join('');
    for (const { 0: word, index } of text.matchAll(WORD)) {
      for (const [i, capital] of (usual.get(word) ?? []).entries()) capitals[index + i] = capital;
      if (begins(text.slice(0, index))) capitals[index] = true;
    }
    return capitals;
  };
}
