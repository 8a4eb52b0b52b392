import { exp, log, splat } from './math';
import { boundary, put, scratchOf, take } from './memory';
import { total } from './tile';

// Kernels over rows: sums, losses, and rows picked by ids.

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
}

/**
 * out[0] = the sum of x^2, out[1] = 0; or both as in src/kernels/square_sum.ts where an element is
 * not finite. Every square of an f32 is finite in f64, so that the sum tells. By one part alone.
 */
export function square_sum(args: usize, part: usize, parts: usize, thread: usize): void {
  if (part > 0) return;
  const s = changetype<SquareSum>(args);
  let even = f64x2.splat(0);
  let odd = f64x2.splat(0);
  const end = s.x + (s.n << 2);
  for (let at = s.x; at < end; at += 16) {
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
    for (let at = s.x; at < end; at += 4) {
      const x = load<f32>(at);
      if (isFinite(x)) sum += <f64>x * <f64>x;
      else broken++;
    }
  }
  store<f32>(s.out, <f32>sum);
  store<f32>(s.out, <f32>broken, 4);
}

@unmanaged
class Walk {
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
  const w = changetype<Walk>(args);
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
  const w = changetype<Walk>(args);
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

/** The largest of n floats. */
@inline
function topOf(row: usize, n: usize): f32 {
  const whole = n & ~3;
  let tops = splat(-Infinity);
  for (let i: usize = 0; i < whole; i += 4) tops = f32x4.max(tops, v128.load(row + (i << 2)));
  let top = max(
    max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1)),
    max(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)),
  );
  for (let i = whole; i < n; i++) top = max(top, load<f32>(row + (i << 2)));
  return top;
}

/** The sum of e^(x - top) over n floats. */
@inline
function sumOf(row: usize, n: usize, top: f32): f32 {
  const whole = n & ~3;
  let sums = splat(0);
  for (let i: usize = 0; i < whole; i += 4) {
    sums = f32x4.add(sums, exp(f32x4.sub(v128.load(row + (i << 2)), splat(top))));
  }
  let sum = total(sums);
  if (whole < n) {
    const left = n - whole;
    let rest = exp(f32x4.sub(take(row + (whole << 2), left), splat(top)));
    sum += f32x4.extract_lane(rest, 0);
    if (left > 1) sum += f32x4.extract_lane(rest, 1);
    if (left > 2) sum += f32x4.extract_lane(rest, 2);
  }
  return sum;
}

@unmanaged
class Loss {
  logits: usize;
  targets: usize;
  loss: usize;
  weight: usize;
  highest: usize;
  logtotal: usize;
  rows: usize;
  n: usize;
  ignore: i32;
}

/** The losses of src/kernels/cross_entropy.ts: a share of the rows each. */
export function cross_entropy(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Loss>(args);
  const end = boundary(s.rows, 4, part + 1, parts);
  for (let row = boundary(s.rows, 4, part, parts); row < end; row++) {
    const logits = s.logits + ((row * s.n) << 2);
    const top = topOf(logits, s.n);
    const logtotal = log(sumOf(logits, s.n, top));
    const label = load<u32>(s.targets + (row << 2));
    const counts = label < <u32>s.n && <i32>label !== s.ignore;
    const at = row << 2;
    store<f32>(s.highest + at, top);
    store<f32>(s.logtotal + at, <f32>logtotal);
    store<f32>(s.weight + at, counts ? 1 : 0);
    const loss = counts ? logtotal - (<f64>load<f32>(logits + (label << 2)) - <f64>top) : 0;
    store<f32>(s.loss + at, <f32>loss);
  }
}

@unmanaged
class SoftmaxLoss {
  targets: usize;
  logits: usize;
  loss: usize;
  weight: usize;
  rows: usize;
  n: usize;
  ignore: i32;
}

/** The losses of src/kernels/softmax_loss.ts, and their gradients in place: a share of the rows each. */
export function softmax_loss(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<SoftmaxLoss>(args);
  const end = boundary(s.rows, 4, part + 1, parts);
  for (let row = boundary(s.rows, 4, part, parts); row < end; row++) {
    const logits = s.logits + ((row * s.n) << 2);
    const at = row << 2;
    const label = load<u32>(s.targets + at);
    const counts = label < <u32>s.n && <i32>label !== s.ignore;
    store<f32>(s.weight + at, counts ? 1 : 0);
    if (!counts) {
      store<f32>(s.loss + at, 0);
      memory.fill(logits, 0, s.n << 2);
      continue;
    }
    const top = topOf(logits, s.n);
    const sum = sumOf(logits, s.n, top);
    const hit = logits + (label << 2);
    store<f32>(s.loss + at, <f32>(log(sum) - (<f64>load<f32>(hit) - <f64>top)));
    const share = splat(<f32>(1 / sum));
    for (let i: usize = 0; i < s.n; i += 4) {
      const left = min<usize>(4, s.n - i);
      const from = logits + (i << 2);
      put(from, f32x4.mul(share, exp(f32x4.sub(take(from, left), splat(top)))), left);
    }
    store<f32>(hit, load<f32>(hit) - 1);
  }
}

@unmanaged
class LossGradient {
  logits: usize;
  targets: usize;
  weight: usize;
  highest: usize;
  logtotal: usize;
  g: usize;
  dlogits: usize;
  rows: usize;
  n: usize;
}

/** Up to four elements: (e^(logit - highest - logtotal)) g. */
@inline
function probability(from: usize, top: v128, logtotal: v128, g: v128, left: usize): v128 {
  return f32x4.mul(g, exp(f32x4.sub(f32x4.sub(take(from, left), top), logtotal)));
}

/** The gradient of src/kernels/cross_entropy.ts: a share of the rows each. */
export function cross_entropy_gradient(
  args: usize,
  part: usize,
  parts: usize,
  thread: usize,
): void {
  const s = changetype<LossGradient>(args);
  const end = boundary(s.rows, 4, part + 1, parts);
  const whole = s.n & ~3;
  for (let row = boundary(s.rows, 4, part, parts); row < end; row++) {
    const at = row << 2;
    const from = s.logits + row * (s.n << 2);
    const to = s.dlogits + row * (s.n << 2);
    const scale = load<f32>(s.g + at) * load<f32>(s.weight + at);
    const g = splat(scale);
    const top = splat(load<f32>(s.highest + at));
    const logtotal = splat(load<f32>(s.logtotal + at));
    for (let i: usize = 0; i < whole << 2; i += 16) {
      put(to + i, probability(from + i, top, logtotal, g, 4), 4);
    }
    if (whole < s.n) {
      const i = whole << 2;
      const left = s.n - whole;
      put(to + i, probability(from + i, top, logtotal, g, left), left);
    }
    const label = load<u32>(s.targets + at);
    if (label < <u32>s.n) {
      const hit = to + (<usize>label << 2);
      store<f32>(hit, load<f32>(hit) - scale);
    }
  }
}
