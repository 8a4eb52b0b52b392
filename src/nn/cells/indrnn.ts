import { defineCell } from '../../cell/definition';
import type { DefinedCell } from './entry';

/** A unit sees of the step before its own output alone: h' = relu(W x + u h + b), u a vector. */
export const indrnn = /* @__PURE__ */ defineCell({
  name: 'indrnn',
  gates: ['h'],
  state: ['h'],
  vectors: { weight_u: [-0.5, 0.5] },
  recurrence: 'none',
  step: (m, z, s, v) => ({ h: m.relu(m.add(z.h, m.mul(v.weight_u, s.h))) }),
});

export const INDRNN_ENTRY: DefinedCell = {
  label: 'IndRNN',
  kind: indrnn,
  source:
    'Li, Li, Cook, Zhu and Gao (2018): an independently recurrent network. u starts between -0.5 and ' +
    '0.5, as in haste; the paper also limits its size, by the length of the sequences.',
  use: 'Long sequences and many layers: no product over time, so a layer costs what its input does. Units meet in the layer above: take two at least.',
};
