import { requireText } from './check';
import { DataError } from '../errors';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';

/** A sentence of a file of columns, as of a tagger. */
export interface ConllSentence {
  /** Each column with one entry for each token: often the words first, and the tags last. */
  readonly columns: readonly (readonly string[])[];
  /** The line of the file, from 1, of the first token. */
  readonly line: number;
}

/** Options of {@link parseConll}. */
export interface ConllOptions {
  /** Of the file, for messages; `parseConll` when left out. */
  name?: string;
  /**
   * The file is of Universal Dependencies (.conllu): comments, which begin with `#`, and the rows of contracted and of empty
   * words, 1-2 and 1.1, are left out. False when left out.
   */
  conllu?: boolean;
}

const CONLL_OPTIONS: OptionNames<ConllOptions> = { name: true, conllu: 'boolean' };

/** What is no word of a .conllu file: a comment, a row of several words, one of a word that is not there. */
const UNNUMBERED = /^(#|\d+[-.]\d+\s)/;

/**
 * Reads the format of the CoNLL shared tasks: a token on each line, with its columns apart by tabs, or by
 * spaces where there is no tab; blank lines between sentences. Lines that begin with -DOCSTART- are left out.
 *
 * @throws DataError naming the line that has more or fewer columns than the first; when there are no tokens.
 */
export function parseConll(text: string, options: ConllOptions = {}): ConllSentence[] {
  checkOptions('parseConll', options, CONLL_OPTIONS);
  requireText('parseConll', 'text', text);
  const { name: owner = 'parseConll', conllu = false } = options;
  const sentences: { columns: string[][]; line: number }[] = [];
  let width: number | undefined;
  let comment = false;
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
    if (conllu && UNNUMBERED.test(line)) continue;
    comment ||= line.startsWith('# ');
    const fields = line.split(line.includes('\t') ? '\t' : / +/);
    width ??= fields.length;
    if (fields.length !== width) {
      const hint = comment ? '; a .conllu file is read by { conllu: true }' : '';
      throw new DataError(
        `${owner}: line ${i + 1} has ${fields.length} columns, and the first ${width}${hint}`,
      );
    }
    if (!open) sentences.push({ columns: fields.map(() => []), line: i + 1 });
    open = true;
    const { columns } = sentences[sentences.length - 1];
    for (const [column, field] of fields.entries()) columns[column].push(field.trim());
  }
  if (sentences.length === 0) throw new DataError(`${owner}: the text holds no tokens`);
  return sentences;
}
