import { simdMatmul } from './simd/matmul';
import { defineKernel, elementwise, grid, include, read, update, wgsl } from '../backend/kernel';
import type { KernelConfig, Launch, Limits, Params, ParamValues } from '../backend/kernel';
import { tilesSource } from './matmul_tiles';
import { UNARY, unary } from './unary';

const PARAMS = {
  depth_a: 'override',
  depth_b: 'override',
  m: 'u32',
  n: 'u32',
  k: 'u32',
  batches: 'u32',
  row_a: 'u32',
  column_a: 'u32',
  row_b: 'u32',
  column_b: 'u32',
  batch_a: 'u32',
  batch_b: 'u32',
  offset_a: 'u32',
  offset_b: 'u32',
  offset_out: 'u32',
  row_out: 'u32',
  has_bias: 'u32',
  accumulate: 'u32',
  activation: 'u32',
  splits: 'u32',
  split_depth: 'u32',
} as const satisfies Params;

type MatmulParams = ParamValues<typeof PARAMS>;
/** What the result may be passed through, by the shader's codes: 0 is nothing. */
export const ACTIVATIONS = [undefined, 'sigmoid', 'tanh', 'relu'] as const;

/** By which entry point a workgroup makes its tile, and rows, and columns, of that. */
type Tile =
  | { readonly entry: 'direct'; readonly tile: 32 | 64 }
  | { readonly entry: 'tiles'; readonly tile: 64 | 128 };

/** How a configuration makes tiles, and into how many splits it cuts the depth. */
type Plan = Tile & {
  readonly name: string;
  readonly threads: number;
  /** Of workgroup memory. */
  readonly bytes: number;
  /** Splits that it would have for so many tiles of depth k. */
  readonly splits: (tiles: number, k: number) => number;
};

/** Workgroups that a large GPU runs at a time: two on each of 132 multiprocessors, nearly. */
const BUSY_WORKGROUPS = 250;
/** From so many on, tiles of 128 are taken without a trial. */
const ENOUGH_WORKGROUPS = 200;

/** For products of many tiles. */
const TILES_128: Plan = {
  ...{ name: 'tiles 128', entry: 'tiles', tile: 128, threads: 256, bytes: 16_384 },
  splits(tiles, k) {
    const wanted = Math.min(Math.max(Math.round(BUSY_WORKGROUPS / tiles), 1), Math.floor(k / 128));
    // A second round of workgroups that is begun and not filled leaves most of the GPU idle.
    const rounds = (tiles * wanted) / BUSY_WORKGROUPS;
    return rounds > 1.1 && rounds < 2 && k / wanted >= 1024 ? 2 * wanted : wanted;
  },
};

/** For products of fewer. */
const TILES_64: Plan = {
  ...{ name: 'tiles 64', entry: 'tiles', tile: 64, threads: 64, bytes: 8192 },
  splits: (tiles, k) => Math.min(Math.floor(256 / tiles), Math.floor(k / 100)),
};

/** Without workgroup memory: for few rows or columns, and for CPUs, which have none. */
const [DIRECT_32, DIRECT_64] = ([32, 64] as const).map((tile): Plan => ({
  ...{ name: `direct ${tile}`, entry: 'direct', tile, threads: 64, bytes: 0 },
  splits: (tiles, k) => Math.min(Math.floor(256 / tiles), Math.floor(k / 128)),
}));

/** Sizes of the smaller side from which on a plan is worth a trial; and is taken without one. */
const WORTH = { tiles64: 16, tiles128: 64, taken: 32 };

/** The plans for a product, the one to take first. */
export function matmulPlans(
  p: Pick<MatmulParams, 'm' | 'n' | 'k' | 'batches'>,
  { invocations, workgroupBytes, software }: Limits,
): readonly [Plan, ...Plan[]] {
  const side = Math.min(p.m, p.n);
  const fits = TILES_128.threads <= invocations && TILES_128.bytes <= workgroupBytes;
  const tiles = [
    ...(side > WORTH.tiles64 ? [TILES_64] : []),
    ...(side > WORTH.tiles128 && fits ? [TILES_128] : []),
  ];
  if (side <= WORTH.taken) return [DIRECT_32, DIRECT_64, ...tiles];
  if (software) return [DIRECT_64, DIRECT_32, ...tiles];
  const { workgroups } = workOf(p, TILES_128);
  const [first, ...others] = workgroups >= ENOUGH_WORKGROUPS ? tiles.reverse() : tiles;
  return [first, ...others, DIRECT_64, DIRECT_32];
}

