import { exp, log, splat } from './math';
import { boundary, put, take } from './memory';
import { total } from './tile';

/** The largest of n floats, NaN where one is. */
export function highest(from: usize, n: usize): f32 {
  let tops = splat(-Infinity);
  const whole = n & ~3;
  for (let i: usize = 0; i < whole; i += 4) tops = f32x4.max(tops, v128.load(from + (i << 2)));
  let top = max(
    max(f32x4.extract_lane(tops, 0), f32x4.extract_lane(tops, 1)),
    max(f32x4.extract_lane(tops, 2), f32x4.extract_lane(tops, 3)),
  );
  for (let i = whole; i < n; i++) top = max(top, load<f32>(from + (i << 2)));
  return top;
}

/** The sum over n floats of e^(x - top), and each of these at `to`, unless that is 0. */
@inline
export function exponentials(from: usize, n: usize, top: f32, to: usize): f32 {
  let sums = splat(0);
  const whole = n & ~3;
  for (let i: usize = 0; i < whole << 2; i += 16) {
    const e = exp(f32x4.sub(v128.load(from + i), splat(top)));
    if (to) v128.store(to + i, e);
    sums = f32x4.add(sums, e);
  }
  let sum = total(sums);
  const left = n - whole;
  if (left) {
    const e = exp(f32x4.sub(take(from + (whole << 2), left), splat(top)));
    if (to) put(to + (whole << 2), e, left);
    sum += f32x4.extract_lane(e, 0);
    if (left > 1) sum += f32x4.extract_lane(e, 1);
    if (left > 2) sum += f32x4.extract_lane(e, 2);
  }
  return sum;
}

@unmanaged
class Loss {
  logits: usize;
  targets: usize;
  /** 0 where all classes weigh 1. */
  classWeights: usize;
  loss: usize;
  weight: usize;
  mass: usize;
  highest: usize;
  logtotal: usize;
  rows: usize;
  n: usize;
  ignore: i32;
  smoothing: f32;
}

/** What a class weighs. */
@inline
function weightOf(classWeights: usize, label: u32): f32 {
  return classWeights ? load<f32>(classWeights + (<usize>label << 2)) : 1;
}

/** What all classes weigh. */
function weightOfAll(classWeights: usize, n: usize): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < n; i++) sum += weightOf(classWeights, <u32>i);
  return sum;
}

/** The sum over all classes of (top - logit) times what they weigh. */
function weighted(logits: usize, n: usize, top: f64, classWeights: usize): f64 {
  let sum: f64 = 0;
  for (let i: usize = 0; i < n; i++) {
    sum += weightOf(classWeights, <u32>i) * (top - <f64>load<f32>(logits + (i << 2)));
  }
  return sum;
}

/** Takes `spread` times what each class weighs from n elements. */
function takeSpread(to: usize, n: usize, spread: f32, classWeights: usize): void {
  for (let i: usize = 0; i < n; i += 4) {
    const left = n - i;
    const weights = classWeights ? take(classWeights + (i << 2), left) : splat(1);
    const q = f32x4.mul(splat(spread), weights);
    put(to + (i << 2), f32x4.sub(take(to + (i << 2), left), q), left);
  }
}

/** The losses of src/kernels/cross_entropy.ts: a share of the rows each. */
export function cross_entropy(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Loss>(args);
  const end = boundary(s.rows, 4, part + 1, parts);
  const spread = s.smoothing / <f32>s.n;
  const all: f64 = s.smoothing > 0 ? weightOfAll(s.classWeights, s.n) : 0;
  for (let row = boundary(s.rows, 4, part, parts); row < end; row++) {
    const logits = s.logits + ((row * s.n) << 2);
    const top = highest(logits, s.n);
    const logtotal = log(exponentials(logits, s.n, top, 0));
    const label = load<u32>(s.targets + (row << 2));
    const counts = label < <u32>s.n && <i32>label !== s.ignore;
    const at = row << 2;
    store<f32>(s.highest + at, top);
    store<f32>(s.logtotal + at, <f32>logtotal);
    let weight: f32 = 0;
    let mass: f32 = 0;
    let loss: f64 = 0;
    if (counts) {
      weight = weightOf(s.classWeights, label);
      mass = (1 - s.smoothing) * weight;
      loss = mass * (logtotal - (<f64>load<f32>(logits + (label << 2)) - <f64>top));
      if (s.smoothing > 0) {
        loss += spread * (all * logtotal + weighted(logits, s.n, top, s.classWeights));
        mass += spread * <f32>all;
      }
    }
    store<f32>(s.weight + at, weight);
    store<f32>(s.mass + at, mass);
    store<f32>(s.loss + at, <f32>loss);
  }
}

