/** What a tagger of names must beat: a list of the names that training had, found again wherever they stand. */

interface Tagged {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

/**
 * @param train sentences with BIO tags; each name there is put on a list with its kind, in lower case.
 * @returns a tagger of one sentence: from the left, the longest name on the list gets the kind that it had most
 *   often. A name that stood in training more often without a tag than with one is left off.
 */
export function gazetteer(train: readonly Tagged[]): (words: readonly string[]) => string[] {
  const kinds = new Map<string, Map<string, number>>();
  for (const { words, tags } of train) {
    for (const [start, tag] of tags.entries()) {
      if (!tag.startsWith('B-')) continue;
      let end = start + 1;
      while (tags[end] === `I-${tag.slice(2)}`) end++;
      const name = nameOf(words, start, end);
      const counts = kinds.get(name) ?? new Map<string, number>();
      counts.set(tag.slice(2), (counts.get(tag.slice(2)) ?? 0) + 1);
      kinds.set(name, counts);
    }
  }
  const longest = Math.max(0, ...Array.from(kinds.keys(), (name) => name.split(' ').length));
  for (const { words, tags } of train) {
    for (let start = 0; start < words.length; start++) {
      for (let end = start + 1; end <= Math.min(words.length, start + longest); end++) {
        if (tags.slice(start, end).some((tag) => tag !== 'O')) break;
        const counts = kinds.get(nameOf(words, start, end));
        counts?.set('', (counts.get('') ?? 0) + 1);
      }
    }
  }
  const kindOf = new Map(
    Array.from(kinds, ([name, counts]) => {
      const [[best]] = Array.from(counts).sort(([, a], [, b]) => b - a);
      return [name, best];
    }),
  );
  return (words) => {
    const tags = words.map(() => 'O');
    for (let start = 0; start < words.length; start++) {
      for (let end = Math.min(words.length, start + longest); end > start; end--) {
        const kind = kindOf.get(nameOf(words, start, end));
        if (!kind) continue;
        tags[start] = `B-${kind}`;
        tags.fill(`I-${kind}`, start + 1, end);
        start = end - 1;
        break;
      }
    }
    return tags;
  };
}

const nameOf = (words: readonly string[], start: number, end: number): string =>
  words.slice(start, end).join(' ').toLowerCase();
