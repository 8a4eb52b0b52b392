import { exp, sigmoid, splat, tanh } from './math';
import { boundary, put, take } from './memory';
import { madd } from './tile';

/** Elements that parts have in whole numbers of: a cache line. */
const LINE: usize = 16;

@unmanaged
class Scaled {
  x: usize;
  y: usize;
  n: usize;
  alpha: f32;
}

@inline
function addScaled(x: usize, y: usize, alpha: v128, left: usize): void {
  put(y, madd(alpha, take(x, left), take(y, left)), left);
}

/** y += alpha x. */
export function axpy(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Scaled>(args);
  const alpha = splat(s.alpha);
  const end = boundary(s.n, LINE, part + 1, parts) << 2;
  let at = boundary(s.n, LINE, part, parts) << 2;
  for (; at + 16 <= end; at += 16) addScaled(s.x + at, s.y + at, alpha, 4);
  if (at < end) addScaled(s.x + at, s.y + at, alpha, (end - at) >> 2);
}

@inline
function scaleTo(x: usize, y: usize, alpha: v128, left: usize): void {
  put(y, f32x4.mul(take(x, left), alpha), left);
}

/** y = alpha x; y may be x. */
export function scale(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Scaled>(args);
  const alpha = splat(s.alpha);
  const end = boundary(s.n, LINE, part + 1, parts) << 2;
  let at = boundary(s.n, LINE, part, parts) << 2;
  for (; at + 16 <= end; at += 16) scaleTo(s.x + at, s.y + at, alpha, 4);
  if (at < end) scaleTo(s.x + at, s.y + at, alpha, (end - at) >> 2);
}

@unmanaged
class Mapped {
  x: usize;
  y: usize;
  n: usize;
  op: u32;
}

/** A function by its code in src/kernels/unary.ts. */
@inline
function mapTo(op: u32, x: usize, y: usize, left: usize): void {
  const value = take(x, left);
  if (op === 2) put(y, exp(value), left);
  else if (op === 7) put(y, tanh(value), left);
  else put(y, sigmoid(value), left);
}

/** y = f(x). */
export function unary(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Mapped>(args);
  const op = s.op;
  const end = boundary(s.n, LINE, part + 1, parts) << 2;
  let at = boundary(s.n, LINE, part, parts) << 2;
  for (; at + 16 <= end; at += 16) mapTo(op, s.x + at, s.y + at, 4);
  if (at < end) mapTo(op, s.x + at, s.y + at, (end - at) >> 2);
}

@unmanaged
class Joined {
  a: usize;
  b: usize;
  out: usize;
  n: usize;
  op: u32;
  /** Whether `scalar` stands for b. */
  useScalar: u32;
  scalar: f32;
}

/** A function by its code in src/kernels/binary.ts. */
@inline
function joinTo(op: u32, a: usize, right: v128, out: usize, left: usize): void {
  const x = take(a, left);
  if (op === 0) put(out, f32x4.add(x, right), left);
  else if (op === 1) put(out, f32x4.sub(x, right), left);
  else if (op === 2) put(out, f32x4.mul(x, right), left);
  else if (op === 3) put(out, f32x4.div(x, right), left);
  else if (op === 4) put(out, f32x4.max(x, right), left);
  else put(out, f32x4.min(x, right), left);
}

/** out = f(a, b) or f(a, scalar), element by element. */
export function binary(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Joined>(args);
  const op = s.op;
  const scalar = splat(s.scalar);
  const useScalar = s.useScalar !== 0;
  const end = boundary(s.n, LINE, part + 1, parts) << 2;
  let at = boundary(s.n, LINE, part, parts) << 2;
  for (; at + 16 <= end; at += 16) {
    joinTo(op, s.a + at, useScalar ? scalar : v128.load(s.b + at), s.out + at, 4);
  }
  if (at < end) {
    const left = (end - at) >> 2;
    joinTo(op, s.a + at, useScalar ? scalar : take(s.b + at, left), s.out + at, left);
  }
}

@unmanaged
class Adam {
  grad: usize;
  param: usize;
  mean: usize;
  square: usize;
  n: usize;
  beta1: f32;
  beta2: f32;
  gain1: f32;
  gain2: f32;
  eps: f32;
  /** 1 - rate decay, and 0, or 1 and the decay: decoupled or not. */
  keep: f32;
  decay: f32;
  /** rate / (1 - beta1^t), and 1 / (1 - beta2^t). */
  step: f32;
  correction: f32;
  /** What the gradient is multiplied with first. */
  scale: f32;
}

@inline
function adamOf(s: Adam, at: usize, left: usize): void {
  const value = take(s.param + at, left);
  const g = madd(splat(s.decay), value, f32x4.mul(splat(s.scale), take(s.grad + at, left)));
  const gain1 = f32x4.mul(splat(s.gain1), g);
  const gain2 = f32x4.mul(splat(s.gain2), f32x4.mul(g, g));
  const mean = madd(splat(s.beta1), take(s.mean + at, left), gain1);
  const square = madd(splat(s.beta2), take(s.square + at, left), gain2);
  put(s.mean + at, mean, left);
  put(s.square + at, square, left);
  const root = f32x4.sqrt(f32x4.mul(square, splat(s.correction)));
  const change = f32x4.div(f32x4.mul(splat(s.step), mean), f32x4.add(root, splat(s.eps)));
  put(s.param + at, f32x4.sub(f32x4.mul(splat(s.keep), value), change), left);
}

/** The update of src/kernels/adam.ts. */
export function adam(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Adam>(args);
  const end = boundary(s.n, LINE, part + 1, parts) << 2;
  let at = boundary(s.n, LINE, part, parts) << 2;
  for (; at + 16 <= end; at += 16) adamOf(s, at, 4);
  if (at < end) adamOf(s, at, (end - at) >> 2);
}
