import { defineCell } from 'lethe/nn';

/**
 * An LSTM with a forget gate alone: h' = f h + (1 - f) g.
 *
 * Source: van der Westhuizen and Lasenby (2018), JANET.
 */
export const janet = defineCell({
  name: 'janet',
  gates: ['f', 'g'],
  state: ['h'],
  biases: { f: 1 },
  step(m, z, s) {
    const f = m.sigmoid(z.f);
    return { h: m.add(m.mul(f, s.h), m.mul(m.sub(1, f), m.tanh(z.g))) };
  },
});
