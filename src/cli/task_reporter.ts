import type { Metrics } from '../train/task';
import { significant } from './numbers';

/** Figures as JSON, in as many digits as say something. */
export function figures(metrics: Metrics): Metrics {
  return Object.fromEntries(
    Object.entries(metrics).map(([name, value]) => [name, significant(value, 6)]),
  );
}

/** Figures side by side as lines of text, a column for each of those who have them. */
export function figureTable(columns: Readonly<Record<string, Metrics>>): string[] {
  const heads = Object.keys(columns);
  const names = [...new Set(Object.values(columns).flatMap((metrics) => Object.keys(metrics)))];
  const rows = names.map((name) => [
    name,
    ...Object.values(columns).map((metrics) => {
      return Object.hasOwn(metrics, name) ? figure(metrics[name]) : '-';
    }),
  ]);
  const table = [['', ...heads], ...rows];
  const widths = table[0].map((_, i) => Math.max(...table.map((row) => row[i].length)));
  return table.map((row) =>
    row
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i])))
      .join('   ')
      .trimEnd(),
  );
}

/** A figure for people. */
export function figure(value: number): string {
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return String(value);
  return size >= 0.001 && size < 1e5 ? value.toFixed(size < 100 ? 4 : 1) : value.toPrecision(3);
}
