import type { KernelConfig, Launch, Limits } from '../../backend/kernel';
import { include, MAX_WORKGROUPS, wgsl } from '../../backend/kernel';
import type { CellDefinition } from '../../cell/definition';
import { shadersOf } from '../../cell/shaders';
import type { SCAN, ScanParams } from '../scan_config';

/** Threads of a workgroup, and floats of the recurrent matrix that each of them keeps, at most. */
interface Share {
  readonly threads: number;
  readonly floats: number;
}

/**
 * For an LSTM of 128 units. 256 floats are about what a thread's registers hold on the GPUs that have the most;
 * what does not fit goes to memory and is read again at every step. Half as many surely fit, in twice the threads, where
 * a workgroup may have these.
 */
const SHARES: readonly Share[] = [
  { threads: 256, floats: 256 },
  { threads: 512, floats: 128 },
];
/** Floats that leave room for two workgroups at once, or for registers of another size. */
const FEW_FLOATS = 128;
/** Threads enough for all units of a core to be busy. */
const FEW_THREADS = 128;
/** Multiplications of a dispatch: a second where a core makes a thousand millions of them. */
const DISPATCH_MULTIPLICATIONS = 2 ** 30;

/** How a workgroup shares the recurrent matrix. */
interface Shape {
  /** Threads side by side: the units, rounded up. */
  readonly width: number;
  /** Threads that share the depth of a unit's sums. */
  readonly slices: number;
}

/** The shapes for a cell of so many gates; none where no registers hold its matrix. */
function shapesOf(gates: number, hidden: number, { invocations }: Limits): Shape[] {
  const width =
    hidden > 32 ? 32 * Math.ceil(hidden / 32) : Math.max(8, 2 ** Math.ceil(Math.log2(hidden)));
  const floats = (slices: number) => (gates * width) / slices;
  const all = SHARES.flatMap((share) => {
    const most = Math.min(share.threads, invocations);
    // A slice has a group of four at least.
    const fitting = [1, 2, 4, 8, 16].filter(
      (slices) => slices * width <= most && 4 * slices <= width && floats(slices) <= share.floats,
    );
    return (
      fitting.find((n) => n * width >= FEW_THREADS && floats(n) <= FEW_FLOATS) ??
      fitting.at(-1) ??
      []
    );
  });
  return [...new Set(all)].map((slices) => ({ width, slices }));
}

/**
 * Whether the registers of one workgroup hold a cell's recurrent matrix, gates hidden hidden / threads floats
 * in each: with 256 threads an LSTM's, a GRU's or an MGU's up to 128 units, an RNN's up to 256.
 */
export function fitsRegisters(
  { gates, dense }: CellDefinition,
  hidden: number,
  limits: Limits,
): boolean {
  return dense && shapesOf(gates.length, hidden, limits).length > 0;
}

/** The sums of a thread: each of a vec4, and what of the four depths of a group goes into it. */
interface Sums {
  readonly groups: number;
  readonly names: readonly string[];
  readonly factor: (x: string, sum: number) => string;
}

/** Matrix, load_matrix and `product`. Written out: an array would not be sure to stay in registers. */
function matrix({ groups, names, factor }: Sums): string {
  const all = Array.from({ length: groups }, (_, group) =>
    names.map((name, sum) => ({ field: `w${group}_${name}`, x: `x${group}`, group, sum })),
  );
  const lines = (text: (each: (typeof all)[0][0]) => string) =>
    all.map((group) => `  ${group.map(text).join(' ')}\n`).join('');
  const four = Array.from({ length: 4 }, (_, i) => (names[i] ? `sum_${names[i]}` : 'vec4<f32>()'));
  return `struct Matrix {
${lines(({ field }) => `${field}: vec4<f32>,`)}}

fn load_matrix(column: u32, slice: u32) -> Matrix {
  return Matrix(
${lines(({ group, sum }) => `weights_of(column, slice, ${group}u, ${sum}u),`)}  );
}

fn product(m: Matrix, slice: u32) -> vec4<f32> {
${names.map((name) => `  var sum_${name} = vec4<f32>();\n`).join('')}${all
    .map(
      (group, i) =>
        `  let x${i} = four_of(slice, ${i}u);\n` +
        group
          .map(({ field, x, sum }) => {
            const own = `sum_${names[sum]}`;
            return `  ${own} = fma(m.${field}, ${factor(x, sum)}, ${own});\n`;
          })
          .join(''),
    )
    .join('')}  return join(${four.join(', ')});
}
`;
}

/** A step's: sums by gate forward, by the four depths of a group back. */
function sumsOf(direction: 'forward' | 'backward', gates: number, { width, slices }: Shape): Sums {
  if (direction === 'forward') {
    return {
      groups: Math.ceil(width / 4 / slices),
      names: Array.from({ length: gates }, (_, gate) => `g${gate}`),
      factor: (x) => x,
    };
  }
  return {
    groups: Math.ceil((gates * width) / 4 / (4 * slices)),
    names: ['x', 'y', 'z', 'w'],
    factor: (x, sum) => `vec4<f32>(${x}.${'xyzw'[sum]})`,
  };
}

/** As few dispatches as none of them is so long that a watchdog stops it. */
function launches({ batch, begin, end }: ScanParams, perRow: number): readonly Launch[] {
  if (batch === 0) return [];
  const steps = Math.max(1, Math.floor(DISPATCH_MULTIPLICATIONS / (batch * perRow)));
  const all: Launch[] = [];
  for (let at = begin; at < end; at += steps) {
    all.push({
      workgroups: [Math.min(batch, MAX_WORKGROUPS), 1, 1],
      params: { begin: at, end: Math.min(at + steps, end) },
    });
  }
  return all;
}

/**
 * The configurations of a scan's kernel that make all steps in one dispatch, for one layer that multiplies by
 * its recurrent weights; none where registers do not hold them. See shaders/scan_whole_forward.wgsl.
 */
export function wholeConfigs(
  cell: CellDefinition,
  direction: 'forward' | 'backward',
): (hidden: number, limits: Limits) => readonly KernelConfig<typeof SCAN>[] {
  const { own, whole } = shadersOf(cell)[direction];
  const made = new Map<string, KernelConfig<typeof SCAN>>();
  const gates = cell.gates.length;
  const configOf = (shape: Shape, inQuads: boolean): KernelConfig<typeof SCAN> => {
    const key = [shape.width, shape.slices, inQuads].join();
    let config = made.get(key);
    if (!config) {
      const sums = sumsOf(direction, gates, shape);
      const sizes = { WIDTH: shape.width, SLICES: shape.slices, GROUPS: sums.groups };
      const constants = Object.entries(sizes).map(([name, value]) => `const ${name} = ${value}u;`);
      config = {
        name: `whole, ${shape.width * shape.slices} threads`,
        source: wgsl(
          include(inQuads ? 'lib/weight_quads' : 'lib/weight_scalars'),
          ...[...constants, matrix(sums), own, whole],
          include(`scan_whole_${direction}`, 'lib/scan_whole', 'lib/scan_rows', 'lib/activation'),
        ),
        launch: (p) => launches(p, gates * shape.width ** 2),
      };
      made.set(key, config);
    }
    return config;
  };
  return (hidden, limits) =>
    cell.dense
      ? shapesOf(gates, hidden, limits).map((shape) => configOf(shape, hidden % 4 === 0))
      : [];
}
