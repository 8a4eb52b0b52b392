import type { Launch, ParamValues } from '../backend/kernel';
import { elementwise } from '../backend/kernel';

/** What the sequence kernels have in common: a layer's sweep over time. */
export const SWEEP = {
  units: 'override',
  time: 'u32',
  batch: 'u32',
  hidden: 'u32',
  begin: 'u32',
  end: 'u32',
} as const;

export type SweepParams = ParamValues<typeof SWEEP>;

/** Rows of the batch that a workgroup makes; shaders/lib/sweep.wgsl. */
const ROWS = 4;
/** Columns that a workgroup makes at once: few where many workgroups share them, else many. */
const NARROW = 16;
const WIDE = 64;

/** Up to so many units one workgroup can hold all of a row, and go through time by itself. */
const SMALL = 192;
/** Multiplications of a workgroup in one dispatch: milliseconds, far from any watchdog. */
const LONG = 2 ** 27;

/**
 * The dispatches of a sweep: `pack` once, then either many steps in one dispatch (one workgroup for
 * four rows of the batch), or a dispatch for each step (its columns spread over workgroups).
 *
 * @param columns vec4s in a row of the result.
 * @param depth what each of them is a sum of.
 */
export function sweep(
  { batch, hidden, begin, end }: SweepParams,
  columns: number,
  depth: number,
  whole = hidden <= SMALL,
): readonly Launch[] {
  if (batch === 0 || begin >= end) return [];
  const rows = Math.ceil(batch / ROWS);
  const units = whole ? WIDE : NARROW;
  const atOnce = whole ? Math.max(1, Math.floor(LONG / (ROWS * 4 * columns * depth))) : 1;
  const launches: Launch[] = elementwise(columns * depth).map((launch) => ({
    ...launch,
    entry: 'pack',
  }));
  for (let from = begin; from < end; from += atOnce) {
    launches.push({
      workgroups: [rows, whole ? 1 : Math.ceil(columns / units), 1],
      params: { units, begin: from, end: Math.min(end, from + atOnce) },
    });
  }
  return launches;
}
