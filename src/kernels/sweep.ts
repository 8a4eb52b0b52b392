import half from '../../shaders/lib/half.wgsl?raw';
import sweep from '../../shaders/lib/sweep.wgsl?raw';
import floats from '../../shaders/lib/sweep_floats.wgsl?raw';
import halves from '../../shaders/lib/sweep_halves.wgsl?raw';
import type { NumberArray } from '../backend/dtype';
import { halfBits, halfValue } from '../backend/half';
import type { Launch, Params, ParamValues, Plan, Variants } from '../backend/kernel';
import { elementwise, wgsl } from '../backend/kernel';

/**
 * What the sequence kernels have in common: a layer's sweep over time. With `half` the recurrent
 * weights are rounded to halves first; the sums remain f32.
 */
export const SWEEP = {
  units: 'override',
  slices: 'override',
  half: 'override',
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
  /** Columns that a workgroup makes at once, at most. */
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
  { whole, units: most, slices }: Way,
): readonly Launch[] {
  if (batch === 0 || begin >= end) return [];
  const units = Math.min(most, 2 ** Math.ceil(Math.log2(columns)));
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

/**
 * The ways through a sweep; `extent` by the number of hidden units. `source` is joined with the
 * libraries of sweeps.
 */
export function sweepPlans<P extends Params & typeof SWEEP>(
  source: string,
  extent: (hidden: number) => Extent,
) {
  /** All ways, their weights packed as `library` has it: so many floats to four weights. */
  const plans = (library: string, floatsOfFour: number, kind = '') => {
    const plan = (way: Way): Plan<P> => ({
      name: way.name + kind,
      source: wgsl(source, sweep, library),
      scratch({ hidden }) {
        const { columns, depth } = extent(hidden as number);
        return floatsOfFour * columns * depth;
      },
      launch: (p) => launches(p, extent(p.hidden as number), way),
    });
    return [WHOLE, STEPS, WHOLE_ALONE, STEPS_ALONE].map(plan);
  };
  const full = plans(floats, 4);
  const halved = plans(wgsl(halves, half), 2, ', halves');
  return {
    ...full[0],
    variants(p: ParamValues<P>): Variants<P> {
      const [whole, steps, alone, stepsAlone] = p.half ? halved : full;
      const sizes = [p.time, p.batch, p.hidden].map((size) => Math.ceil(Math.log2(size as number)));
      return {
        sizeClass: `${p.half ? 'halves ' : ''}${sizes.join()}`,
        plans:
          (p.hidden as number) <= SMALL
            ? [whole, steps, alone, stepsAlone]
            : [steps, whole, stepsAlone],
      };
    },
  };
}

/** The recurrent weights as a sweep takes them. */
export function swept(weight: NumberArray, rounded: number): NumberArray {
  return rounded ? weight.map((value) => halfValue(halfBits(value))) : weight;
}
