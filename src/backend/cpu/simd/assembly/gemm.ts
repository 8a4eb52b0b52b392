import { COLUMNS, madd, ROWS, tile, wideRow, wideRows } from './tile';
import { scratchOf, share } from './memory';

/** Depth of a block: a panel of b, 16 KiB, stays in the first cache while a passes by. */
const DEPTH: usize = 512;
/** Rows of a block: with its depth 256 KiB of packed a, which stay in the second cache. */
const HEIGHT: usize = 128;

/** Where the scratch memory has room for a tile, behind the packed block of a. */
const SPARE: usize = (DEPTH * HEIGHT) << 2;

@inline
function roundUp(n: usize, multiple: usize): usize {
  return (n + multiple - 1) & ~(multiple - 1);
}

/**
 * Packs lines of a matrix into a panel of [depth, width], element (line, k) read at
 * from + line lineStride + k depthStride (bytes); lines past `lines` are left as they are.
 */
function pack(
  to: usize,
  width: usize,
  from: usize,
  lines: usize,
  depth: usize,
  lineStride: usize,
  depthStride: usize,
): void {
  const step = width << 2;
  let line: usize = 0;
  if (depthStride === 4) {
    // Squares of 4 x 4, turned.
    for (; line + 4 <= lines; line += 4) {
      let p0 = from + line * lineStride;
      let p1 = p0 + lineStride;
      let p2 = p1 + lineStride;
      let p3 = p2 + lineStride;
      let q = to + (line << 2);
      let k: usize = 0;
      for (; k + 4 <= depth; k += 4) {
        const r0 = v128.load(p0);
        const r1 = v128.load(p1);
        const r2 = v128.load(p2);
        const r3 = v128.load(p3);
        const s0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5);
        const s1 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
        const s2 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5);
        const s3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
        v128.store(q, v128.shuffle<f64>(s0, s2, 0, 2));
        q += step;
        v128.store(q, v128.shuffle<f64>(s0, s2, 1, 3));
        q += step;
        v128.store(q, v128.shuffle<f64>(s1, s3, 0, 2));
        q += step;
        v128.store(q, v128.shuffle<f64>(s1, s3, 1, 3));
        q += step;
        p0 += 16;
        p1 += 16;
        p2 += 16;
        p3 += 16;
      }
      for (; k < depth; k++) {
        store<f32>(q, load<f32>(p0));
        store<f32>(q, load<f32>(p1), 4);
        store<f32>(q, load<f32>(p2), 8);
        store<f32>(q, load<f32>(p3), 12);
        q += step;
        p0 += 4;
        p1 += 4;
        p2 += 4;
        p3 += 4;
      }
    }
  } else if (lineStride === 4) {
    for (; line + 4 <= lines; line += 4) {
      let p = from + (line << 2);
      let q = to + (line << 2);
      for (let k: usize = 0; k < depth; k++) {
        v128.store(q, v128.load(p));
        p += depthStride;
        q += step;
      }
    }
  }
  for (; line < lines; line++) {
    let p = from + line * lineStride;
    let q = to + (line << 2);
    for (let k: usize = 0; k < depth; k++) {
      store<f32>(q, load<f32>(p));
      p += depthStride;
      q += step;
    }
  }
}

/** Bytes of a packed matrix of [k, n]. */
export function packedBytes(n: usize, k: usize): usize {
  return (roundUp(n, COLUMNS) * k) << 2;
}

/**
 * Packs columns first..last-1 of b, [k, n], for `multiply`: blocks of DEPTH rows, each in panels of
 * [depth, 8]. `first` is a multiple of 8. Strides are in bytes.
 */
