import { COLUMNS } from './tile';

/** Depth of a block: a panel of b, 16 KiB, stays in the first cache while a passes by. */
export const DEPTH: usize = 512;

@inline
export function roundUp(n: usize, multiple: usize): usize {
  return (n + multiple - 1) & ~(multiple - 1);
}

/** Where line `line` of the panels of [depth, width] at `to` begins. */
@inline
function lineOf(to: usize, line: usize, width: usize, depth: usize): usize {
  const panel = line & ~(width - 1);
  return to + ((panel * depth + line - panel) << 2);
}

/**
 * Packs the lines of a matrix into panels of [depth, width]; element (line, k) is read at
 * from + line lineStride + k depthStride, in bytes. Where the last panel has lines too many, they
 * are left as they are. `width` is 4 or 8.
 */
export function pack(
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
  if (lineStride === 4) {
    // Cache lines, whole, since the next ones are far away.
    for (; line + 16 <= lines; line += 16) {
      let p = from + (line << 2);
      let q0 = lineOf(to, line, width, depth);
      let q1 = lineOf(to, line + 4, width, depth);
      let q2 = lineOf(to, line + 8, width, depth);
      let q3 = lineOf(to, line + 12, width, depth);
      for (let k: usize = 0; k < depth; k++) {
        v128.store(q0, v128.load(p));
        v128.store(q1, v128.load(p, 16));
        v128.store(q2, v128.load(p, 32));
        v128.store(q3, v128.load(p, 48));
        p += depthStride;
        q0 += step;
        q1 += step;
        q2 += step;
        q3 += step;
      }
    }
    for (; line + 4 <= lines; line += 4) {
      let p = from + (line << 2);
      let q = lineOf(to, line, width, depth);
      for (let k: usize = 0; k < depth; k++) {
        v128.store(q, v128.load(p));
        p += depthStride;
        q += step;
      }
    }
  } else if (depthStride === 4) {
    // Squares of 4 x 4, turned.
    for (; line + 4 <= lines; line += 4) {
      let p0 = from + line * lineStride;
      let p1 = p0 + lineStride;
      let p2 = p1 + lineStride;
      let p3 = p2 + lineStride;
      let q = lineOf(to, line, width, depth);
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
  }
  for (; line < lines; line++) {
    let p = from + line * lineStride;
    let q = lineOf(to, line, width, depth);
    for (let k: usize = 0; k < depth; k++) {
      store<f32>(q, load<f32>(p));
      p += depthStride;
      q += step;
    }
  }
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
    const block = to + ((k0 * columns + first * depth) << 2);
    pack(block, COLUMNS, b + k0 * row + first * column, last - first, depth, column, row);
  }
}
