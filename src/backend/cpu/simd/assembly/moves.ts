import { splat } from './math';
import { boundary, put, take } from './memory';

// Kernels that move floats, or make them from nothing.

@unmanaged
class Fill {
  out: usize;
  n: usize;
  value: f32;
}

/** out = value. */
export function fill(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Fill>(args);
  const value = splat(s.value);
  const end = boundary(s.n, 16, part + 1, parts) << 2;
  let at = boundary(s.n, 16, part, parts) << 2;
  for (; at + 16 <= end; at += 16) v128.store(s.out + at, value);
  if (at < end) put(s.out + at, value, (end - at) >> 2);
}

@unmanaged
class Rows {
  from: usize;
  to: usize;
  rows: usize;
  /** Floats of a row, and from row to row. */
  run: usize;
  stepFrom: usize;
  stepTo: usize;
}

/** Copies rows that lie in one piece each: a share of the rows, or of the one row there is. */
export function copy_rows(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Rows>(args);
  if (s.rows === 1) {
    const first = boundary(s.run, 16, part, parts) << 2;
    const last = boundary(s.run, 16, part + 1, parts) << 2;
    memory.copy(s.to + first, s.from + first, last - first);
    return;
  }
  const end = boundary(s.rows, 1, part + 1, parts);
  for (let row = boundary(s.rows, 1, part, parts); row < end; row++) {
    memory.copy(s.to + ((row * s.stepTo) << 2), s.from + ((row * s.stepFrom) << 2), s.run << 2);
  }
}

@unmanaged
class Dropout {
  x: usize;
  generator: usize;
  mask: usize;
  y: usize;
  n: usize;
  call: u32;
  p: f32;
  scale: f32;
}

/** The mask of src/kernels/dropout.ts, a block of Philox 4x32-10 for four elements; src/random.ts. */
export function dropout(args: usize, part: usize, parts: usize, thread: usize): void {
  const s = changetype<Dropout>(args);
  const end = boundary(s.n, 16, part + 1, parts);
  for (let i = boundary(s.n, 16, part, parts); i < end; i += 4) {
    let c0 = <u32>(i >> 2);
    let c1 = s.call;
    let c2 = load<u32>(s.generator, 8);
    let c3 = load<u32>(s.generator, 12);
    let k0 = load<u32>(s.generator);
    let k1 = load<u32>(s.generator, 4);
    for (let round = 0; round < 10; round++) {
      const product0 = <u64>0xd2511f53 * <u64>c0;
      const product1 = <u64>0xcd9e8d57 * <u64>c2;
      c0 = <u32>(product1 >> 32) ^ c1 ^ k0;
      c1 = <u32>product1;
      c2 = <u32>(product0 >> 32) ^ c3 ^ k1;
      c3 = <u32>product0;
      k0 += 0x9e3779b9;
      k1 += 0xbb67ae85;
    }
    let words = i32x4.splat(c0);
    words = i32x4.replace_lane(words, 1, c1);
    words = i32x4.replace_lane(words, 2, c2);
    words = i32x4.replace_lane(words, 3, c3);
    const uniform = f32x4.mul(f32x4.convert_i32x4_s(i32x4.shr_u(words, 8)), splat(5.9604645e-8));
    const mask = v128.and(f32x4.ge(uniform, splat(s.p)), splat(s.scale));
    const at = i << 2;
    const left = end - i;
    put(s.mask + at, mask, left);
    put(s.y + at, f32x4.mul(mask, take(s.x + at, left)), left);
  }
}
