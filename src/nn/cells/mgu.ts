import { defineCell } from '../../cell/definition';
import type { DefinedCell } from './entry';

/**
 * A GRU whose one gate both resets, after the product, and updates. Open, it replaces the state: it is no forget
 * gate, though the paper calls it f, so it begins mostly shut.
 */
export const mgu = /* @__PURE__ */ defineCell({
  name: 'mgu',
  gates: ['z', 'n'],
  apart: ['n'],
  state: ['h'],
  biases: { z: -1 },
  step(m, z, s) {
    const gate = m.sigmoid(z.z);
    const n = m.tanh(m.add(z.n, m.mul(gate, z.hn)));
    return { h: m.add(m.mul(m.sub(1, gate), s.h), m.mul(gate, n)) };
  },
});

export const MGU_ENTRY: DefinedCell = {
  label: 'MGU',
  kind: mgu,
  source:
    'Zhou, Wu, Zhang and Zhou (2016): the minimal gated unit, whose gate is f there and acts before the ' +
    'recurrent product; here it acts after it, as in a GRU, and its bias starts at -1, so that the state is kept. ' +
    'The gate of flax has the opposite sense.',
  use: 'Two thirds of the weights of a GRU, for small models.',
};
