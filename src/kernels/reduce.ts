import { defineKernel, elementwise, grid, include, read, wgsl, write } from '../backend/kernel';
import type { KernelConfig, Launch, Params, ParamValues } from '../backend/kernel';

/** Codes of the reductions in shaders/reduce.wgsl. */
export const REDUCE = { sum: 0, max: 1 } as const;

const PARAMS = {
  op: 'override',
  outer: 'u32',
  n: 'u32',
  inner: 'u32',
  scale: 'f32',
} as const satisfies Params;

/** Rows that one dispatch reduces; more go in chunks. */
const ONE_STAGE = 4096;
const CHUNK = 1024;
/** Up to so many rows a thread reduces a column by itself. */
const SHORT = 32;

const SHORT_CONFIG: KernelConfig<typeof PARAMS> = {
  name: 'short',
  source: include('reduce', 'lib/reduce_short', 'lib/index'),
  launch({ outer, inner }) {
    const [launch] = inner === 1 ? grid(outer) : elementwise(outer * inner);
    return launch ? [{ ...launch, entry: inner === 1 ? 'rows' : 'short_columns' }] : [];
  },
};

/** Long columns, by workgroups of `lanes` by `lines` threads. */
function columnsConfig(
  name: 'quads' | 'scalars',
  lanes: number,
  lines: number,
): KernelConfig<typeof PARAMS> {
  const library = include(`lib/reduce_${name}`);
  const constants = Object.entries({ LANES: lanes, LINES: lines, ONE_STAGE, CHUNK })
    .map(([constant, value]) => `const ${constant} = ${value}u;`)
    .join('\n');
  const chunksOf = (n: number) => (n > ONE_STAGE ? Math.ceil(n / CHUNK) : 1);
  return {
    name: `${name}, ${lanes} x ${lines}`,
    source: wgsl(constants, include('reduce'), library, include('lib/reduce_columns', 'lib/index')),
    scratch: ({ outer, n, inner }) => (n > ONE_STAGE ? outer * chunksOf(n) * inner : 0),
    launch({ outer, n, inner, scale }): readonly Launch[] {
      const across = Math.ceil(inner / (4 * lanes));
      const chunks = chunksOf(n);
      const first = grid(outer * chunks * across).map((one) => ({
        ...{ ...one, entry: 'columns' },
        params: { scale: chunks > 1 ? 1 : scale },
      }));
      if (chunks === 1) return first;
      const second = grid(outer * across).map((one) => ({
        ...{ ...one, entry: 'columns_of_chunks' },
        params: { n: chunks },
      }));
      return [...first, ...second];
    },
  };
}

const configs = new Map<string, KernelConfig<typeof PARAMS>>();

/** The configuration for a matrix of long columns, made once; with as many workgroups as it takes to keep a GPU busy. */
function columnsConfigOf({ n, inner }: ParamValues<typeof PARAMS>, threads: number) {
  const name = inner % 4 === 0 ? 'quads' : 'scalars';
  const lanes = n > ONE_STAGE ? 8 : inner >= 2048 ? 4 : 2;
  const key = `${name} ${lanes} ${threads}`;
  const made = configs.get(key) ?? columnsConfig(name, lanes, threads / lanes);
  configs.set(key, made);
  return made;
}

/** out[o, i] = scale times the sum or the maximum over r of x[o, r, i]; x of [outer, n, inner]. */
export const reduce = defineKernel({
  name: 'reduce',
  bindings: { x: read, out: write },
  params: PARAMS,
  cpu({ x, out }, { op, outer, n, inner, scale }) {
    for (let o = 0; o < outer; o++) {
      for (let i = 0; i < inner; i++) {
        let total = op === REDUCE.max ? -Infinity : 0;
        for (let r = 0; r < n; r++) {
          const value = x[(o * n + r) * inner + i];
          total = op === REDUCE.max ? Math.max(total, value) : total + value;
        }
        out[o * inner + i] = total * scale;
      }
    }
  },
  fastCpu({ x, out }, { op, outer, n, inner, scale }, simd) {
    if (!simd || op !== REDUCE.sum || inner === 1) return false;
    simd.run('sum_rows', (outer * n * inner) / 4, [x, out, outer, n, inner], [scale]);
    return true;
  },
  candidates(p, { invocations, software }) {
    const sizes = [p.outer, p.n, p.inner].map((size) => Math.ceil(Math.log2(size)));
    const sizeClass = sizes.join();
    if (p.inner <= 1 || p.n <= SHORT) return { sizeClass, configs: [SHORT_CONFIG] };
    const columns = columnsConfigOf(p, invocations >= 256 ? 256 : 128);
    // A CPU has few threads, and no memory for a workgroup.
    return { sizeClass, configs: software ? [SHORT_CONFIG, columns] : [columns] };
  },
});
