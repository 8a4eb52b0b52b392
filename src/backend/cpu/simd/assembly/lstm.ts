import { dots, multiply } from './gemm';
import { sigmoid, splat, tanh } from './math';
import { boundary, put, scratchOf, take } from './memory';
import { madd, ROWS } from './tile';

// Each part takes some rows of the batch through all time steps: no part waits for another.

@unmanaged
class Lstm {
  /** The recurrent weights, packed, or 0: then `weight` itself is read. */
  packed: usize;
  weight: usize;
  h0: usize;
  c0: usize;
  gates: usize;
  c: usize;
  y: usize;
  batch: usize;
  hidden: usize;
  begin: usize;
  end: usize;
}

/** Up to four units of a step: gates, `row` bytes apart, in place; c and y from the c before. */
@inline
function cell(gates: usize, row: usize, before: usize, c: usize, y: usize, left: usize): void {
  const i = sigmoid(take(gates, left));
  const f = sigmoid(take(gates + row, left));
  const g = tanh(take(gates + 2 * row, left));
  const o = sigmoid(take(gates + 3 * row, left));
  put(gates, i, left);
  put(gates + row, f, left);
  put(gates + 2 * row, g, left);
  put(gates + 3 * row, o, left);
  const state = madd(f, take(before, left), f32x4.mul(i, g));
  put(c, state, left);
  put(y, f32x4.mul(o, tanh(state)), left);
}

export function lstm(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Lstm>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const rows = boundary(s.batch, ROWS, part + 1, parts) - first;
  if (!rows) return;
  const H = s.hidden;
  const row = H << 2;
  const whole = row & ~15;
  const left = H & 3;
  const step = s.batch * row;
  for (let t = s.begin; t < s.end; t++) {
    const at = t * step + first * row;
    const h = t ? s.y + at - step : s.h0 + first * row;
    let before = t ? s.c + at - step : s.c0 + first * row;
    let gates = s.gates + 4 * at;
    if (s.packed) {
      const scratch = scratchOf(thread);
      multiply(rows, 4 * H, H, h, row, 4, s.packed, gates, 4 * row, 0, true, 0, 4 * H, scratch);
    } else {
      dots(rows, H, h, row, s.weight, row, gates, 4 * row, 0, true, 0, 4 * H);
    }
    let c = s.c + at;
    let y = s.y + at;
    for (let r: usize = 0; r < rows; r++) {
      for (let j: usize = 0; j < whole; j += 16) cell(gates + j, row, before + j, c + j, y + j, 4);
      if (left) cell(gates + whole, row, before + whole, c + whole, y + whole, left);
      gates += 4 * row;
      before += row;
      c += row;
      y += row;
    }
  }
}

@unmanaged
class LstmGradient {
  packed: usize;
  /** Room for the gradient of h, [batch, hidden]. */
  spare: usize;
  gates: usize;
  c: usize;
  c0: usize;
  dy: usize;
  dh: usize;
  dc: usize;
  time: usize;
  batch: usize;
  hidden: usize;
  begin: usize;
  end: usize;
}

/** x (1 - x) y. */
@inline
function slope(x: v128, y: v128): v128 {
  return f32x4.mul(f32x4.mul(y, x), f32x4.sub(splat(1), x));
}

/** Up to four units of a step: from gates to their gradients, in place, and dc. */
@inline
function cellGradient(
  gates: usize,
  row: usize,
  before: usize,
  c: usize,
  dy: usize,
  dh: usize,
  dc: usize,
  left: usize,
): void {
  const one = splat(1);
  const i = take(gates, left);
  const f = take(gates + row, left);
  const g = take(gates + 2 * row, left);
  const o = take(gates + 3 * row, left);
  const squashed = tanh(take(c, left));
  const dout = f32x4.add(take(dh, left), take(dy, left));
  const dsquashed = f32x4.mul(f32x4.mul(dout, o), f32x4.sub(one, f32x4.mul(squashed, squashed)));
  const dcell = f32x4.add(take(dc, left), dsquashed);
  put(gates, slope(i, f32x4.mul(dcell, g)), left);
  put(gates + row, slope(f, f32x4.mul(dcell, take(before, left))), left);
  const dg = f32x4.mul(f32x4.mul(dcell, i), f32x4.sub(one, f32x4.mul(g, g)));
  put(gates + 2 * row, dg, left);
  put(gates + 3 * row, slope(o, f32x4.mul(dout, squashed)), left);
  put(dc, f32x4.mul(dcell, f), left);
}

export function lstm_gradient(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<LstmGradient>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const rows = boundary(s.batch, ROWS, part + 1, parts) - first;
  if (!rows) return;
  const H = s.hidden;
  const row = H << 2;
  const whole = row & ~15;
  const left = H & 3;
  const step = s.batch * row;
  for (let n = s.begin; n < s.end; n++) {
    const at = (s.time - 1 - n) * step + first * row;
    let dh = (n === 0 || n === s.time ? s.dh : s.spare) + first * row;
    if (n > 0) {
      const after = s.gates + 4 * (at + step);
      const scratch = scratchOf(thread);
      multiply(rows, H, 4 * H, after, 4 * row, 4, s.packed, dh, row, 0, false, 0, H, scratch);
    }
    if (n === s.time) return;
    let before = n === s.time - 1 ? s.c0 + first * row : s.c + at - step;
    let gates = s.gates + 4 * at;
    let c = s.c + at;
    let dy = s.dy + at;
    let dc = s.dc + first * row;
    for (let r: usize = 0; r < rows; r++) {
      for (let j: usize = 0; j < whole; j += 16) {
        cellGradient(gates + j, row, before + j, c + j, dy + j, dh + j, dc + j, 4);
      }
      if (left) {
        const j = whole;
        cellGradient(gates + j, row, before + j, c + j, dy + j, dh + j, dc + j, left);
      }
      gates += 4 * row;
      before += row;
      c += row;
      dy += row;
      dh += row;
      dc += row;
    }
  }
}