/** The tiles of a product under a plan, and how its depth is split, in whole slices of 16. */
export function workOf(
  { m, n, k, batches }: Pick<MatmulParams, 'm' | 'n' | 'k' | 'batches'>,
  plan: Plan,
) {
  const tiles = Math.ceil(m / plan.tile) * Math.ceil(n / plan.tile) * batches;
  const wanted = plan.splits(tiles, k);
  const split_depth = wanted > 1 ? 16 * Math.ceil(k / wanted / 16) : k;
  const splits = wanted > 1 ? Math.ceil(k / split_depth) : 1;
  return { workgroups: tiles * splits, splits, split_depth };
}

/** How operands and result are reached: in quads where their lines begin at multiples of four. */
const ACCESSES = {
  quads: ['lib/matmul_in_quads', 'lib/matmul_out_quads'],
  'quads to scalars': ['lib/matmul_in_quads', 'lib/matmul_out_scalars'],
  scalars: ['lib/matmul_in_scalars', 'lib/matmul_out_scalars'],
} as const;

/** What becomes of a tile's sums, by the shader's codes; `any`: what the parameters say. */
const ENDINGS = { any: 0, split: 1, result: 2, finish: 3 } as const;

/** What of a product is written into the shader, so that a large tile's threads keep registers for its sums. */
interface Special {
  readonly ending: keyof typeof ENDINGS;
  /** Whether the depth may end within a block of four. */
  readonly raggedDepth: boolean;
  /** Shaders are written out in loops, for adapters in software. */
  readonly software: boolean;
}

const GENERAL: Special = { ending: 'any', raggedDepth: true, software: false };

function specialOf(p: MatmulParams, plan: Plan, { software = false }: Limits): Special {
  // What is compiled for each of few calls costs more than it saves.
  if (software || plan.entry !== 'tiles') return { ...GENERAL, software };
  const plain = !p.has_bias && !p.accumulate && !p.activation;
  const ending = workOf(p, plan).splits > 1 ? 'split' : plain ? 'result' : 'finish';
  return { ending, raggedDepth: p.k % 4 !== 0, software };
}

function config(
  access: keyof typeof ACCESSES,
  plan: Plan,
  { ending, raggedDepth, software }: Special,
): KernelConfig<typeof PARAMS> {
  const tiled = plan.entry === 'tiles';
  const maker = tiled ? tilesSource(plan.tile, software ? 4 : 16) : include('lib/matmul_direct');
  const shared = include('matmul', ...ACCESSES[access], 'lib/activation', 'lib/index');
  const constants = [
    `const TILE = ${plan.tile}u;`,
    `const ENDING = ${ENDINGS[ending]}u;`,
    `const RAGGED_DEPTH = ${raggedDepth};`,
  ];
  return {
    name: `${access}, ${plan.name}`,
    source: wgsl(...constants, maker, shared),
    scratch: (p) => {
      const { splits } = workOf(p, plan);
      return splits > 1 ? splits * p.batches * p.m * p.n : 0;
    },
    launch(p): readonly Launch[] {
      const { workgroups, splits, split_depth } = workOf(p, plan);
      const order = { depth_a: p.column_a === 1 ? 1 : 0, depth_b: p.row_b === 1 ? 1 : 0 };
      const params = { ...order, splits, split_depth };
      const products = grid(workgroups).map((one) => ({ ...one, entry: plan.entry, params }));
      if (splits === 1) return products;
      const sums = elementwise(p.batches * p.m * Math.ceil(p.n / 4));
      return [...products, ...sums.map((one) => ({ ...one, entry: 'sum_splits', params }))];
    },
  };
}

const configs = new Map<string, KernelConfig<typeof PARAMS>>();

/** The configuration, made once. */
function configOf(
  access: keyof typeof ACCESSES,
  plan: Plan,
  special = GENERAL,
): KernelConfig<typeof PARAMS> {
  const { ending, raggedDepth, software } = special;
  const key = [access, plan.name, ending, raggedDepth, software].join();
  const made = configs.get(key) ?? config(access, plan, special);
  configs.set(key, made);
  return made;
}

