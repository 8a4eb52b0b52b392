import { requireText } from './check';
import { DataError } from '../errors';

/** A sentence of a file of columns, as of a tagger. */
export interface ConllSentence {
  /** Each column with one entry for each token: often the words first, and the tags last. */
  readonly columns: readonly (readonly string[])[];
  /** The line of the file, from 1, of the first token. */
  readonly line: number;
}

/**
 * Reads the format of the CoNLL shared tasks: a token on each line, with its columns apart by tabs, or by
 * spaces where there is no tab; blank lines between sentences. Lines that begin with -DOCSTART- are left out.
 *
 * @throws DataError naming the line that has more or fewer columns than the first; when there are no tokens.
 */
export function parseConll(text: string): ConllSentence[] {
  requireText('parseConll', 'text', text);
  const sentences: { columns: string[][]; line: number }[] = [];
  let width: number | undefined;
  let open = false;
  for (const [i, whole] of text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .entries()) {
    const line = whole.trim();
    const blank = line === '' || line.startsWith('-DOCSTART-');
    if (blank) {
      open = false;
      continue;
    }
    const fields = line.split(line.includes('\t') ? '\t' : / +/);
    width ??= fields.length;
    if (fields.length !== width) {
      throw new DataError(
        `parseConll: line ${i + 1} has ${fields.length} columns, and the first ${width}`,
      );
    }
    if (!open) sentences.push({ columns: fields.map(() => []), line: i + 1 });
    open = true;
    const { columns } = sentences[sentences.length - 1];
    for (const [column, field] of fields.entries()) columns[column].push(field.trim());
  }
  if (sentences.length === 0) throw new DataError('parseConll: the text holds no tokens');
  return sentences;
}
