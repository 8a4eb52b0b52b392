/** Vectors of words that were learnt elsewhere, on far more text than a task has. */
import { TokenVocabulary } from 'lethe/data';
import type { TokenVocabularyData, WordVectors } from 'lethe/data';

interface Sequences {
  readonly train: readonly { readonly tokens: readonly string[] }[];
}

/** Data with the vectors of a file. */
export async function withVectors<D extends Sequences>(data: D, path: string): Promise<D> {
  const { loadVectors } = await import('./load_vectors');
  const words = data.train.flatMap(({ tokens }) => tokens);
  return { ...data, vectors: await loadVectors(path, words) };
}

/** What is kept of them with a model: the words, by an id of which 0 stands for every other word. */
export function vectorMeta(vectors: WordVectors | undefined): { vectors?: TokenVocabularyData } {
  if (!vectors) return {};
  // A row that a file has for unknown words is not found: theirs is 0.
  const words = vectors.words.map((word) => (word === '<unk>' ? '' : word));
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
