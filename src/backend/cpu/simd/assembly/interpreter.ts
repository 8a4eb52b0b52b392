import { exp, logs, sigmoid, splat, tanh } from './math';
import { put, take } from './memory';
import { madd } from './tile';

// Runs a program of src/cell/program.ts on rows of floats. An instruction goes over a chunk of some
// rows before the next one begins, so that to find out what it is costs little.

/** The numbers of src/cell/ops.ts. */
const enum Op {
  copy,
  add,
  sub,
  mul,
  div,
  neg,
  madd,
  exp,
  log,
  sqrt,
  abs,
  sigmoid,
  tanh,
  relu,
  max,
  min,
  sigmoidGrad,
  tanhGrad,
  reluGrad,
  share,
  // Of two instructions, which src/kernels/simd/scan.ts puts together: a b is the gradient.
  mulSigmoidGrad,
  mulTanhGrad,
  /** a b - c. */
  mulSub,
  /** c - a b. */
  subMul,
}

/** Bytes of an instruction: op, and where out, a, b, c are in the table of slots. */
export const INSTRUCTION: usize = 5 << 2;

/** Where a slot is. */
@unmanaged
export class Slot {
  /** Of the first row. */
  address: usize;
  /** Bytes from a row to the next. */
  stride: usize;
  /** Both, of a row's last units, while copies of them are computed with. */
  home: usize;
  homeStride: usize;
  /** Whether the program writes it. */
  written: u32;
}

@inline
function unary(op: i32, x: v128): v128 {
  if (op === Op.neg) return f32x4.neg(x);
  if (op === Op.exp) return exp(x);
  if (op === Op.log) return logs(x);
  if (op === Op.sqrt) return f32x4.sqrt(x);
  if (op === Op.abs) return f32x4.abs(x);
  if (op === Op.sigmoid) return sigmoid(x);
  if (op === Op.tanh) return tanh(x);
  if (op === Op.relu) return f32x4.pmax(x, splat(0));
  return x;
}

@inline
function binary(op: i32, x: v128, y: v128): v128 {
  const one = splat(1);
  if (op === Op.add) return f32x4.add(x, y);
  if (op === Op.sub) return f32x4.sub(x, y);
  if (op === Op.mul) return f32x4.mul(x, y);
  if (op === Op.div) return f32x4.div(x, y);
  if (op === Op.max) return f32x4.max(x, y);
  if (op === Op.min) return f32x4.min(x, y);
  if (op === Op.sigmoidGrad) return f32x4.mul(f32x4.mul(x, y), f32x4.sub(one, y));
  if (op === Op.tanhGrad) return f32x4.mul(x, f32x4.sub(one, f32x4.mul(y, y)));
  if (op === Op.reluGrad) return v128.and(x, f32x4.gt(y, splat(0)));
  return v128.or(v128.and(f32x4.gt(x, y), one), v128.and(f32x4.eq(x, y), splat(0.5)));
}

@inline
function ternary(op: i32, x: v128, y: v128, z: v128): v128 {
  if (op === Op.madd) return madd(x, y, z);
  if (op === Op.mulSub) return f32x4.sub(f32x4.mul(x, y), z);
  if (op === Op.subMul) return f32x4.sub(z, f32x4.mul(x, y));
  return binary(op === Op.mulSigmoidGrad ? Op.sigmoidGrad : Op.tanhGrad, f32x4.mul(x, y), z);
}

@inline
function operand(at: usize, slots: usize, index: usize): Slot {
  return changetype<Slot>(slots + load<usize>(at + (index << 2)));
}

/** An instruction of one operand on rows of whole vectors. `op` is a constant at each call. */
@inline
function mapOne(op: i32, at: usize, slots: usize, rows: usize, bytes: usize): void {
  const to = operand(at, slots, 1);
  const x = operand(at, slots, 2);
  let out = to.address;
  let a = x.address;
  let i: usize = 0;
  // One loop for all rows: the engine loads constants before a loop, and there may be many.
  while (true) {
    v128.store(out + i, unary(op, v128.load(a + i)));
    i += 16;
    if (i < bytes) continue;
    if (!--rows) return;
    out += to.stride;
    a += x.stride;
    i = 0;
  }
}

/** As `mapOne`, of two. */
@inline
function mapTwo(op: i32, at: usize, slots: usize, rows: usize, bytes: usize): void {
  const to = operand(at, slots, 1);
  const x = operand(at, slots, 2);
  const y = operand(at, slots, 3);
  let out = to.address;
  let a = x.address;
  let b = y.address;
  do {
    let i: usize = 0;
    for (; i + 64 <= bytes; i += 64) {
      v128.store(out + i, binary(op, v128.load(a + i), v128.load(b + i)));
      v128.store(out + i, binary(op, v128.load(a + i, 16), v128.load(b + i, 16)), 16);
      v128.store(out + i, binary(op, v128.load(a + i, 32), v128.load(b + i, 32)), 32);
      v128.store(out + i, binary(op, v128.load(a + i, 48), v128.load(b + i, 48)), 48);
    }
    for (; i < bytes; i += 16) {
      v128.store(out + i, binary(op, v128.load(a + i), v128.load(b + i)));
    }
    out += to.stride;
    a += x.stride;
    b += y.stride;
  } while (--rows);
}

