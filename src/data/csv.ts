import { requireText } from './check';
import { ArgumentError, DataError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';

/** What `parseCsv` takes. */
export interface CsvOptions {
  /** What stands between fields: a comma when left out; '\t' for TSV. */
  separator?: string;
  /** The first line names the columns; true when left out. Else they are '0', '1' and so on. */
  header?: boolean;
}

const CSV_OPTIONS: OptionNames<CsvOptions> = { separator: true, header: 'boolean' };

/** What `csvNumbers` takes. */
export interface CsvNumbersOptions {
  /**
   * Fields that say that a number is missing, such as '' or 'NA', without blanks around; none when left out. An
   * empty line is no row: a file of one column needs `""` or NA in it.
   */
  naValues?: readonly string[];
}

const CSV_NUMBERS_OPTIONS: OptionNames<CsvNumbersOptions> = { naValues: true };

/** What `parseCsv` gives. */
export interface CsvTable {
  /** The names of the columns. */
  readonly columns: readonly string[];
  /** One field for each column. */
  readonly rows: readonly (readonly string[])[];
  /** The line of the file, from 1, at which each row begins. */
  readonly lines: readonly number[];
}

/**
 * Reads comma-separated values (RFC 4180): fields in double quotes may hold commas, line ends and doubled
 * quotes; lines end in CRLF or LF. A byte order mark and empty lines are left out.
 *
 * @throws DataError naming the line where a row has more or fewer fields than the first, a quote is not
 *   closed, or something stands behind one; when there are no rows.
 * @example
 * ```ts
 * import { csvColumn, csvNumbers, parseCsv } from 'lethe/data';
 *
 * const table = parseCsv('day,sold\nmon,3\ntue,5\n');
 * console.log(csvColumn(table, 'day'), csvNumbers(table, 'sold')); // [ 'mon', 'tue' ] [ 3, 5 ]
 * ```
 */
export function parseCsv(text: string, options: CsvOptions = {}): CsvTable {
  checkOptions('parseCsv', options, CSV_OPTIONS);
  requireText('parseCsv', 'text', text);
  const { separator = ',', header = true } = options;
  if (separator.length !== 1 || /["\r\n]/.test(separator)) {
    throw new ArgumentError(
      `parseCsv: separator = ${describeValue(separator)}; one character is needed`,
    );
  }
  const records = readRecords(text.replace(/^\ufeff/, ''), separator);
  if (records.length === 0) throw new DataError('parseCsv: the text is empty');
  const columns = header ? records[0].fields : records[0].fields.map((_, i) => String(i));
  for (const { fields, line } of records) {
    if (fields.length === columns.length) continue;
    throw new DataError(
      `parseCsv: line ${line} has ${fields.length} fields, and the first has ${columns.length}; ` +
        'put fields that hold the separator in double quotes',
    );
  }
  const body = header ? records.slice(1) : records;
  if (body.length === 0) throw new DataError('parseCsv: there are no rows below the header');
  return {
    columns,
    rows: body.map(({ fields }) => fields),
    lines: body.map(({ line }) => line),
  };
}

/**
 * A column as text.
 *
 * @throws ArgumentError when there is no such column.
 */
export function csvColumn(table: CsvTable, column: string): string[] {
  const at = table.columns.indexOf(column);
  if (at >= 0) return table.rows.map((row) => row[at]);
  throw new ArgumentError(
    `csvColumn: there is no column ${describeValue(column)}; it has ${table.columns.join(', ')}`,
  );
}

/**
 * A column as numbers; NaN where one is missing, if `naValues` has what stands there.
 *
 * @throws DataError naming the first line that has no finite number there.
 * @throws ArgumentError when there is no such column.
 * @example
 * ```ts
 * import { csvNumbers, parseCsv } from 'lethe/data';
 *
 * const table = parseCsv('x,y\n0.5,\nNA,2\n');
 * console.log(csvNumbers(table, 'x', { naValues: ['', 'NA'] })); // [ 0.5, NaN ]
 * ```
 */
export function csvNumbers(
  table: CsvTable,
  column: string,
  options: CsvNumbersOptions = {},
): number[] {
  checkOptions('csvNumbers', options, CSV_NUMBERS_OPTIONS);
  const { naValues = [] } = options;
  if (!Array.isArray(naValues) || !naValues.every((value) => typeof value === 'string')) {
    throw new ArgumentError(
      `csvNumbers: naValues = ${describeValue(naValues)}; a list of texts is needed, such as ['', 'NA']`,
    );
  }
  return csvColumn(table, column).map((field, i) => {
    const text = field.trim();
    if (naValues.includes(text)) return NaN;
    const value = text === '' ? NaN : Number(text);
    if (Number.isFinite(value)) return value;
    throw new DataError(
      `csvNumbers: line ${table.lines[i]} has ${describeValue(field)} in column ${column}; a number is needed, ` +
        'and naValues names what stands for a missing one',
    );
  });
}

interface CsvRecord {
  readonly fields: string[];
  readonly line: number;
}

function readRecords(text: string, separator: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let line = 1;
  let at = 0;
  while (at < text.length) {
    const empty = lineEnd(text, at);
    if (empty > at) {
      at = empty;
      line++;
      continue;
    }
    const record: CsvRecord = { fields: [], line };
    for (;;) {
      const quoted = text[at] === '"';
      const end = quoted ? closingQuote(text, at, line) + 1 : fieldEnd(text, at, separator);
      const field = quoted
        ? text.slice(at + 1, end - 1).replaceAll('""', '"')
        : text.slice(at, end);
      record.fields.push(field);
      if (quoted) line += field.split('\n').length - 1;
      at = end;
      if (text[at] !== separator) break;
      at++;
    }
    const next = lineEnd(text, at);
    if (next === at && at < text.length) {
      throw new DataError(
        `parseCsv: line ${line} goes on behind a closing quote; double the quotes inside a field`,
      );
    }
    at = next;
    line++;
    records.push(record);
  }
  return records;
}

/** The place of the quote that closes the one at `start`. */
function closingQuote(text: string, start: number, line: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  throw new DataError(`parseCsv: line ${line} opens a quote that is never closed`);
}

function fieldEnd(text: string, start: number, separator: string): number {
  let at = start;
  while (at < text.length && text[at] !== separator && lineEnd(text, at) === at) at++;
  return at;
}

/** The place after the line end that stands at `at`; `at` where there is none. */
function lineEnd(text: string, at: number): number {
  if (text[at] === '\n') return at + 1;
  return text[at] === '\r' && text[at + 1] === '\n' ? at + 2 : at;
}
