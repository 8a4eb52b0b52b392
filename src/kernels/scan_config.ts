import type {
  ConfigCandidates,
  KernelConfig,
  Launch,
  Limits,
  ParamValues,
} from '../backend/kernel';
import { elementwise, MAX_WORKGROUPS } from '../backend/kernel';

/**
 * Parameters of a scan over time, of one layer or of several on top of each other. It makes steps
 * `begin` to `end` - 1 of each layer; the launch sets the parameters behind them.
 *
 * Numbers that there are for each step lie in rows, [layers, time, batch]; those of a ragged batch, of
 * one layer, lie packed, the longest sequence first, and `table` tells where the rows of a step begin.
 */
export const SCAN = {
  units: 'override',
  slices: 'override',
  ragged: 'override',
  /** 0: the product of the output before and `weight` is there already, or there is none. */
  recurrent: 'override',
  /** From the last step to the first. */
  reverse: 'u32',
  layers: 'u32',
  time: 'u32',
  batch: 'u32',
  /** layers time batch, or fewer where the batch is ragged. */
  rows: 'u32',
  hidden: 'u32',
  begin: 'u32',
  end: 'u32',
  wave_begin: 'u32',
  wave_end: 'u32',
  lag: 'u32',
} as const;

export type ScanParams = ParamValues<typeof SCAN>;

/** Parameters of a whole scan, but for what is given. */
export function scanParams(
  given: Pick<ScanParams, 'time' | 'batch' | 'hidden'> & Partial<ScanParams>,
): ScanParams {
  const { layers = 1, time, batch } = given;
  const launch = { units: 0, slices: 0, wave_begin: 0, wave_end: 0, lag: 0 };
  const whole = { layers, rows: layers * time * batch, begin: 0, end: time };
  return { ...launch, reverse: 0, ragged: 0, recurrent: 1, ...whole, ...given };
}

/** Rows of the batch that a workgroup makes; shaders/lib/scan.wgsl. */
const ROWS = 4;
/** Up to so many units one workgroup can hold all of a row, and go through time by itself. */
const PERSISTENT_UNITS = 192;
/** Multiplications of a workgroup in one dispatch: milliseconds, far from any watchdog. */
const DISPATCH_MULTIPLICATIONS = 2 ** 27;
/**
 * Dispatches that a sequence is cut in where several layers make many steps in each: so many times a
 * layer's share of it is what the last layer waits for the first.
 */
const WAVES = 8;

interface Shape {
  readonly name: string;
  /** Many steps in a dispatch, one workgroup for four rows; else one, columns spread over workgroups. */
  readonly persistent: boolean;
  /** Columns that a workgroup makes at once, at most. */
  readonly units: number;
  /** Threads that share the depth of a sum; 4 or 1. */
  readonly slices: number;
}

const PERSISTENT: Shape = { name: 'persistent', persistent: true, units: 64, slices: 4 };
const PER_STEP: Shape = { name: 'per step', persistent: false, units: 16, slices: 4 };
const PERSISTENT_UNSPLIT: Shape = {
  ...{ name: 'persistent, unsplit', persistent: true, units: 64, slices: 1 },
};
const PER_STEP_UNSPLIT: Shape = {
  ...{ name: 'per step, unsplit', persistent: false, units: 64, slices: 1 },
};

/** A matrix of weights: vec4s in a row of a product with it, and what each is a sum of. */
interface Extent {
  columns: number;
  depth: number;
}

/** `pack` once, then the steps, layers as a wavefront: each a dispatch behind the one it needs. */
function launches(
  { layers, batch, begin, end, recurrent }: ScanParams,
  { columns, depth }: Extent,
  { persistent, units: most, slices }: Shape,
): readonly Launch[] {
  if (batch === 0 || begin >= end) return [];
  const units = Math.min(most, 2 ** Math.ceil(Math.log2(columns)));
  const rows = Math.min(Math.ceil(batch / ROWS), MAX_WORKGROUPS);
  const across = Math.ceil(columns / units);
  if (!recurrent) {
    // No unit needs another one.
    const params = { units, slices: 1, wave_begin: begin, wave_end: end, lag: 0 };
    return [{ workgroups: [rows, across, 1], params }];
  }
  const inputs = layers > 1 ? 2 : 1;
  const perStep = ROWS * 4 * columns * depth * inputs;
  const steps = Math.max(1, Math.floor(DISPATCH_MULTIPLICATIONS / perStep));
  const share = layers > 1 ? Math.ceil((end - begin) / WAVES) : end - begin;
  const lag = persistent ? Math.min(steps, share) : 1;
  const all: Launch[] = elementwise((2 * layers - 1) * columns * depth).map((launch) => ({
    ...launch,
    entry: 'pack',
  }));
  for (let wave = begin; wave < end + (layers - 1) * lag; wave += lag) {
    all.push({
      workgroups: [rows, persistent ? 1 : across, layers],
      params: { units, slices, wave_begin: wave, wave_end: wave + lag, lag },
    });
  }
  return all;
}

/** Of a ragged batch, sequences of one length with as many steps in all; no table tells of them. */
function evenly(p: ScanParams): ScanParams {
  if (!p.ragged) return p;
  const batch = Math.floor(p.rows / p.time);
  return { ...p, ragged: 0, batch, rows: p.time * batch };
}

/**
 * The configurations of a scan's kernel.
 *
 * @param cell its name, by which they are tuned.
 * @param extent by the number of hidden units.
 */
export function scanConfigs(
  cell: string,
  source: string,
  extent: (hidden: number) => Extent,
  wholeOf: (hidden: number, limits: Limits) => KernelConfig<typeof SCAN> | undefined,
) {
  const config = (shape: Shape): KernelConfig<typeof SCAN> => ({
    name: shape.name,
    source,
    scratch({ layers, hidden, recurrent }) {
      const { columns, depth } = extent(hidden);
      return recurrent ? (2 * layers - 1) * 4 * columns * depth : 4;
    },
    launch: (p) => launches(p, extent(p.hidden), shape),
  });
  const [persistent, perStep, persistentUnsplit, perStepUnsplit] = [
    ...[PERSISTENT, PER_STEP, PERSISTENT_UNSPLIT, PER_STEP_UNSPLIT].map(config),
  ];
  return {
    ...persistent,
    candidates(given: ScanParams, limits: Limits): ConfigCandidates<typeof SCAN> {
      const trial = evenly(given);
      const { layers, time, batch, hidden, recurrent } = trial;
      const sizes = [time, batch, hidden].map((size) => Math.ceil(Math.log2(size)));
      const sizeClass = `${cell} ${layers > 1 ? `${layers} layers ` : ''}${sizes.join()}`;
      const whole = wholeOf(hidden, limits);
      if (!recurrent) return { sizeClass, configs: [persistent] };
      return {
        ...{ sizeClass, trial },
        configs:
          whole && layers === 1
            ? [whole, persistent, perStep]
            : hidden <= PERSISTENT_UNITS
              ? [persistent, perStep, persistentUnsplit, perStepUnsplit]
              : [perStep, persistent, perStepUnsplit],
      };
    },
  };
}
