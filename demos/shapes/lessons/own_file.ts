/** Data of one's own: a CSV file with a header, tab-separated values, or a JSON object on each line. */
import { parseCsv, splitExamples } from '../../../src/data/index';
import { DataError } from '../../../src/errors';
import type { Found } from '../../learn/protocol';
import { counted } from '../../shared/format';

/** A file as text; what it holds is read in the worker. */
export interface OwnFile {
  readonly name: string;
  readonly text: string;
  /** Once it has been looked through. */
  readonly found?: Found;
}

interface Table {
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  /** The line of the file, from 1, that each row begins on. */
  readonly lines: readonly number[];
}

/** Rows of which a tenth each is held out and tested. */
const LEAST_ROWS = 30;

function tableOf({ text }: OwnFile): Table {
  if (/^\s*\{/.test(text)) return jsonLines(text);
  const [first] = text.split('\n', 1);
  const separator = ['\t', ',', ';'].find((one) => first.includes(one));
  try {
    return parseCsv(text, { separator });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    const told = error.message.replace(/^parseCsv: ./, (start) => start.at(-1)!.toUpperCase());
    throw new DataError(`${told}.`, { cause: error });
  }
}

function jsonLines(text: string): Table {
  const lines = text
    .split('\n')
    .map((line, i) => ({ line, at: i + 1 }))
    .filter(({ line }) => line.trim() !== '');
  const objects = lines.map(({ line, at }) => {
    try {
      const value: unknown = JSON.parse(line);
      if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
    } catch {
      // Told below.
    }
    throw new DataError(`Line ${at} is no JSON object: give one on each line.`);
  });
  const columns = Object.keys(objects[0]);
  const rows = objects.map((object, i) =>
    columns.map((column) => {
      const value = object[column];
      if (typeof value === 'string' || typeof value === 'number') return String(value);
      throw new DataError(`Line ${lines[i].at} has no text or number in “${column}”.`);
    }),
  );
  return { columns, rows, lines: lines.map(({ at }) => at) };
}

/** The columns of these names; where one has none, the first or the last that the other does not take. */
function columnsOf({ columns }: Table, first: RegExp, second: RegExp): [number, number] {
  const left = columns.findIndex((column) => first.test(column));
  const right = columns.findIndex((column, i) => i !== left && second.test(column));
  const last = columns.length - 1;
  if (left >= 0) return [left, right >= 0 ? right : left === last ? 0 : last];
  return right >= 0 ? [right === 0 ? 1 : 0, right] : [0, last];
}

/** @returns the texts of two columns, row by row, and what the columns are called. */
function twoColumns(file: OwnFile, first: RegExp, second: RegExp) {
  const table = tableOf(file);
  if (table.columns.length < 2) {
    throw new DataError(`${file.name} has one column, “${table.columns[0]}”: two are needed.`);
  }
  const [left, right] = columnsOf(table, first, second);
  if (table.rows.length < LEAST_ROWS) {
    throw new DataError(
      `${file.name} has ${counted(table.rows.length, 'row')}: ${LEAST_ROWS} are needed at least.`,
    );
  }
  const columns = [table.columns[left], table.columns[right]] as const;
  const rows = table.rows.map((row, i) => {
    const [a, b] = [row[left].trim(), row[right].trim()];
    if (a === '' || b === '') {
      throw new DataError(`Line ${table.lines[i]} has nothing in “${columns[a === '' ? 0 : 1]}”.`);
    }
    return [a, b] as const;
  });
  return { rows, columns };
}

/**
 * Texts and their labels: the columns `text` and `label`, or the first and the last.
 *
 * @throws DataError naming the line; for a single label.
 */
export function ownLabelled(file: OwnFile, tokensOf: (text: string) => string[]) {
  const { rows, columns } = twoColumns(
    file,
    /^(text|sentence|name|input)$/i,
    /^(label|class|category|target)$/i,
  );
  const classes = [...new Set(rows.map(([, label]) => label))].sort();
  if (classes.length < 2) {
    throw new DataError(
      `Every row of ${file.name} is labelled “${classes[0]}”: there is nothing to tell apart.`,
    );
  }
  if (classes.includes(columns[1])) {
    throw new DataError(
      `The first line of ${file.name} is a row, with the label “${columns[1]}”: put a line before it that names the columns, ` +
        'as text,label.',
    );
  }
  const examples = rows.map(([text, label]) => ({
    text,
    tokens: tokensOf(text),
    label: classes.indexOf(label),
  }));
  const [train, valid, test] = splitExamples(examples, [0.8, 0.1, 0.1], 1);
  return { train, valid, test, classes, columns };
}

/**
 * What is read and what is to be written: the columns `source` and `target`, or the first and the last.
 *
 * @throws DataError naming the line.
 */
export function ownPairs(file: OwnFile, tokensOf: (text: string) => string[]) {
  const { rows, columns } = twoColumns(file, /^(source|input|from)$/i, /^(target|output|to)$/i);
  const pairs = rows.map(([source, target]) => ({
    source: tokensOf(source),
    target: [...target],
  }));
  return { pairs, columns };
}

/**
 * A series: the last column that holds numbers alone; the first one, where it is another, tells when each was.
 *
 * @throws DataError where no column does, naming the line of the last column that does not.
 */
export function ownSeries(file: OwnFile) {
  const table = tableOf({ ...file, text: withHeader(file.text) });
  const at = table.columns.findLastIndex((_, column) =>
    table.rows.every((row) => isNumber(row[column])),
  );
  if (at < 0) {
    const column = table.columns.length - 1;
    const wrong = table.rows.findIndex((row) => !isNumber(row[column]));
    throw new DataError(
      `Line ${table.lines[wrong]} has “${table.rows[wrong][column]}” in “${table.columns[column]}”, which is no number; ` +
        'a column of numbers is needed.',
    );
  }
  const values = table.rows.map((row) => Number(row[at]));
  const labels =
    at === 0 ? values.map((_, i) => String(i + 1)) : table.rows.map(([first]) => first);
  return { unit: table.columns[at], labels, values };
}

/**
 * The series that stands in a box: numbers between spaces, commas or line ends, or the text of a file with a column of
 * them; undefined where there is nothing.
 *
 * @throws DataError for what is neither.
 */
export function seriesIn(input: string) {
  const text = input.trim();
  if (text === '') return undefined;
  const words = text.split(/[\s,;]+/).filter((word) => word !== '');
  const wrong = words.findIndex((word) => !isNumber(word));
  // One a line, or many on one; a table has as many on each of several lines.
  const counts = new Set(text.split(/\s*\n\s*/).map((line) => line.split(/[\s,;]+/).length));
  const table = text.includes('\n') && counts.size === 1 && !counts.has(1);
  if (wrong < 0 && !table) {
    const values = words.map(Number);
    return { unit: 'value', labels: values.map((_, i) => String(i + 1)), values };
  }
  // With a header, or with when each value was beside it.
  if (text.includes('\n')) return ownSeries({ name: SERIES, text });
  throw new DataError(
    `Number ${wrong + 1} is “${words[wrong]}”: give numbers alone, with spaces or commas between.`,
  );
}

const SERIES = 'The series';

/** Lines of as many fields each, the last of the first a number, are a table without a header, which is given one. */
function withHeader(text: string): string {
  const [first, ...lines] = text.trim().split(/[^\S\n]*\n\s*/);
  const between = /[,;\t]/.exec(first)?.[0] ?? /\s+/;
  const rows = [first, ...lines].map((line) => line.split(between));
  const { length } = rows[0];
  if (!isNumber(rows[0][length - 1]) || rows.some((row) => row.length !== length)) return text;
  const header = rows[0].map((_, i) => `column ${i + 1}`);
  return [header, ...rows].map((row) => row.join(',')).join('\n');
}

const isNumber = (text: string): boolean => text.trim() !== '' && Number.isFinite(Number(text));
