import type { NumberArray } from '../../dtype';
import { gemmWasm } from './gemm_wasm';

interface Walk {
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly batches: number;
  readonly row_a: number;
  readonly column_a: number;
  readonly row_b: number;
  readonly column_b: number;
  readonly batch_a: number;
  readonly batch_b: number;
  readonly offset_a: number;
  readonly offset_b: number;
  readonly offset_out: number;
  readonly accumulate: number;
}

/** Tile of assembly/gemm.ts. */
const ROWS = 4;
const COLUMNS = 8;

/** Below so many multiplications, packing costs more than it saves. */
const WORTHWHILE = 4096;

const PAGE = 65_536;

type Gemm = (a: number, b: number, c: number, m: number, n: number, k: number) => void;

interface Simd {
  readonly gemm: Gemm;
  readonly memory: WebAssembly.Memory;
}

let simd: Simd | null | undefined;

/** The module, compiled at first use; null where the engine has no SIMD. */
function load(): Simd | null {
  if (simd !== undefined) return simd;
  const bytes = Uint8Array.from(atob(gemmWasm), (char) => char.charCodeAt(0));
  if (typeof WebAssembly === 'undefined' || !WebAssembly.validate(bytes)) return (simd = null);
  const memory = new WebAssembly.Memory({ initial: 1 });
  const module = new WebAssembly.Module(bytes);
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return (simd = { gemm: exports.gemm as Gemm, memory });
}

/** Whether this engine runs the WebAssembly matmul. */
export function simdAvailable(): boolean {
  return load() !== null;
}

/**
 * The matmul kernel's contract by SIMD in WebAssembly: operands are packed into panels in its
 * memory, whatever their strides. Sums are f32, where the reference has f64.
 *
 * @returns false where it does not pay, or the engine has no SIMD.
 */
export function simdMatmul(
  a: NumberArray,
  b: NumberArray,
  bias: NumberArray | undefined,
  out: NumberArray,
  walk: Walk,
): boolean {
  const { m, n, k, batches } = walk;
  if (m * n * k < WORTHWHILE || m < ROWS) return false;
  const module = load();
  if (!module) return false;

  const rows = Math.ceil(m / ROWS) * ROWS;
  const columns = Math.ceil(n / COLUMNS) * COLUMNS;
  const startB = rows * k;
  const startC = startB + k * columns;
  const total = 4 * (startC + rows * columns);
  const missing = total - module.memory.buffer.byteLength;
  if (missing > 0 && !grow(module.memory, missing)) return false;
  const heap = new Float32Array(module.memory.buffer);

  for (let z = 0; z < batches; z++) {
    pack(heap, 0, a, walk.offset_a + z * walk.batch_a, walk.row_a, walk.column_a, m, k, ROWS);
    // The same matrix for every batch is packed once.
    if (z === 0 || walk.batch_b !== 0) {
      pack(
        heap,
        startB,
        b,
        walk.offset_b + z * walk.batch_b,
        walk.column_b,
        walk.row_b,
        n,
        k,
        COLUMNS,
      );
    }
    module.gemm(0, 4 * startB, 4 * startC, rows, columns, k);
    for (let row = 0; row < m; row++) {
      const from = startC + row * columns;
      const to = walk.offset_out + (z * m + row) * n;
      if (walk.accumulate) {
        for (let i = 0; i < n; i++) out[to + i] += heap[from + i] + (bias?.[i] ?? 0);
      } else if (bias) {
        for (let i = 0; i < n; i++) out[to + i] = heap[from + i] + bias[i];
      } else {
        out.set(heap.subarray(from, from + n), to);
      }
    }
  }
  return true;
}

function grow(memory: WebAssembly.Memory, bytes: number): boolean {
  try {
    memory.grow(Math.ceil(bytes / PAGE));
    return true;
  } catch {
    // Past 4 GiB, or what the machine gives.
    return false;
  }
}

/** Packs `count` lines of length k into panels of [k, width], the last one padded with zeros. */
function pack(
  heap: Float32Array,
  target: number,
  source: NumberArray,
  base: number,
  lineStride: number,
  depthStride: number,
  count: number,
  k: number,
  width: number,
): void {
  for (let line = 0; line < count; line += width) {
    const panel = target + line * k;
    const lines = Math.min(width, count - line);
    if (lines < width) heap.fill(0, panel, panel + k * width);
    for (let i = 0; i < lines; i++) {
      let from = base + (line + i) * lineStride;
      let to = panel + i;
      for (let depth = 0; depth < k; depth++) {
        heap[to] = source[from];
        from += depthStride;
        to += width;
      }
    }
  }
}
