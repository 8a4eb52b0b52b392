import { elementwise, grid, include, wgsl } from '../../backend/kernel';
import type { ConfigCandidates, KernelConfig, Launch, Limits } from '../../backend/kernel';
import type { MATMUL, MatmulParams } from '../matmul_params';
import { tilesSource } from './matmul_tiles';

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
): KernelConfig<typeof MATMUL> {
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

const configs = new Map<string, KernelConfig<typeof MATMUL>>();

/** The configuration, made once. */
function configOf(
  access: keyof typeof ACCESSES,
  plan: Plan,
  special: Special,
): KernelConfig<typeof MATMUL> {
  const { ending, raggedDepth, software } = special;
  const key = [access, plan.name, ending, raggedDepth, software].join();
  const made = configs.get(key) ?? config(access, plan, special);
  configs.set(key, made);
  return made;
}

/** The configurations of a product, those of `matmulPlans`. */
export function matmulCandidates(p: MatmulParams, limits: Limits): ConfigCandidates<typeof MATMUL> {
  const access = accessOf(p);
  const [first, ...others] = matmulPlans(p, limits).map((plan) =>
    configOf(access, plan, specialOf(p, plan, limits)),
  );
  const order = `${p.column_a === 1 ? 1 : 0}${p.row_b === 1 ? 1 : 0}`;
  const sizes = [p.batches, p.m, p.n, p.k].map((size) => Math.ceil(Math.log2(size)));
  return { sizeClass: `${access} ${order} ${sizes.join()}`, configs: [first, ...others] };
}

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
