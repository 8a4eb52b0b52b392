import type { KernelConfig, Launch, Limits } from '../../backend/kernel';
import { elementwise, MAX_WORKGROUPS } from '../../backend/kernel';
import type { SCAN, ScanParams } from '../scan_config';
import type { Tile } from './scan_source';

/** What of a tile can be chosen; a column has `wide` times the least that makes whole vec4s of whole units. */
export interface Shape extends Pick<Tile, 'lanes' | 'lines' | 'rows' | 'slices'> {
  readonly wide: number;
  /** Many steps in a dispatch, one workgroup for its rows; else one, columns spread over workgroups. */
  readonly persistent?: boolean;
}

/** How much workgroup memory a tile may take, so that several fit on a core. */
const MOST_BYTES = 16_384;
const VEC4_BYTES = 16;
/** Threads that keep a large GPU busy. */
const BUSY_THREADS = 24_000;
/** Up to so many units one workgroup can hold all of a row, and go through time by itself. */
const PERSISTENT_UNITS = 192;
/** Multiplications of a workgroup in one dispatch: milliseconds, far from any watchdog. */
const DISPATCH_MULTIPLICATIONS = 2 ** 27;
/**
 * Dispatches that a sequence is cut in where several layers make many steps in each (`PERSISTENT`): so many
 * times a layer's share of it is what the last layer waits for the first.
 */
const WAVES = 8;

/** A column of the least size, by sums of a unit: its units, and its vec4s. */
const COLUMN: Readonly<Record<number, { units: number; quads: number }>> = {
  1: { units: 4, quads: 1 },
  2: { units: 2, quads: 1 },
  3: { units: 4, quads: 3 },
  4: { units: 1, quads: 1 },
};

/** Few threads with much to do each, for adapters that run them one after the other, and small ones. */
const PLAIN: Shape = { lanes: 8, lines: 1, rows: 8, slices: 1, wide: 2 };
/** For software adapters alone: on a GPU a step is too much work for one workgroup. */
const PERSISTENT: Shape = { ...PLAIN, lanes: 16, persistent: true };

/**
 * From large tiles, which read the least, to small ones, of which there are more; those of the measurements
 * on a large GPU. `joined`: which is the best where subgroups cannot shuffle.
 */
interface Shapes {
  readonly joined: Shape;
  readonly others: readonly Shape[];
}

const shape = (
  wide: number,
  lanes: number,
  lines: number,
  rows: number,
  slices: number,
): Shape => ({
  ...{ wide, lanes, lines, rows, slices },
});

/** One vec4 of sums in a column, of a depth of the hidden units... */
const SHALLOW: Shapes = {
  joined: shape(1, 16, 2, 7, 8),
  others: [
    shape(2, 8, 1, 13, 16),
    shape(1, 8, 1, 13, 16),
    shape(1, 8, 1, 7, 16),
    shape(1, 8, 1, 4, 32),
  ],
};
/** ...or of several times as many. */
const DEEP: Shapes = {
  joined: shape(1, 8, 2, 7, 16),
  others: [
    shape(2, 4, 1, 13, 64),
    shape(1, 4, 1, 13, 64),
    shape(1, 4, 1, 7, 64),
    shape(1, 4, 1, 4, 64),
  ],
};
/** Three of them: four units of a cell with three gates. */
const THREE: Shapes = {
  joined: shape(1, 8, 2, 4, 16),
  others: [shape(1, 4, 1, 9, 32), shape(1, 4, 1, 7, 32), shape(1, 4, 1, 4, 64)],
};

/** A column's product: sums of a unit, and the depth of each in hiddens. */
export interface Extent {
  readonly sums: number;
  readonly depth: number;
}

const most = (limits: Limits): number => Math.min(limits.workgroupBytes, MOST_BYTES);

/** A shape as the limits let it be: with fewer slices or columns where there are fewer threads. */
export function tileOf(shape: Shape, { sums }: Extent, limits: Limits): Tile {
  const { lines, rows } = shape;
  let { lanes, slices } = shape;
  const wide = COLUMN[sums].quads > 1 ? 1 : shape.wide;
  while (lanes * lines * slices > limits.invocations) {
    if (slices > 1) slices /= 2;
    else lanes /= 2;
  }
  const [units, quads] = [wide * COLUMN[sums].units, wide * COLUMN[sums].quads];
  const inSubgroup = (limits.subgroups?.least ?? 1) / (lanes * lines);
  const shuffled = Number.isInteger(inSubgroup) ? Math.min(inSubgroup, slices) : 1;
  const bytesOf = (parts: number, held: number) =>
    parts * lines * held * quads * lanes * VEC4_BYTES;
  const tile = { lanes, lines, rows, slices, quads, units, sums };
  if (shuffled > 1 && bytesOf(slices / shuffled, rows) <= most(limits)) {
    return { ...tile, shuffled, held: rows };
  }
  let held = rows;
  while (held > 1 && bytesOf(slices, held) > most(limits)) held = Math.ceil(held / 2);
  return { ...tile, shuffled: 1, held };
}