/** As `mapOne`, of three. */
@inline
function mapThree(op: i32, at: usize, slots: usize, rows: usize, bytes: usize): void {
  const to = operand(at, slots, 1);
  const x = operand(at, slots, 2);
  const y = operand(at, slots, 3);
  const z = operand(at, slots, 4);
  let out = to.address;
  let a = x.address;
  let b = y.address;
  let c = z.address;
  do {
    let i: usize = 0;
    for (; i + 64 <= bytes; i += 64) {
      v128.store(out + i, ternary(op, v128.load(a + i), v128.load(b + i), v128.load(c + i)));
      v128.store(out + i, ternary(op, v128.load(a + i, 16), v128.load(b + i, 16), v128.load(c + i, 16)), 16);
      v128.store(out + i, ternary(op, v128.load(a + i, 32), v128.load(b + i, 32), v128.load(c + i, 32)), 32);
      v128.store(out + i, ternary(op, v128.load(a + i, 48), v128.load(b + i, 48), v128.load(c + i, 48)), 48);
    }
    for (; i < bytes; i += 16) {
      v128.store(out + i, ternary(op, v128.load(a + i), v128.load(b + i), v128.load(c + i)));
    }
    out += to.stride;
    a += x.stride;
    b += y.stride;
    c += z.stride;
  } while (--rows);
}

// Functions of their own, so that only they load their many constants.

function mapExp(at: usize, slots: usize, rows: usize, bytes: usize): void {
  mapOne(Op.exp, at, slots, rows, bytes);
}

function mapLog(at: usize, slots: usize, rows: usize, bytes: usize): void {
  mapOne(Op.log, at, slots, rows, bytes);
}

function mapSigmoid(at: usize, slots: usize, rows: usize, bytes: usize): void {
  mapOne(Op.sigmoid, at, slots, rows, bytes);
}

function mapTanh(at: usize, slots: usize, rows: usize, bytes: usize): void {
  mapOne(Op.tanh, at, slots, rows, bytes);
}

/** The program on rows of whole vectors, one of each at least. */
function execute(code: usize, end: usize, slots: usize, rows: usize, bytes: usize): void {
  for (; code < end; code += INSTRUCTION) perform(code, slots, rows, bytes);
}

@inline
function perform(at: usize, slots: usize, rows: usize, bytes: usize): void {
  switch (load<i32>(at)) {
    case Op.copy:
      return mapOne(Op.copy, at, slots, rows, bytes);
    case Op.add:
      return mapTwo(Op.add, at, slots, rows, bytes);
    case Op.sub:
      return mapTwo(Op.sub, at, slots, rows, bytes);
    case Op.mul:
      return mapTwo(Op.mul, at, slots, rows, bytes);
    case Op.div:
      return mapTwo(Op.div, at, slots, rows, bytes);
    case Op.neg:
      return mapOne(Op.neg, at, slots, rows, bytes);
    case Op.madd:
      return mapThree(Op.madd, at, slots, rows, bytes);
    case Op.exp:
      return mapExp(at, slots, rows, bytes);
    case Op.log:
      return mapLog(at, slots, rows, bytes);
    case Op.sqrt:
      return mapOne(Op.sqrt, at, slots, rows, bytes);
    case Op.abs:
      return mapOne(Op.abs, at, slots, rows, bytes);
    case Op.sigmoid:
      return mapSigmoid(at, slots, rows, bytes);
    case Op.tanh:
      return mapTanh(at, slots, rows, bytes);
    case Op.relu:
      return mapOne(Op.relu, at, slots, rows, bytes);
    case Op.max:
      return mapTwo(Op.max, at, slots, rows, bytes);
    case Op.min:
      return mapTwo(Op.min, at, slots, rows, bytes);
    case Op.sigmoidGrad:
      return mapTwo(Op.sigmoidGrad, at, slots, rows, bytes);
    case Op.tanhGrad:
      return mapTwo(Op.tanhGrad, at, slots, rows, bytes);
    case Op.reluGrad:
      return mapTwo(Op.reluGrad, at, slots, rows, bytes);
    case Op.share:
      return mapTwo(Op.share, at, slots, rows, bytes);
    case Op.mulSigmoidGrad:
      return mapThree(Op.mulSigmoidGrad, at, slots, rows, bytes);
    case Op.mulTanhGrad:
      return mapThree(Op.mulTanhGrad, at, slots, rows, bytes);
    case Op.mulSub:
      return mapThree(Op.mulSub, at, slots, rows, bytes);
    default:
      return mapThree(Op.subMul, at, slots, rows, bytes);
  }
}

/**
 * Runs the program from `code` to `end` on `rows` rows of `row` bytes, `chunk` bytes at a time. The
 * slots from `slots` to `externals` are whole rows, and told anew for each call; `spare` has room for
 * a vector of each of their rows.
 */
export function interpret(
  code: usize,
  end: usize,
  slots: usize,
  externals: usize,
  rows: usize,
  row: usize,
  chunk: usize,
  spare: usize,
): void {
  const whole = row & ~15;
  const left = (row & 15) >> 2;
  for (let offset: usize = 0; offset < whole; ) {
    const bytes = min(chunk, whole - offset);
    execute(code, end, slots, rows, bytes);
    offset += bytes;
    if (offset === row) return;
    for (let at = slots; at < externals; at += offsetof<Slot>()) {
      changetype<Slot>(at).address += bytes;
    }
  }
  // The last units, fewer than a vector has, by way of copies.
  let copy = spare;
  for (let at = slots; at < externals; at += offsetof<Slot>()) {
    const slot = changetype<Slot>(at);
    let from = slot.address;
    slot.home = from;
    slot.address = copy;
    for (let r: usize = 0; r < rows; r++) {
      v128.store(copy, take(from, left));
      from += slot.stride;
      copy += 16;
    }
    slot.homeStride = slot.stride;
    slot.stride = 16;
  }
  execute(code, end, slots, rows, 16);
  for (let at = slots; at < externals; at += offsetof<Slot>()) {
    const slot = changetype<Slot>(at);
    if (!slot.written) continue;
    for (let r: usize = 0; r < rows; r++) {
      put(slot.home + r * slot.homeStride, v128.load(slot.address + (r << 4)), left);
    }
  }
}
