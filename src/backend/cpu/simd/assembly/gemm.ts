import { COLUMNS, madd, ROWS, tile, total, wideRow, wideRows } from './tile';
import { boundary, scratchOf } from './memory';
import { DEPTH, pack, packColumns, roundUp } from './pack';

/** Rows of a block: with its depth 256 KiB of packed a, which stay in the second cache. */
const HEIGHT: usize = 128;

/** Where the scratch memory has room for a tile, behind the packed block of a. */
const SPARE: usize = (DEPTH * HEIGHT) << 2;
/** What a product leaves alone of the scratch memory: 63 KiB from here on. */
export const WORKSPACE: usize = SPARE + ((ROWS * COLUMNS) << 2);

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
 * `a`, [m, k], is read by strides in bytes; `b` is packed whole; `scratch` is a thread's own. Every
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
      pack(scratch, ROWS, blockA, height, depth, rowA, columnA);
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

/** What the parts of a product are told; src/kernels/simd/matmul.ts writes it. */
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
export function gemm_pack(args: usize, part: usize, parts: usize, thread: usize): void {
  const g = changetype<Gemm>(args);
  const first = boundary(g.n, COLUMNS, part, parts);
  const last = boundary(g.n, COLUMNS, part + 1, parts);
  packColumns(g.packed, g.b, g.n, g.k, g.rowB, g.columnB, first, last);
}

/** The second half: a share of the rows each, or of the columns where there are few rows. */
export function gemm(args: usize, part: usize, parts: usize, thread: usize): void {
  const g = changetype<Gemm>(args);
  let row: usize = 0;
  let lastRow = g.m;
  let column: usize = 0;
  let lastColumn = g.n;
  if (g.m >= parts * ROWS || g.m >= g.n) {
    row = boundary(g.m, ROWS, part, parts);
    lastRow = boundary(g.m, ROWS, part + 1, parts);
  } else {
    column = boundary(g.n, COLUMNS, part, parts);
    lastColumn = boundary(g.n, COLUMNS, part + 1, parts);
  }
  if (row === lastRow || column === lastColumn) return;
  multiply(
    lastRow - row,
    g.n,
    g.k,
    g.a + row * g.rowA,
    g.rowA,
    g.columnA,
    g.packed,
    g.c + row * g.rowC,
    g.rowC,
    g.bias,
    g.accumulate !== 0,
    column,
    lastColumn,
    scratchOf(thread),
  );
}

/** The last elements of a row by a column, from `at` on, and all that is added to their sum. */
@inline
function finishDot(
  sums: v128,
  p: usize,
  q: usize,
  at: usize,
  all: usize,
  bias: usize,
  to: usize,
  accumulate: bool,
): void {
  let sum = total(sums);
  for (; at < all; at += 4) sum += load<f32>(p + at) * load<f32>(q + at);
  if (bias) sum += load<f32>(bias);
  store<f32>(to, accumulate ? load<f32>(to) + sum : sum);
}

/**
 * As `multiply`, for columns of b that lie in one piece each, `column` bytes apart, and rows of a
 * too: nothing is packed, which is best where there are few rows. A sum is that of its even and its
 * odd vectors; four columns at once, so that no addition waits for the one before.
 */
export function dots(
  m: usize,
  k: usize,
  a: usize,
  rowA: usize,
  b: usize,
  columnB: usize,
  c: usize,
  rowC: usize,
  bias: usize,
  accumulate: bool,
  first: usize,
  last: usize,
): void {
  const vectors = (k & ~3) << 2;
  const pairs = vectors & ~31;
  const all = k << 2;
  for (let i: usize = 0; i < m; i++) {
    const p = a + i * rowA;
    let to = c + i * rowC + (first << 2);
    let add: usize = bias ? bias + (first << 2) : 0;
    let j = first;
    for (; j + 4 <= last; j += 4) {
      const q0 = b + j * columnB;
      const q1 = q0 + columnB;
      const q2 = q1 + columnB;
      const q3 = q2 + columnB;
      let x0 = f32x4.splat(0);
      let x1 = f32x4.splat(0);
      let x2 = f32x4.splat(0);
      let x3 = f32x4.splat(0);
      let y0 = f32x4.splat(0);
      let y1 = f32x4.splat(0);
      let y2 = f32x4.splat(0);
      let y3 = f32x4.splat(0);
      let at: usize = 0;
      while (at < vectors) {
        let x = v128.load(p + at);
        x0 = madd(x, v128.load(q0 + at), x0);
        x1 = madd(x, v128.load(q1 + at), x1);
        x2 = madd(x, v128.load(q2 + at), x2);
        x3 = madd(x, v128.load(q3 + at), x3);
        if (at === pairs) break;
        x = v128.load(p + at, 16);
        y0 = madd(x, v128.load(q0 + at, 16), y0);
        y1 = madd(x, v128.load(q1 + at, 16), y1);
        y2 = madd(x, v128.load(q2 + at, 16), y2);
        y3 = madd(x, v128.load(q3 + at, 16), y3);
        at += 32;
      }
      finishDot(f32x4.add(x0, y0), p, q0, vectors, all, add, to, accumulate);
      finishDot(f32x4.add(x1, y1), p, q1, vectors, all, add ? add + 4 : 0, to + 4, accumulate);
      finishDot(f32x4.add(x2, y2), p, q2, vectors, all, add ? add + 8 : 0, to + 8, accumulate);
      finishDot(f32x4.add(x3, y3), p, q3, vectors, all, add ? add + 12 : 0, to + 12, accumulate);
      to += 16;
      if (add) add += 16;
    }
    for (; j < last; j++) {
      const q = b + j * columnB;
      let x = f32x4.splat(0);
      let y = f32x4.splat(0);
      let at: usize = 0;
      for (; at < pairs; at += 32) {
        x = madd(v128.load(p + at), v128.load(q + at), x);
        y = madd(v128.load(p + at, 16), v128.load(q + at, 16), y);
      }
      if (at < vectors) x = madd(v128.load(p + at), v128.load(q + at), x);
      finishDot(f32x4.add(x, y), p, q, vectors, all, add, to, accumulate);
      to += 4;
      if (add) add += 4;
    }
  }
}

/** The whole product by `dots`: a share of the columns each. */
export function gemm_dots(args: usize, part: usize, parts: usize, thread: usize): void {
  const g = changetype<Gemm>(args);
  const begin = boundary(g.n, COLUMNS, part, parts);
  const end = boundary(g.n, COLUMNS, part + 1, parts);
  const add = g.accumulate !== 0;
  dots(g.m, g.k, g.a, g.rowA, g.b, g.columnB, g.c, g.rowC, g.bias, add, begin, end);
}
