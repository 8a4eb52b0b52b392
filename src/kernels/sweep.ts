import type { Launch, Params, ParamValues, Plan, Variants } from '../backend/kernel';
import { elementwise } from '../backend/kernel';

/** What the sequence kernels have in common: a layer's sweep over time. */
export const SWEEP = {
  units: 'override',
  slices: 'override',
  time: 'u32',
  batch: 'u32',
  hidden: 'u32',
  begin: 'u32',
  end: 'u32',
} as const;

export type SweepParams = ParamValues<typeof SWEEP>;

/** Rows of the batch that a workgroup makes; shaders/lib/sweep.wgsl. */
const ROWS = 4;
/** Up to so many units one workgroup can hold all of a row, and go through time by itself. */
const SMALL = 192;
/** Multiplications of a workgroup in one dispatch: milliseconds, far from any watchdog. */
const LONG = 2 ** 27;

interface Way {
  readonly name: string;
  /** Many steps in a dispatch, one workgroup for four rows; else one, columns spread over workgroups. */
  readonly whole: boolean;
  /** Columns that a workgroup makes at once. */
  readonly units: number;
  /** Threads that share the depth of a sum; 4 or 1. */
  readonly slices: number;
}

const WHOLE: Way = { name: 'whole', whole: true, units: 64, slices: 4 };
const STEPS: Way = { name: 'steps', whole: false, units: 16, slices: 4 };
const WHOLE_ALONE: Way = { name: 'whole, alone', whole: true, units: 64, slices: 1 };
const STEPS_ALONE: Way = { name: 'steps, alone', whole: false, units: 64, slices: 1 };

/** `pack` once, then the steps. */
function launches(
  { batch, begin, end }: SweepParams,
  { columns, depth }: Extent,
  { whole, units, slices }: Way,
): readonly Launch[] {
  if (batch === 0 || begin >= end) return [];
  const rows = Math.ceil(batch / ROWS);
  const atOnce = whole ? Math.max(1, Math.floor(LONG / (ROWS * 4 * columns * depth))) : 1;
  const all: Launch[] = elementwise(columns * depth).map((launch) => ({
    ...launch,
    entry: 'pack',
  }));
  for (let from = begin; from < end; from += atOnce) {
    all.push({
      workgroups: [rows, whole ? 1 : Math.ceil(columns / units), 1],
      params: { units, slices, begin: from, end: Math.min(end, from + atOnce) },
    });
  }
  return all;
}

/** The recurrent product: vec4s in a row of its result, and what each is a sum of. */
interface Extent {
  columns: number;
  depth: number;
}

/** The ways through a sweep; `extent` by the number of hidden units. */
export function sweepPlans<P extends Params & typeof SWEEP>(
  source: string,
  extent: (hidden: number) => Extent,
) {
  const plan = (way: Way): Plan<P> => ({
    name: way.name,
    source,
    scratch({ hidden }) {
      const { columns, depth } = extent(hidden as number);
      return 4 * columns * depth;
    },
    launch: (p) => launches(p, extent(p.hidden as number), way),
  });
  const [whole, steps, alone, stepsAlone] = [WHOLE, STEPS, WHOLE_ALONE, STEPS_ALONE].map(plan);
  return {
    ...whole,
    variants(p: ParamValues<P>): Variants<P> {
      const sizes = [p.time, p.batch, p.hidden].map((size) => Math.ceil(Math.log2(size as number)));
      return {
        sizeClass: sizes.join(),
        plans:
          (p.hidden as number) <= SMALL
            ? [whole, steps, alone, stepsAlone]
            : [steps, whole, stepsAlone],
      };
    },
  };
}
