import { defineKernel, elementwise, include, read, write } from '../backend/kernel';
import { philox, toUniform } from '../random';

/**
 * mask = scale with probability 1 - p, else 0; y = mask x. `scale` is 1 / (1 - p), from the host, so
 * that the mask is the same to the bit on every device. `generator` is [key, key, step,
 * step]; element i takes lane i % 4 of the Philox block (i / 4, call, step).
 */
export const dropout = defineKernel({
  name: 'dropout',
  source: include('dropout', 'lib/philox', 'lib/index'),
  bindings: {
    x: read,
    generator: { access: 'in', element: 'u32' },
    mask: write,
    y: write,
  },
  params: { n: 'u32', call: 'u32', p: 'f32', scale: 'f32' },
  cpu({ x, generator, mask, y }, { n, call, p, scale }) {
    const block = new Uint32Array(4);
    const threshold = Math.fround(p);
    const [key0, key1, step0, step1] = generator;
    for (let i = 0; i < n; i++) {
      if (i % 4 === 0) philox([i / 4, call, step0, step1], [key0, key1], block);
      mask[i] = toUniform(block[i % 4]) >= threshold ? scale : 0;
      y[i] = mask[i] * x[i];
    }
  },
  fastCpu({ x, generator, mask, y }, { n, call, p, scale }, simd) {
    simd?.run('dropout', 8 * n, [x, generator, mask, y, n, call], [p, scale]);
    return simd !== undefined;
  },
  launch: ({ n }) => elementwise(n),
});