/**
 * out[z] = f(A[z] B[z] + bias): A of [m, k] and B of [k, n], each with a row and a column
 * stride (a transpose swaps the two) and a stride between batches (0 repeats the same matrix); out of
 * [batches, m, n], its rows `row_out` apart, bias of [n]. Without `has_bias` the bias is bound but not
 * read. With `accumulate` what `out` held is added too, before f, which `activation` names by its code.
 * Each operand begins at an offset in its buffer.
 *
 * The launch sets the parameters that `matmulParams` leaves at 0.
 */
export const matmul = defineKernel({
  ...configOf('scalars', DIRECT_32),
  name: 'matmul',
  bindings: { a: read, b: read, bias: read, out: update },
  params: PARAMS,
  cpu({ a, b, bias, out }, p) {
    const activation = ACTIVATIONS[p.activation];
    const f = activation ? UNARY[activation].f : (x: number) => x;
    for (let z = 0; z < p.batches; z++) {
      for (let row = 0; row < p.m; row++) {
        for (let column = 0; column < p.n; column++) {
          let sum = 0;
          for (let k = 0; k < p.k; k++) {
            sum +=
              a[p.offset_a + z * p.batch_a + row * p.row_a + k * p.column_a] *
              b[p.offset_b + z * p.batch_b + k * p.row_b + column * p.column_b];
          }
          if (p.has_bias) sum += bias[column];
          const at = p.offset_out + (z * p.m + row) * p.row_out + column;
          out[at] = f(p.accumulate ? out[at] + sum : sum);
        }
      }
    }
  },
  fastCpu({ a, b, bias, out }, p, simd) {
    if (!simd || !simdMatmul(simd, a, b, p.has_bias ? bias : undefined, out, p)) return false;
    const activation = ACTIVATIONS[p.activation];
    if (!activation) return true;
    const rows = p.batches * p.m;
    const [count, n] = p.row_out === p.n ? [1, rows * p.n] : [rows, p.n];
    for (let i = 0; i < count; i++) {
      const at = p.offset_out + i * p.row_out;
      const y = out.subarray(at, at + n);
      const params = { op: UNARY[activation].code, n };
      if (!unary.fastCpu?.({ x: y, y }, params, simd)) unary.cpu({ x: y, y }, params);
    }
    return true;
  },
  candidates(p, limits) {
    const access = accessOf(p);
    const [first, ...others] = matmulPlans(p, limits).map((plan) =>
      configOf(access, plan, specialOf(p, plan, limits)),
    );
    const order = `${p.column_a === 1 ? 1 : 0}${p.row_b === 1 ? 1 : 0}`;
    const sizes = [p.batches, p.m, p.n, p.k].map((size) => Math.ceil(Math.log2(size)));
    return { sizeClass: `${access} ${order} ${sizes.join()}`, configs: [first, ...others] };
  },
});

function accessOf(p: MatmulParams): keyof typeof ACCESSES {
  const inQuads =
    startsInFours(p.row_a, p.column_a, p.k, p.batch_a, p.offset_a) &&
    startsInFours(p.column_b, p.row_b, p.k, p.batch_b, p.offset_b);
  if (!inQuads) return 'scalars';
  const outQuads = [p.n, p.row_out, p.offset_out].every((value) => value % 4 === 0);
  return outQuads ? 'quads' : 'quads to scalars';
}

/**
 * Whether a matrix can be read in quads: along its lines (rows of A, columns of B), `k` deep, or
 * across them.
 */
function startsInFours(line: number, depth: number, k: number, batch: number, offset: number) {
  const strides = depth === 1 ? [line, k] : line === 1 ? [depth] : [1];
  return [...strides, batch, offset].every((value) => value % 4 === 0);
}

/** The parameters for dense row-major matrices, but for what is given. */
export function matmulParams(
  given: Partial<MatmulParams> & Pick<MatmulParams, 'm' | 'n' | 'k'>,
): MatmulParams {
  const { m, n, k } = given;
  return {
    ...{ has_bias: 0, accumulate: 0, activation: 0 },
    ...{ batches: 1, row_a: k, column_a: 1, row_b: n, column_b: 1 },
    ...{ batch_a: m * k, batch_b: k * n, offset_a: 0, offset_b: 0, offset_out: 0, row_out: n },
    ...{ depth_a: 0, depth_b: 0, splits: 0, split_depth: 0 },
    ...given,
  };
}