@unmanaged
class LossGradient {
  logits: usize;
  targets: usize;
  /** 0 where all classes weigh 1. */
  classWeights: usize;
  mass: usize;
  highest: usize;
  logtotal: usize;
  g: usize;
  dlogits: usize;
  rows: usize;
  n: usize;
  ignore: i32;
  smoothing: f32;
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
    const label = load<u32>(s.targets + at);
    if (label >= <u32>s.n || <i32>label === s.ignore) {
      memory.fill(to, 0, s.n << 2);
      continue;
    }
    const scale = load<f32>(s.g + at);
    const g = splat(scale * load<f32>(s.mass + at));
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
    if (s.smoothing > 0) {
      takeSpread(to, s.n, (scale * s.smoothing) / <f32>s.n, s.classWeights);
    }
    const hit = to + (<usize>label << 2);
    const own: f32 = (1 - s.smoothing) * weightOf(s.classWeights, label);
    store<f32>(hit, load<f32>(hit) - scale * own);
  }
}

@unmanaged
class SoftmaxLoss {
  targets: usize;
  logits: usize;
  loss: usize;
  weight: usize;
  /** 0 where all classes weigh 1. */
  classWeights: usize;
  rows: usize;
  n: usize;
  ignore: i32;
  /** Of the gradient. */
  share: f32;
  smoothing: f32;
}

/** Losses, and their gradients in place of the logits; src/kernels/softmax_loss.ts. */
export function softmax_loss(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<SoftmaxLoss>(args);
  const end = boundary(s.rows, 4, part + 1, parts);
  const whole = (s.n & ~3) << 2;
  const left = s.n & 3;
  const spread = s.smoothing / <f32>s.n;
  const all: f64 = s.smoothing > 0 ? weightOfAll(s.classWeights, s.n) : 0;
  for (let row = boundary(s.rows, 4, part, parts); row < end; row++) {
    const logits = s.logits + ((row * s.n) << 2);
    const at = row << 2;
    const label = load<u32>(s.targets + at);
    if (label >= <u32>s.n || <i32>label === s.ignore) {
      memory.fill(logits, 0, s.n << 2);
      store<f32>(s.loss + at, 0);
      store<f32>(s.weight + at, 0);
      continue;
    }
    const hit = logits + (<usize>label << 2);
    const top = highest(logits, s.n);
    const above = <f64>load<f32>(hit) - <f64>top;
    const others: f64 = s.smoothing > 0 ? weighted(logits, s.n, top, s.classWeights) : 0;
    const sum = exponentials(logits, s.n, top, logits);
    const weight = weightOf(s.classWeights, label);
    const kept: f32 = (1 - s.smoothing) * weight;
    const logtotal = log(sum);
    store<f32>(s.loss + at, <f32>(kept * (logtotal - above) + spread * (all * logtotal + others)));
    store<f32>(s.weight + at, weight);
    const scale = splat((s.share * (kept + spread * <f32>all)) / sum);
    for (let i = logits; i < logits + whole; i += 16) {
      v128.store(i, f32x4.mul(v128.load(i), scale));
    }
    if (left) put(logits + whole, f32x4.mul(take(logits + whole, left), scale), left);
    if (s.smoothing > 0) takeSpread(logits, s.n, s.share * spread, s.classWeights);
    store<f32>(hit, load<f32>(hit) - s.share * kept);
  }
}
