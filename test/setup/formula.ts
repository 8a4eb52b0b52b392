import { numel } from '../../src/tensor/shape';
import type { Shape } from '../../src/tensor/shape';

/**
 * Values of the tensor of that name and shape, multiples of 2^-15 in [-1, 1): murmur3's finalizer of the
 * name's CRC-32 and the index. `values` in scripts/make_recurrent_fixtures.py gives the same.
 */
export function formula(name: string, shape: Shape, scale = 1): Float32Array {
  const start = crc32(name);
  return Float32Array.from({ length: numel(shape) }, (_, i) => {
    let u = start + Math.imul(i, 0x9e3779b1);
    u = Math.imul(u ^ (u >>> 16), 0x85ebca6b);
    u = Math.imul(u ^ (u >>> 13), 0xc2b2ae35);
    u ^= u >>> 16;
    return (((u & 0xffff) - 0x8000) / 0x8000) * scale;
  });
}

function crc32(text: string): number {
  let crc = -1;
  for (const byte of new TextEncoder().encode(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}
