import index from '../../shaders/lib/index.wgsl?raw';
import sweep from '../../shaders/lib/sweep.wgsl?raw';
import product from '../../shaders/lib/sweep_product.wgsl?raw';
import type { NumberArray } from '../backend/dtype';
import type {
  Launch,
  Params,
  ParamValues,
  KernelConfig,
  ConfigCandidates,
} from '../backend/kernel';
import { elementwise, wgsl } from '../backend/kernel';

/**
 * What the sequence kernels have in common: a sweep over time, of one layer or of several on top of
 * each other. `weight` holds the layers' recurrent matrices, then the input matrices of all layers but
 * the first, whose input is projected before; what a kernel has for each step or state has the layers
 * as its first dimension, but for dy, which is of the highest one. Steps `begin` to `end` - 1 of each
 * layer; the launch sets the parameters behind them.
 */
export const SWEEP = {
  units: 'override',
  slices: 'override',
  layers: 'u32',
  time: 'u32',
  batch: 'u32',
  hidden: 'u32',
  begin: 'u32',
  end: 'u32',
  wave_begin: 'u32',
  wave_end: 'u32',
  lag: 'u32',
} as const;

export type SweepParams = ParamValues<typeof SWEEP>;

/** Parameters of a whole sweep, but for what `own` says. */
export function sweepParams(
  own: Pick<SweepParams, 'time' | 'batch' | 'hidden'> & Partial<SweepParams>,
): SweepParams {
  const launch = { units: 0, slices: 0, wave_begin: 0, wave_end: 0, lag: 0 };
  return { ...launch, layers: 1, begin: 0, end: own.time, ...own };
}

/** Rows of the batch that a workgroup makes; shaders/lib/sweep.wgsl. */
const ROWS = 4;
/** Up to so many units one workgroup can hold all of a row, and go through time by itself. */
const SMALL = 192;
/** Multiplications of a workgroup in one dispatch: milliseconds, far from any watchdog. */
const LONG = 2 ** 27;
/**
 * Dispatches that a sequence is cut in where several layers make many steps in each: so many times a
 * layer's share of it is what the last layer waits for the first.
 */
const WAVES = 8;

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

/** `pack` once, then the steps, layers as a wavefront: each a dispatch behind the one it needs. */
function launches(
  { layers, batch, begin, end }: SweepParams,
  { columns, depth }: Extent,
  { whole, units: most, slices }: Way,
): readonly Launch[] {
  if (batch === 0 || begin >= end) return [];
  const units = Math.min(most, 2 ** Math.ceil(Math.log2(columns)));
  const rows = Math.ceil(batch / ROWS);
  const inputs = layers > 1 ? 2 : 1;
  const steps = Math.max(1, Math.floor(LONG / (ROWS * 4 * columns * depth * inputs)));
  const share = layers > 1 ? Math.ceil((end - begin) / WAVES) : end - begin;
  const lag = whole ? Math.min(steps, share) : 1;
  const all: Launch[] = elementwise((2 * layers - 1) * columns * depth).map((launch) => ({
    ...launch,
    entry: 'pack',
  }));
  for (let wave = begin; wave < end + (layers - 1) * lag; wave += lag) {
    all.push({
      workgroups: [rows, whole ? 1 : Math.ceil(columns / units), layers],
      params: { units, slices, wave_begin: wave, wave_end: wave + lag, lag },
    });
  }
  return all;
}

/** A matrix of weights: vec4s in a row of a product with it, and what each is a sum of. */
interface Extent {
  columns: number;
  depth: number;
}

/**
 * The ways through a sweep; `extent` by the number of hidden units. `source` is joined with the
 * libraries of sweeps.
 */
export function sweepConfigs<P extends Params & typeof SWEEP>(
  source: string,
  extent: (hidden: number) => Extent,
) {
  const config = (way: Way): KernelConfig<P> => ({
    name: way.name,
    source: wgsl(source, sweep, index, product),
    scratch({ layers, hidden }) {
      const { columns, depth } = extent(hidden as number);
      return (2 * (layers as number) - 1) * 4 * columns * depth;
    },
    launch: (p) => launches(p, extent(p.hidden as number), way),
  });
  const [whole, steps, alone, stepsAlone] = [WHOLE, STEPS, WHOLE_ALONE, STEPS_ALONE].map(config);
  return {
    ...whole,
    candidates(p: ParamValues<P>): ConfigCandidates<P> {
      const sizes = [p.time, p.batch, p.hidden].map((size) => Math.ceil(Math.log2(size as number)));
      const layers = (p.layers as number) > 1 ? `${p.layers as number} layers ` : '';
      return {
        sizeClass: `${layers}${sizes.join()}`,
        configs:
          (p.hidden as number) <= SMALL
            ? [whole, steps, alone, stepsAlone]
            : [steps, whole, stepsAlone],
      };
    },
  };
}

/** The layers' matrices, of so many rows of H, among the weights of a sweep. */
export function matricesOf(weight: NumberArray, layers: number, rows: number, H: number) {
  const matrices = Array.from({ length: 2 * layers - 1 }, (_, i) =>
    weight.subarray(i * rows * H, (i + 1) * rows * H),
  );
  const recurrent = matrices.slice(0, layers);
  /** By layer; none for the first. */
  const input = [new Float64Array(0), ...matrices.slice(layers)];
  return { recurrent, input };
}

/** Row `row` of a matrix by row `b` of states, both of H. */
export function rowProduct(
  matrix: NumberArray,
  row: number,
  states: NumberArray,
  b: number,
  H: number,
): number {
  let sum = 0;
  for (let k = 0; k < H; k++) sum += matrix[row * H + k] * states[b * H + k];
  return sum;
}

/** `count` gradients from `from` on by column j of a matrix's rows from `row` on, of H each. */
export function columnProduct(
  gradients: NumberArray,
  from: number,
  count: number,
  matrix: NumberArray,
  row: number,
  j: number,
  H: number,
): number {
  let sum = 0;
  for (let k = 0; k < count; k++) {
    sum += gradients[from + k] * matrix[(row + k) * H + j];
  }
  return sum;
}
