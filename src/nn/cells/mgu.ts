import { defineCell } from '../../cell/definition';
import type { DefinedCell } from './entry';

/** A GRU whose one gate both resets and updates, applied after the product, as flax has it. */
export const mgu = /* @__PURE__ */ defineCell({
  name: 'mgu',
  gates: ['f', 'n'],
  apart: ['n'],
  state: ['h'],
  biases: { f: 1 },
  step(m, z, s) {
    const f = m.sigmoid(z.f);
    const n = m.tanh(m.add(z.n, m.mul(f, z.hn)));
    return { h: m.add(m.mul(m.sub(1, f), s.h), m.mul(f, n)) };
  },
});

export const MGU_ENTRY: DefinedCell = {
  label: 'MGU',
  kind: mgu,
  source:
    'Zhou, Wu, Zhang and Zhou (2016): the minimal gated unit. In the form of flax: the gate acts after the ' +
    'recurrent product, and its bias starts at 1.',
  use: 'Two thirds of the weights of a GRU, for small models.',
};
