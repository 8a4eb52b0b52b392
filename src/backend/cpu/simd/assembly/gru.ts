import { dots, multiply } from './gemm';
import { sigmoid, splat, tanh } from './math';
import { boundary, put, scratchOf, take } from './memory';
import { madd, ROWS } from './tile';

// Each part takes some rows of the batch through all time steps: no part waits for another.

@unmanaged
class Gru {
  /** The recurrent weights of r and z, and of n, packed, or 0: then `weight` itself is read. */
  packed: usize;
  packedN: usize;
  weight: usize;
  bias: usize;
  h0: usize;
  gates: usize;
  ghn: usize;
  y: usize;
  batch: usize;
  hidden: usize;
  begin: usize;
  end: usize;
}

/** Up to four units of a step: gates, `row` bytes apart, in place, and y. */
@inline
function cell(gates: usize, row: usize, ghn: usize, before: usize, y: usize, left: usize): void {
  const r = sigmoid(take(gates, left));
  const z = sigmoid(take(gates + row, left));
  const n = tanh(madd(r, take(ghn, left), take(gates + 2 * row, left)));
  put(gates, r, left);
  put(gates + row, z, left);
  put(gates + 2 * row, n, left);
  const kept = f32x4.mul(z, take(before, left));
  put(y, madd(f32x4.sub(splat(1), z), n, kept), left);
}

export function gru(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Gru>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const rows = boundary(s.batch, ROWS, part + 1, parts) - first;
  if (!rows) return;
  const H = s.hidden;
  const row = H << 2;
  const whole = row & ~15;
  const left = H & 3;
  const step = s.batch * row;
  const scratch = scratchOf(thread);
  const biasN = s.bias + 2 * row;
  for (let t = s.begin; t < s.end; t++) {
    const at = t * step + first * row;
    let before = t ? s.y + at - step : s.h0 + first * row;
    let gates = s.gates + 3 * at;
    let ghn = s.ghn + at;
    if (s.packed) {
      const rz: usize = 2 * H;
      multiply(rows, rz, H, before, row, 4, s.packed, gates, 3 * row, s.bias, true, 0, rz, scratch);
      multiply(rows, H, H, before, row, 4, s.packedN, ghn, row, biasN, false, 0, H, scratch);
    } else {
      const weightN = s.weight + 2 * H * row;
      dots(rows, H, before, row, s.weight, row, gates, 3 * row, s.bias, true, 0, 2 * H);
      dots(rows, H, before, row, weightN, row, ghn, row, biasN, false, 0, H);
    }
    let y = s.y + at;
    for (let r: usize = 0; r < rows; r++) {
      for (let j: usize = 0; j < whole; j += 16) {
        cell(gates + j, row, ghn + j, before + j, y + j, 4);
      }
      if (left) cell(gates + whole, row, ghn + whole, before + whole, y + whole, left);
      gates += 3 * row;
      ghn += row;
      before += row;
      y += row;
    }
  }
}

@unmanaged
class GruGradient {
  packed: usize;
  packedN: usize;
  gates: usize;
  ghn: usize;
  y: usize;
  h0: usize;
  dy: usize;
  dh: usize;
  time: usize;
  batch: usize;
  hidden: usize;
  begin: usize;
  end: usize;
}

/** Up to four units of a step: from gates and ghn to their gradients, in place, and dh. */
@inline
function cellGradient(
  gates: usize,
  row: usize,
  ghn: usize,
  before: usize,
  dy: usize,
  dh: usize,
  left: usize,
): void {
  const one = splat(1);
  const r = take(gates, left);
  const z = take(gates + row, left);
  const n = take(gates + 2 * row, left);
  const dout = f32x4.add(take(dh, left), take(dy, left));
  const slopeN = f32x4.sub(one, f32x4.mul(n, n));
  const dn = f32x4.mul(f32x4.mul(dout, f32x4.sub(one, z)), slopeN);
  const dnr = f32x4.mul(dn, r);
  const dr = f32x4.mul(f32x4.mul(dnr, take(ghn, left)), f32x4.sub(one, r));
  const dz = f32x4.mul(f32x4.mul(dout, f32x4.sub(take(before, left), n)), z);
  put(gates, dr, left);
  put(gates + row, f32x4.mul(dz, f32x4.sub(one, z)), left);
  put(gates + 2 * row, dn, left);
  put(ghn, dnr, left);
  put(dh, f32x4.mul(dout, z), left);
}

export function gru_gradient(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<GruGradient>(args);
  const first = boundary(s.batch, ROWS, part, parts);
  const rows = boundary(s.batch, ROWS, part + 1, parts) - first;
  if (!rows) return;
  const H = s.hidden;
  const row = H << 2;
  const whole = row & ~15;
  const left = H & 3;
  const step = s.batch * row;
  const scratch = scratchOf(thread);
  for (let n = s.begin; n < s.end; n++) {
    const at = (s.time - 1 - n) * step + first * row;
    let dh = s.dh + first * row;
    if (n > 0) {
      const after = at + step;
      const rz = s.gates + 3 * after;
      multiply(rows, H, 2 * H, rz, 3 * row, 4, s.packed, dh, row, 0, true, 0, H, scratch);
      multiply(rows, H, H, s.ghn + after, row, 4, s.packedN, dh, row, 0, true, 0, H, scratch);
    }
    if (n === s.time) return;
    let before = n === s.time - 1 ? s.h0 + first * row : s.y + at - step;
    let gates = s.gates + 3 * at;
    let ghn = s.ghn + at;
    let dy = s.dy + at;
    for (let r: usize = 0; r < rows; r++) {
      for (let j: usize = 0; j < whole; j += 16) {
        cellGradient(gates + j, row, ghn + j, before + j, dy + j, dh + j, 4);
      }
      if (left) {
        const j = whole;
        cellGradient(gates + j, row, ghn + j, before + j, dy + j, dh + j, left);
      }
      gates += 3 * row;
      ghn += row;
      before += row;
      dy += row;
      dh += row;
    }
  }
}
