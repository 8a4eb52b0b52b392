/** What a tagger must beat: each word gets the tag that it had most often, whatever stands around it. */

interface Tagged {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/**
 * @param train sentences whose words and tags are counted; words are told apart by case.
 * @returns a tagger of one sentence. A word that training did not have gets the tag of its lower case, else the one that is
 *   most frequent over all. Of equally frequent tags the one that came first is taken.
 */
export function mostFrequentTag(train: readonly Tagged[]): (words: readonly string[]) => string[] {
  const counts = new Map<string, Map<string, number>>();
  for (const { words, tags } of train) {
    for (const [i, word] of words.entries()) {
      const ofWord = counts.get(word) ?? new Map<string, number>();
      ofWord.set(tags[i], (ofWord.get(tags[i]) ?? 0) + 1);
      counts.set(word, ofWord);
    }
  }
  const all = new Map<string, number>();
  for (const ofWord of counts.values()) {
    for (const [tag, count] of ofWord) all.set(tag, (all.get(tag) ?? 0) + count);
  }
  const unknown = mostOften(all);
  const best = new Map(Array.from(counts, ([word, ofWord]) => [word, mostOften(ofWord)]));
  return (words) => words.map((word) => best.get(word) ?? best.get(word.toLowerCase()) ?? unknown);
}

function mostOften(counts: ReadonlyMap<string, number>): string {
  let best = '';
  let highest = 0;
  for (const [tag, count] of counts) {
    if (count > highest) [best, highest] = [tag, count];
  }
  return best;
}
