import type { NumberArray } from '../../backend/dtype';
import type { Simd } from '../../backend/kernel';

/** Sizes, strides and offsets in elements, as the kernel has them. */
interface StridedProduct {
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
  readonly row_out: number;
  readonly accumulate: number;
}

const FLOAT_BYTES = 4;

/** Columns of a panel of assembly/tile.ts. */
const PANEL_COLUMNS = 8;

/** Packed columns of b at once; what they take is kept for the next product. */
const MAX_PACKED_BYTES = 2 ** 25;

/** Bytes of a packed matrix of [k, n]. */
export function packedBytes(n: number, k: number): number {
  return PANEL_COLUMNS * Math.ceil(n / PANEL_COLUMNS) * k * FLOAT_BYTES;
}

/** Packs b of [k, n], at an address and with strides in elements, for the products to come. */
export function packColumns(
  simd: Simd,
  to: number,
  b: number,
  n: number,
  k: number,
  row: number,
  column: number,
): void {
  const [rowB, columnB] = [row * FLOAT_BYTES, column * FLOAT_BYTES];
  simd.run('gemm_pack', n * k, [0, b, 0, 0, to, 0, n, k, 0, 0, rowB, columnB]);
}

/**
 * The matmul kernel's contract by SIMD in WebAssembly. Sums are f32, where the reference has f64.
 *
 * @returns false where there is no memory to pack b into.
 */
export function simdMatmul(
  simd: Simd,
  a: NumberArray,
  b: NumberArray,
  bias: NumberArray | undefined,
  out: NumberArray,
  p: StridedProduct,
): boolean {
  const { m, n, k, batches } = p;
  if (m * n * batches === 0) return true;
  const addressA = a.byteOffset + FLOAT_BYTES * p.offset_a;
  const addressB = b.byteOffset + FLOAT_BYTES * p.offset_b;
  const addressOut = out.byteOffset + FLOAT_BYTES * p.offset_out;
  const { row_a, column_a, row_b, column_b, row_out } = p;
  const strides = [row_a, column_a, row_b, column_b, row_out].map((x) => x * FLOAT_BYTES);
  // Few rows of a are not worth packing b for.
  const dots = m < 4 && column_a === 1 && row_b === 1;
  const most = Math.floor(MAX_PACKED_BYTES / (PANEL_COLUMNS * FLOAT_BYTES * Math.max(k, 1)));
  const columns = dots ? n : Math.min(n, PANEL_COLUMNS * Math.max(1, most));
  const packed = dots ? 0 : simd.scratch(packedBytes(columns, k))?.byteOffset;
  if (packed === undefined) return false;

  for (let z = 0; z < batches; z++) {
    for (let first = 0; first < n; first += columns) {
      const width = Math.min(columns, n - first);
      const args = [
        addressA + FLOAT_BYTES * z * p.batch_a,
        addressB + FLOAT_BYTES * (z * p.batch_b + first * column_b),
        bias ? bias.byteOffset + FLOAT_BYTES * first : 0,
        addressOut + FLOAT_BYTES * (z * m * row_out + first),
        packed,
        ...[m, width, k],
        ...strides,
        p.accumulate,
      ];
      const work = (m * width * k) / PANEL_COLUMNS;
      if (dots) {
        simd.run('gemm_dots', work, args);
        continue;
      }
      // What is packed for the first batch serves those that share the matrix.
      const fresh = z === 0 || p.batch_b !== 0 || columns < n;
      if (fresh) simd.run('gemm_pack', width * k, args);
      simd.run('gemm', work, args);
    }
  }
  return true;
}