export function packColumns(
  to: usize,
  b: usize,
  n: usize,
  k: usize,
  row: usize,
  column: usize,
  first: usize,
  last: usize,
): void {
  const columns = roundUp(n, COLUMNS);
  for (let k0: usize = 0; k0 < k; k0 += DEPTH) {
    const depth = min(DEPTH, k - k0);
    for (let j = first; j < last; j += COLUMNS) {
      const panel = to + ((k0 * columns + j * depth) << 2);
      pack(panel, COLUMNS, b + k0 * row + j * column, min(COLUMNS, last - j), depth, column, row);
    }
  }
}

/** A tile of `width` columns, fewer than a panel has: by way of `spare`. */
function edge(
  rows: usize,
  width: usize,
  a: usize,
  b: usize,
  k: usize,
  c: usize,
  stride: usize,
  bias: usize,
  accumulate: bool,
  spare: usize,
): void {
  tile(rows, a, b, k, spare, COLUMNS << 2, 0, false);
  for (let i: usize = 0; i < rows; i++) {
    for (let j: usize = 0; j < width << 2; j += 4) {
      let sum = load<f32>(spare + j);
      if (bias) sum += load<f32>(bias + j);
      store<f32>(c + j, accumulate ? load<f32>(c + j) + sum : sum);
    }
    c += stride;
    spare += COLUMNS << 2;
  }
}

/**
 * c = a b (+ bias) (+ c) for m rows of c, `rowC` bytes apart, and columns first..last-1 of its n.
 * `a`, [m, k], is walked by strides in bytes; `b` is packed whole; `scratch` is a part's own. Every
 * element is the same sum in the same order, however rows and columns are shared out.
 */
export function multiply(
  m: usize,
  n: usize,
  k: usize,
  a: usize,
  rowA: usize,
  columnA: usize,
  b: usize,
  c: usize,
  rowC: usize,
  bias: usize,
  accumulate: bool,
  first: usize,
  last: usize,
  scratch: usize,
): void {
  const columns = roundUp(n, COLUMNS);
  let k0: usize = 0;
  do {
    const depth = min(DEPTH, k - k0);
    const panelBytes = (depth * COLUMNS) << 2;
    const blockB = b + ((k0 * columns) << 2);
    const add = accumulate || k0 > 0;
    const biasHere: usize = k0 > 0 ? 0 : bias;
    for (let i0: usize = 0; i0 < m; i0 += HEIGHT) {
      const height = min(HEIGHT, m - i0);
      const whole = height & ~(ROWS - 1);
      const rest = height - whole;
      const blockA = a + i0 * rowA + k0 * columnA;
      const blockC = c + i0 * rowC;
      for (let i: usize = 0; i < height; i += ROWS) {
        const rows = min(ROWS, height - i);
        pack(scratch + ((i * depth) << 2), rows, blockA + i * rowA, rows, depth, rowA, columnA);
      }
      for (let j = first; j < last; j += COLUMNS) {
        const panel = blockB + ((j * depth) << 2);
        const bias: usize = biasHere ? biasHere + (j << 2) : 0;
        let from = scratch;
        let to = blockC + (j << 2);
        for (let i: usize = 0; i < whole; i += ROWS) {
          if (last - j >= COLUMNS) {
            tile(ROWS, from, panel, depth, to, rowC, bias, add);
          } else {
            edge(ROWS, last - j, from, panel, depth, to, rowC, bias, add, scratch + SPARE);
          }
          from += (ROWS * depth) << 2;
          to += ROWS * rowC;
        }
      }
      if (!rest) continue;
      // Fewer rows than a tile has: as many columns at once as make up for it.
      const from = scratch + ((whole * depth) << 2);
      let j = first;
      while (j < last) {
        const panel = blockB + ((j * depth) << 2);
        const bias: usize = biasHere ? biasHere + (j << 2) : 0;
        const to = blockC + whole * rowC + (j << 2);
        const left = last - j;
        if (rest === 1 && left >= 4 * COLUMNS) {
          wideRow(from, panel, panelBytes, depth, to, bias, add);
          j += 4 * COLUMNS;
        } else if (rest === 2 && left >= 2 * COLUMNS) {
          wideRows(from, panel, panelBytes, depth, to, rowC, bias, add);
          j += 2 * COLUMNS;
        } else {
          if (left >= COLUMNS) tile(rest, from, panel, depth, to, rowC, bias, add);
          else edge(rest, left, from, panel, depth, to, rowC, bias, add, scratch + SPARE);
          j += COLUMNS;
        }
      }
    }
    k0 += DEPTH;
  } while (k0 < k);
}

