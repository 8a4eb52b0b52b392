import { dots, multiply } from './gemm';
import { sigmoid, splat, tanh } from './math';
import { boundary, put, scratchOf, take } from './memory';
import { ROWS } from './tile';

// Each part takes some rows of the batch through all time steps: no part waits for another.

@unmanaged
class Rnn {
  /** The recurrent weights, packed, or 0: then `weight` itself is read. */
  packed: usize;
  weight: usize;
  h0: usize;
  y: usize;
  batch: usize;
  hidden: usize;
  begin: usize;
  end: usize;
  nonlinearity: u32;
}

/** f of up to four elements, by its code in src/kernels/rnn_activation.ts: tanh, relu, sigmoid. */
@inline
function activate(nonlinearity: u32, y: usize, left: usize): void {
  const x = take(y, left);
  if (nonlinearity === 0) put(y, tanh(x), left);
  else if (nonlinearity === 1) put(y, f32x4.pmax(x, splat(0)), left);
  else put(y, sigmoid(x), left);
}

export function rnn(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Rnn>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const rows = boundary(s.batch, ROWS, part + 1, parts) - first;
  if (!rows) return;
  const H = s.hidden;
  const row = H << 2;
  const step = s.batch * row;
  for (let t = s.begin; t < s.end; t++) {
    const y = s.y + t * step + first * row;
    const h = t ? y - step : s.h0 + first * row;
    if (s.packed) {
      multiply(rows, H, H, h, row, 4, s.packed, y, row, 0, true, 0, H, scratchOf(thread));
    } else {
      dots(rows, H, h, row, s.weight, row, y, row, 0, true, 0, H);
    }
    // Rows of the batch are neighbours.
    const end = y + rows * row;
    const whole = end - ((rows * H & 3) << 2);
    for (let at = y; at < whole; at += 16) activate(s.nonlinearity, at, 4);
    if (whole < end) activate(s.nonlinearity, whole, (end - whole) >> 2);
  }
}

@unmanaged
class RnnGradient {
  packed: usize;
  y: usize;
  dy: usize;
  dh: usize;
  dz: usize;
  time: usize;
  batch: usize;
  hidden: usize;
  begin: usize;
  end: usize;
  nonlinearity: u32;
}

/** dz = (dh + dy) f'(z), where y = f(z) tells f', of up to four elements. */
@inline
function slope(nonlinearity: u32, y: usize, dy: usize, dh: usize, dz: usize, left: usize): void {
  const value = take(y, left);
  const g = f32x4.add(take(dy, left), take(dh, left));
  const one = splat(1);
  if (nonlinearity === 0) {
    put(dz, f32x4.mul(g, f32x4.sub(one, f32x4.mul(value, value))), left);
  } else if (nonlinearity === 1) {
    put(dz, f32x4.mul(g, v128.and(f32x4.gt(value, splat(0)), one)), left);
  } else {
    put(dz, f32x4.mul(g, f32x4.mul(value, f32x4.sub(one, value))), left);
  }
}

export function rnn_gradient(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<RnnGradient>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const rows = boundary(s.batch, ROWS, part + 1, parts) - first;
  if (!rows) return;
  const H = s.hidden;
  const row = H << 2;
  const step = s.batch * row;
  const bytes = rows * row;
  const left = (bytes >> 2) & 3;
  const whole = bytes - (left << 2);
  for (let n = s.begin; n < s.end; n++) {
    const at = (s.time - 1 - n) * step + first * row;
    const dz = s.dz + at;
    // What comes back through time is made where dz will be.
    const dh = n === 0 || n === s.time ? s.dh + first * row : dz;
    if (n > 0) {
      const after = s.dz + at + step;
      multiply(rows, H, H, after, row, 4, s.packed, dh, row, 0, false, 0, H, scratchOf(thread));
    }
    if (n === s.time) return;
    const y = s.y + at;
    const dy = s.dy + at;
    for (let j: usize = 0; j < whole; j += 16) {
      slope(s.nonlinearity, y + j, dy + j, dh + j, dz + j, 4);
    }
    if (left) slope(s.nonlinearity, y + whole, dy + whole, dh + whole, dz + whole, left);
  }
}