/** The shapes for a call, the first to be taken where none has been timed. */
export function shapesOf(
  { layers, batch, hidden }: ScanParams,
  extent: Extent,
  limits: Limits,
): readonly Shape[] {
  if (limits.software)
    return hidden <= PERSISTENT_UNITS ? [PERSISTENT, PLAIN] : [PLAIN, PERSISTENT];
  const { joined, others } =
    COLUMN[extent.sums].quads > 1 ? THREE : extent.depth > 1 ? DEEP : SHALLOW;
  const all = limits.subgroups
    ? [...others, joined]
    : [joined, ...others.filter(({ wide }) => wide === 1)];
  const threads = (shape: Shape): number => {
    const tile = tileOf(shape, extent, limits);
    const across = Math.ceil(hidden / tile.units / tile.lanes);
    const down = Math.ceil(batch / (tile.lines * tile.rows));
    return layers * across * down * tile.lanes * tile.lines * tile.slices;
  };
  const busy = all.findIndex((shape) => threads(shape) >= BUSY_THREADS);
  const first = busy < 0 ? all.indexOf(others[others.length - 1]) : busy;
  return [all[first], ...all.slice(0, first), ...all.slice(first + 1), PLAIN];
}

/** What a shape is called among the others. */
export function nameOf({ wide, lanes, lines, rows, slices, persistent }: Shape): string {
  const columns = `${lanes}${wide > 1 ? ` x ${wide}` : ''} columns`;
  return `${persistent ? 'persistent, ' : ''}${lines * rows} rows by ${columns}, ${slices} slices`;
}

/** vec4s of all matrices, laid out for a tile. */
function weightsOf({ layers, hidden }: ScanParams, tile: Tile, { depth }: Extent): number {
  const quads = Math.ceil(hidden / 4);
  return (2 * layers - 1) * 4 * depth * quads * tile.quads * Math.ceil(hidden / tile.units);
}

/** Steps that a layer is behind the one before it: those of a dispatch. */
function lagOf(
  { layers, begin, end, hidden }: ScanParams,
  tile: Tile,
  { depth }: Extent,
  persistent: boolean,
): number {
  if (!persistent) return 1;
  const perStep =
    tile.lines * tile.rows * hidden * hidden * tile.sums * depth * (layers > 1 ? 2 : 1);
  const steps = Math.max(1, Math.floor(DISPATCH_MULTIPLICATIONS / perStep));
  return Math.min(steps, layers > 1 ? Math.ceil((end - begin) / WAVES) : end - begin);
}

/** `pack` once, then the steps, layers as a wavefront: each a dispatch behind the one it needs. */
function launches(
  p: ScanParams,
  tile: Tile,
  extent: Extent,
  carried: number,
  persistent: boolean,
): Launch[] {
  const { layers, batch, begin, end, hidden } = p;
  if (batch === 0 || begin >= end) return [];
  if (!p.recurrent)
    return elementwise(batch * hidden).map((launch) => ({ ...launch, entry: 'alone' }));
  const lag = lagOf(p, tile, extent, persistent);
  const ring = ringOf(p, lag);
  const count = weightsOf(p, tile, extent) + ring * carried;
  const all: Launch[] = elementwise(count).map((launch) => ({
    ...launch,
    entry: 'pack',
    params: { ring },
  }));
  const across = persistent ? 1 : Math.ceil(Math.ceil(hidden / tile.units) / tile.lanes);
  const down = Math.min(Math.ceil(batch / (tile.lines * tile.rows)), MAX_WORKGROUPS);
  for (let wave = begin; wave < end + (layers - 1) * lag; wave += lag) {
    all.push({
      workgroups: [across, down, layers],
      params: { wave_begin: wave, wave_end: wave + lag, lag, ring },
    });
  }
  return all;
}

/** Steps of a ring that a layer may write while the one after it still reads those before. */
function ringOf({ layers }: ScanParams, lag: number): number {
  return layers > 1 ? 2 * lag : 2;
}

/**
 * A configuration of the scan.
 *
 * @param width of what a step leaves for the next one, in hiddens.
 */
export function stepConfig(
  name: string,
  source: string,
  tile: Tile,
  extent: Extent,
  width: number,
  persistent = false,
): KernelConfig<typeof SCAN> {
  const carried = ({ layers, batch, hidden }: ScanParams): number =>
    layers * batch * width * Math.ceil(hidden / 4);
  return {
    ...{ name, source },
    scratch(p) {
      if (!p.recurrent) return 4;
      const ring = ringOf(p, lagOf(p, tile, extent, persistent));
      return 4 * (weightsOf(p, tile, extent) + ring * carried(p));
    },
    launch: (p) => launches(p, tile, extent, carried(p), persistent),
  };
}
