import type { ConfigCandidates, KernelConfig, Limits } from '../../backend/kernel';
import { include, wgsl } from '../../backend/kernel';
import type { CellDefinition } from '../../cell/definition';
import { shadersOf } from '../../cell/shaders';
import type { CellShader } from '../../cell/wgsl';
import type { SCAN, ScanParams } from '../scan_config';
import { tileSource } from './scan_source';
import { nameOf, shapesOf, stepConfig, tileOf } from './scan_step';
import type { Extent, Shape } from './scan_step';
import { wholeConfigs } from './scan_whole';

/** Of a ragged batch, sequences of one length with as many steps in all; no table tells of them. */
function evenly(p: ScanParams): ScanParams {
  if (!p.ragged) return p;
  const batch = Math.floor(p.rows / p.time);
  return { ...p, ragged: 0, batch, rows: p.time * batch };
}

/** What a kernel of a cell has for all its configurations. */
export interface Engine {
  /** The cell's name, by which its kernels are tuned. */
  readonly cell: string;
  /** The shader but for what depends on a tile. */
  readonly source: string;
  /** Sums of a unit, and their depth in hiddens, for a scan of so many layers. */
  readonly extent: (layers: number) => Extent;
  /** What a step leaves for the next one, in hiddens. */
  readonly width: number;
}

/** The engine is the same for all cells; a cell's equations are joined in. @internal */
export function scanEngines(cell: CellDefinition): { forward: Engine; backward: Engine } {
  const { gates, slots, dense } = cell;
  const shaders = shadersOf(cell);
  const source = (engine: string, { own, perStep }: CellShader) =>
    wgsl(engine, own, perStep, include('lib/scan', 'lib/scan_rows', 'lib/activation', 'lib/index'));
  return {
    forward: {
      cell: cell.name,
      source: source(include('scan_forward'), shaders.forward),
      extent: (layers) => ({
        // A gate that is seen apart takes what comes from the layer below in another slot; a cell without
        // a recurrent product has no sums.
        sums: dense ? (layers > 1 ? slots : gates).length : 1,
        depth: 1,
      }),
      width: 1,
    },
    backward: {
      cell: cell.name,
      source: source(include('scan_backward'), shaders.backward),
      extent: () => ({ sums: 1, depth: gates.length }),
      width: slots.length,
    },
  };
}

/** The configuration of a shape, as far as the limits let it be. */
export function shapeConfig(
  { source, extent, width }: Engine,
  shape: Shape,
  layers: number,
  limits: Limits,
): KernelConfig<typeof SCAN> {
  const of = extent(layers);
  const tile = tileOf(shape, of, limits);
  const own = tileSource(tile);
  const joined = own.enable + wgsl(own.source, source);
  return stepConfig(nameOf(shape), joined, tile, of, width, shape.persistent);
}

/** Configurations that are timed, at most, and a second for whole sequences. */
const MOST_CONFIGS = 6;

/** The candidates of a kernel of the scan. */
type Candidates = (p: ScanParams, limits: Limits) => ConfigCandidates<typeof SCAN>;

/** @param wholeOf those that make all steps of a layer in a dispatch, where its matrix fits. */
function candidatesOf(
  engine: Engine,
  wholeOf: (hidden: number, limits: Limits) => readonly KernelConfig<typeof SCAN>[],
): Candidates {
  const { cell, extent } = engine;
  const made = new Map<string, KernelConfig<typeof SCAN>>();
  const configOf = (shape: Shape, layers: number, limits: Limits): KernelConfig<typeof SCAN> => {
    const key = JSON.stringify([shape, extent(layers), limits]);
    let config = made.get(key);
    if (!config) made.set(key, (config = shapeConfig(engine, shape, layers, limits)));
    return config;
  };
  return (given, limits) => {
    const trial = evenly(given);
    const { layers, time, batch, hidden, recurrent } = trial;
    const sizes = [time, batch, hidden].map((size) => Math.ceil(Math.log2(size)));
    const sizeClass = `${cell} ${layers > 1 ? `${layers} layers ` : ''}${sizes.join()}`;
    const [first, ...others] = shapesOf(trial, extent(layers), limits).map((shape) =>
      configOf(shape, layers, limits),
    );
    if (!recurrent) return { sizeClass, configs: [first] };
    const [whole, ...wider] = layers === 1 ? wholeOf(hidden, limits) : [];
    if (!whole) return { sizeClass, trial, configs: [first, ...others] };
    // The last is the plain one, for adapters that are like none of the measured.
    const few = others.filter((_, i) => i < MOST_CONFIGS - 3 || i === others.length - 1);
    return { sizeClass, trial, configs: [whole, ...wider, first, ...few] };
  };
}

const made = new WeakMap<CellDefinition, { forward: Candidates; backward: Candidates }>();

/** The configurations of the kernels of a cell, made once. */
export function scanCandidates(cell: CellDefinition): {
  forward: Candidates;
  backward: Candidates;
} {
  const known = made.get(cell);
  if (known) return known;
  const { forward, backward } = scanEngines(cell);
  const candidates = {
    forward: candidatesOf(forward, wholeConfigs(cell, 'forward')),
    backward: candidatesOf(backward, wholeConfigs(cell, 'backward')),
  };
  made.set(cell, candidates);
  return candidates;
}
