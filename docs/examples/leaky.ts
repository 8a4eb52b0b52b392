import { defineCell } from 'lethe/nn';

/** A leaky unit, whose leak is learned: a = sigmoid(leak), h' = a h + (1 - a) tanh(W x + U h + b). */
export const leaky = defineCell({
  name: 'leaky',
  gates: ['n'],
  state: ['h'],
  vectors: { leak: [0, 3] },
  step(m, z, s, v) {
    const a = m.sigmoid(v.leak);
    return { h: m.add(m.mul(a, s.h), m.mul(m.sub(1, a), m.tanh(z.n))) };
  },
});
