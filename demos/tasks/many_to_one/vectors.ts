/** Vectors of words that were learnt elsewhere, on far more text than a task has. */
import { DataError } from 'lethe';
import { TokenVocabulary } from 'lethe/data';
import type { TokenVocabularyData, WordVectors } from 'lethe/data';

interface Sequences {
  readonly train: readonly { readonly tokens: readonly string[] }[];
}

/**
 * Data with the vectors of a file, and a note on what it has of their words.
 *
 * @throws DataError where it has none of them.
 */
export async function withVectors<D extends Sequences>(
  data: D,
  path: string,
): Promise<{ data: D; note: string }> {
  const { loadVectors } = await import('./load_vectors');
  const words = new Set(data.train.flatMap(({ tokens }) => tokens));
  const vectors = await loadVectors(path, words);
  const known = vectors.words.filter((word) => words.has(word)).length;
  const of = (count: number): string => count.toLocaleString('en');
  const note = `${of(known)} of the ${of(words.size)} words to learn from have vectors`;
  if (known === 0) throw new DataError(`${path}: ${note}; give a file of the same language`);
  return { data: { ...data, vectors }, note };
}

/** What is kept of them with a model: the words, by an id of which 0 stands for every other word. */
export function vectorMeta(vectors: WordVectors | undefined): { vectors?: TokenVocabularyData } {
  if (!vectors) return {};
  // A row that a file has for unknown words is not found, as no word ends in a space: theirs is 0.
  const words = vectors.words.map((word) => (word === '<unk>' ? `${word} ` : word));
  return { vectors: new TokenVocabulary(words, ['unk']).toJSON() };
}

/** How many ids, and numbers of each. */
export function vectorSizes(vectors: WordVectors | undefined): { pretrained?: [number, number] } {
  if (!vectors) return {};
  const [words, width] = vectors.vectors.shape;
  return { pretrained: [words + 1, width] };
}

/** The rows of these ids: zeros for other words. */
export function vectorRows({ vectors }: WordVectors): Float32Array {
  const [, width] = vectors.shape;
  const rows = new Float32Array(width + vectors.data.length);
  rows.set(vectors.data, width);
  return rows;
}
