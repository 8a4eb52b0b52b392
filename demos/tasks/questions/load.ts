import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DataError } from 'lethe';

import { CLASSES } from './questions';
import type { Question } from './questions';

/**
 * Reads `train_5500.label` and `TREC_10.label` (Li and Roth, COLING 2002) from a folder: lines of
 * `COARSE:fine question`. The coarse class counts; the fine one, where there is one, is kept beside it.
 *
 * @throws DataError naming the file, or the line that has another form.
 */
export async function loadQuestions(
  folder: string,
): Promise<{ train: Question[]; test: Question[] }> {
  const [train, test] = await Promise.all(
    ['train_5500.label', 'TREC_10.label'].map((name) => readLabels(join(folder, name))),
  );
  return { train, test };
}

async function readLabels(file: string): Promise<Question[]> {
  const bytes = await readFile(file).catch((error: Error) => {
    throw new DataError(
      `${error.message}; a folder with train_5500.label and TREC_10.label is needed`,
    );
  });
  return parseQuestions(decode(bytes), file);
}

/** The copies in circulation differ: some are ASCII, some have single bytes of windows-1252. */
function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}

/**
 * @param name of the file, for messages.
 * @throws DataError naming the first line without a class that there is.
 */
export function parseQuestions(text: string, name: string): Question[] {
  const questions: Question[] = [];
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    if (line.trim() === '') continue;
    const [, coarse, fine, question] = /^([A-Za-z]+)(?::(\S+))?\s+(.+)$/.exec(line) ?? [];
    const label = CLASSES.findIndex(({ code }) => code === coarse);
    if (label < 0) {
      const codes = CLASSES.map(({ code }) => code).join(', ');
      throw new DataError(
        `${name}, line ${i + 1}: ${line.slice(0, 40)}; "CLASS:detail question" is needed, with a class of ${codes}`,
      );
    }
    questions.push({ text: question.trim(), label, ...(fine === undefined ? {} : { fine }) });
  }
  if (questions.length === 0) throw new DataError(`${name} has no questions`);
  return questions;
}
