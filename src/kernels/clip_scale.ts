import { defineKernel, include, read, write } from '../backend/kernel';

/** The bits of an infinite f32; WGSL takes no such literal. */
export const INFINITY_BITS = 0x7f800000;

/**
 * From the pairs that `square_sum` left: norm = sqrt(sum), infinite where a gradient is not
 * finite; scale = min(1, limit / (norm + 1e-6)), or 1 where the norm is infinite.
 */
export const clipScale = defineKernel({
  name: 'clip_scale',
  source: include('clip_scale', 'lib/finite'),
  bindings: { partial: read, norm: write, scale: write },
  params: { count: 'u32', limit: 'f32', infinity: 'u32' },
  cpu({ partial, norm, scale }, { count, limit }) {
    let sum = 0;
    let broken = 0;
    for (let i = 0; i < count; i++) {
      sum += partial[2 * i];
      broken += partial[2 * i + 1];
    }
    norm[0] = broken > 0 || !Number.isFinite(sum) ? Infinity : Math.sqrt(sum);
    scale[0] = norm[0] === Infinity ? 1 : Math.min(1, limit / (Math.sqrt(sum) + 1e-6));
  },
  launch: () => [{ workgroups: [1, 1, 1] }],
});
