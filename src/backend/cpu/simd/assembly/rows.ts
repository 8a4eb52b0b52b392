import { boundary, put, scratchOf, take } from './memory';

// Kernels over rows: sums, and rows picked by ids.

/** Columns that are summed at once, in f64, in a thread's scratch memory. */
const STRIP: usize = 256;

@unmanaged
class Reduce {
  x: usize;
  out: usize;
  outer: usize;
  n: usize;
  inner: usize;
  scale: f32;
}

/** out[o, i] = scale times the sum over r of x[o, r, i]: a share of the columns each. */
export function sum_rows(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Reduce>(args);
  const first = boundary(s.inner, 16, part, parts);
  const last = boundary(s.inner, 16, part + 1, parts);
  const sums = scratchOf(thread);
  for (let o: usize = 0; o < s.outer; o++) {
    for (let column = first; column < last; column += STRIP) {
      const width = min(STRIP, last - column);
      memory.fill(sums, 0, STRIP << 3);
      let from = s.x + ((o * s.n * s.inner + column) << 2);
      for (let r: usize = 0; r < s.n; r++) {
        let at: usize = 0;
        for (; at + 4 <= width; at += 4) addTo(sums + (at << 3), v128.load(from + (at << 2)));
        if (at < width) addTo(sums + (at << 3), take(from + (at << 2), width - at));
        from += s.inner << 2;
      }
      const out = s.out + ((o * s.inner + column) << 2);
      for (let i: usize = 0; i < width; i++) {
        store<f32>(out + (i << 2), <f32>(load<f64>(sums + (i << 3)) * s.scale));
      }
    }
  }
}

/** Adds four floats to four sums in f64. */
@inline
function addTo(sums: usize, x: v128): void {
  const high = v128.shuffle<f32>(x, x, 2, 3, 2, 3);
  v128.store(sums, f64x2.add(v128.load(sums), f64x2.promote_low_f32x4(x)));
  v128.store(sums, f64x2.add(v128.load(sums, 16), f64x2.promote_low_f32x4(high)), 16);
}

@unmanaged
class SquareSum {
  x: usize;
  out: usize;
  n: usize;
  /** Elements of a chunk, a multiple of 4, and how many chunks there are. */
  chunk: usize;
  chunks: usize;
}

/** The pairs of src/kernels/square_sum.ts: a share of the chunks each. */
export function square_sum(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<SquareSum>(args);
  const end = boundary(s.chunks, 1, part + 1, parts);
  for (let i = boundary(s.chunks, 1, part, parts); i < end; i++) {
    const from = s.x + ((i * s.chunk) << 2);
    const to = s.x + (min(s.n, (i + 1) * s.chunk) << 2);
    chunkSum(from, to, s.out + (i << 3));
  }
}

/** Every square of an f32 is finite in f64, so that the sum tells whether all elements are. */
function chunkSum(from: usize, end: usize, out: usize): void {
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  for (let at = from; at < end; at += 16) {
    const x = take(at, (end - at) >> 2);
    const low = f64x2.promote_low_f32x4(x);
    const high = f64x2.promote_low_f32x4(v128.shuffle<f32>(x, x, 2, 3, 2, 3));
    even = f64x2.add(even, f64x2.mul(low, low));
    odd = f64x2.add(odd, f64x2.mul(high, high));
  }
  const both = f64x2.add(even, odd);
  let sum = f64x2.extract_lane(both, 0) + f64x2.extract_lane(both, 1);
  let broken: u32 = 0;
  if (!isFinite(sum)) {
    sum = 0;
    for (let at = from; at < end; at += 4) {
      const x = load<f32>(at);
      if (isFinite(x)) sum += <f64>x * <f64>x;
      else broken++;
    }
  }
  store<f32>(out, <f32>sum);
  store<f32>(out, <f32>broken, 4);
}

@unmanaged
class Indexing {
  x: usize;
  ids: usize;
  out: usize;
  outer: usize;
  n: usize;
  count: usize;
  inner: usize;
  idOuter: usize;
  idCount: usize;
}

/** out[o, k] = x[o, ids[o, k]], rows of `inner` floats, zeros for an id outside: a share each. */
export function gather(args: usize, part: usize, parts: usize, thread: usize): void {
  const w = changetype<Indexing>(args);
  const rows = w.outer * w.count;
  const bytes = w.inner << 2;
  const end = boundary(rows, 1, part + 1, parts);
  for (let row = boundary(rows, 1, part, parts); row < end; row++) {
    const o = row / w.count;
    const k = row - o * w.count;
    const id = load<u32>(w.ids + ((o * w.idOuter + k * w.idCount) << 2));
    const to = w.out + row * bytes;
    if (id < <u32>w.n) memory.copy(to, w.x + (o * w.n + id) * bytes, bytes);
    else memory.fill(to, 0, bytes);
  }
}

/** out[o, ids[o, k]] += x[o, k], in the order of k: a share of the columns each. */
export function scatter_add(args: usize, part: usize, parts: usize, thread: usize): void {
  const w = changetype<Indexing>(args);
  const first = boundary(w.inner, 16, part, parts) << 2;
  const last = boundary(w.inner, 16, part + 1, parts) << 2;
  if (first === last) return;
  const bytes = w.inner << 2;
  for (let o: usize = 0; o < w.outer; o++) {
    for (let k: usize = 0; k < w.count; k++) {
      const id = load<u32>(w.ids + ((o * w.idOuter + k * w.idCount) << 2));
      if (id >= <u32>w.n) continue;
      const from = w.x + (o * w.count + k) * bytes;
      const to = w.out + (o * w.n + id) * bytes;
      let at = first;
      for (; at + 16 <= last; at += 16) {
        v128.store(to + at, f32x4.add(v128.load(to + at), v128.load(from + at)));
      }
      if (at < last) {
        const left = (last - at) >> 2;
        put(to + at, f32x4.add(take(to + at, left), take(from + at, left)), left);
      }
    }
  }
}