/** What both halves of a product are told; src/backend/cpu/simd/matmul.ts writes it. */
@unmanaged
class Gemm {
  a: usize;
  b: usize;
  bias: usize;
  c: usize;
  packed: usize;
  m: usize;
  n: usize;
  k: usize;
  rowA: usize;
  columnA: usize;
  rowB: usize;
  columnB: usize;
  rowC: usize;
  accumulate: u32;
}

/** The first half: packs b, a share of its columns each. */
export function gemm_pack(args: usize, part: usize, parts: usize): void {
  const g = changetype<Gemm>(args);
  const panels = (g.n + COLUMNS - 1) / COLUMNS;
  const first = share(panels, part, parts) * COLUMNS;
  const last = min(g.n, share(panels, part + 1, parts) * COLUMNS);
  packColumns(g.packed, g.b, g.n, g.k, g.rowB, g.columnB, first, last);
}

/** The second half: a share of the rows each, or of the columns where there are more of those. */
export function gemm(args: usize, part: usize, parts: usize): void {
  const g = changetype<Gemm>(args);
  const tall = g.m >= g.n;
  const unit = tall ? ROWS : COLUMNS;
  const size = tall ? g.m : g.n;
  const units = (size + unit - 1) / unit;
  const begin = share(units, part, parts) * unit;
  const end = min(size, share(units, part + 1, parts) * unit);
  if (begin >= end) return;
  multiply(
    tall ? end - begin : g.m,
    g.n,
    g.k,
    tall ? g.a + begin * g.rowA : g.a,
    g.rowA,
    g.columnA,
    g.packed,
    tall ? g.c + begin * g.rowC : g.c,
    g.rowC,
    g.bias,
    g.accumulate !== 0,
    tall ? 0 : begin,
    tall ? g.n : end,
    scratchOf(part),
  );
}

/** The sum of a vector's elements. */
@inline
function total(x: v128): f32 {
  x = f32x4.add(x, v128.shuffle<f32>(x, x, 2, 3, 0, 1));
  x = f32x4.add(x, v128.shuffle<f32>(x, x, 1, 0, 3, 2));
  return f32x4.extract_lane(x, 0);
}

/** The product of few rows with columns that lie in one piece each: nothing is packed. */
export function gemm_dots(args: usize, part: usize, parts: usize): void {
  const g = changetype<Gemm>(args);
  const begin = share(g.n, part, parts);
  const end = share(g.n, part + 1, parts);
  const vectors = (g.k & ~3) << 2;
  const all = g.k << 2;
  for (let i: usize = 0; i < g.m; i++) {
    const a = g.a + i * g.rowA;
    for (let j = begin; j < end; j++) {
      const b = g.b + j * g.columnB;
      let x = f32x4.splat(0);
      let y = f32x4.splat(0);
      let at: usize = 0;
      for (; at + 32 <= vectors; at += 32) {
        x = madd(v128.load(a + at), v128.load(b + at), x);
        y = madd(v128.load(a + at, 16), v128.load(b + at, 16), y);
      }
      for (; at < vectors; at += 16) x = madd(v128.load(a + at), v128.load(b + at), x);
      let sum = total(f32x4.add(x, y));
      for (; at < all; at += 4) sum += load<f32>(a + at) * load<f32>(b + at);
      if (g.bias) sum += load<f32>(g.bias + (j << 2));
      const to = g.c + i * g.rowC + (j << 2);
      store<f32>(to, g.accumulate ? load<f32>(to) + sum : sum);
    }
  }
}
