/**
 * Results as text.
 *
 * @typedef {import('./types').Row} Row
 * @typedef {import('./types').Ratio} Ratio
 */

/**
 * Columns of equal width: the first two to the left, the last too, numbers to the right.
 *
 * @param {readonly (readonly string[])[]} lines the heading first
 */
export function align(lines) {
  const last = lines[0].length - 1;
  const widths = lines[0].map((_, i) => Math.max(...lines.map((line) => line[i].length)));
  return lines
    .map((line) =>
      line
        .map((cell, i) => {
          if (i === last) return cell;
          return i < 2 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]);
        })
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/**
 * Three digits that count, or all before the point.
 *
 * @param {number | undefined} value
 */
export function digits(value) {
  if (value === undefined) return '';
  if (value === 0) return '0';
  const magnitude = Math.floor(Math.log10(Math.abs(value)));
  if (magnitude < -3) return value.toExponential(1);
  return value.toFixed(Math.max(0, 2 - magnitude));
}

/**
 * Columns, each left out where no row has it.
 *
 * @type {[heading: string, cell: (row: Row) => string][]}
 */
const COLUMNS = [
  ['ms/step', (row) => digits(row.msPerStep)],
  ['min', (row) => digits(row.min)],
  ['max', (row) => digits(row.max)],
  ['turns', (row) => `${row.rounds ?? ''}`],
  ['first ms', (row) => digits(row.firstMs)],
  ['us/char', (row) => digits(row.usPerCharacter)],
  ['char/s', (row) => row.charactersPerSecond?.toFixed(0) ?? ''],
  ['loss', (row) => row.firstLoss?.toFixed(4) ?? ''],
  ['to', (row) => row.lastLoss?.toFixed(4) ?? ''],
  ['kernels', (row) => `${row.dispatches ?? ''}`],
  ['encode ms', (row) => digits(row.encodeMs)],
  ['record ms', (row) => digits(row.recordMs)],
  ['1st record', (row) => digits(row.firstRecordMs)],
  ['MB', (row) => digits(row.bytes === undefined ? undefined : row.bytes / 1e6)],
  ['floor', (row) => (row.floorPercent === undefined ? '' : `${digits(row.floorPercent)} %`)],
];

/** @param {Row} row */
function remark({ missing, error, on, note }) {
  if (missing !== undefined) return `missing: ${missing}`;
  if (error !== undefined) return `ERROR: ${error}`;
  return [on, note].filter(Boolean).join('; ');
}

/** @param {readonly Row[]} rows */
export function formatRows(rows) {
  const columns = COLUMNS.filter(([, cell]) => rows.some((row) => cell(row) !== ''));
  const heading = ['workload', 'contender', ...columns.map(([name]) => name), 'on'];
  const lines = rows.map((row) => [
    row.workload,
    row.contender,
    ...columns.map(([, cell]) => cell(row)),
    remark(row),
  ]);
  return align([heading, ...lines]);
}

/** @param {readonly Ratio[]} ratios */
export function formatRatios(ratios) {
  const lines = ratios.map(({ name, target, value, met }) => {
    const verdict = met === null ? '' : met ? 'met' : 'not met';
    return [
      'ratio',
      name,
      value === null ? 'not measured' : digits(value),
      digits(target),
      verdict,
    ];
  });
  return align([['', '', 'value', 'target', ''], ...lines]);
}
