/** Cells of every kind: for tests of what is made from equations. */
import { CellDefinition, defineCell } from '../../src/cell/definition';
import type { CellEntry } from '../../src/nn/cells/entry';
import { CELLS as REGISTRY } from '../../src/nn/cells/registry';

const { lstm, gru, rnn, peephole, mgu, indrnn } = REGISTRY;

/** Two slots, and no gate apart. */
const janet = defineCell({
  name: 'janet',
  gates: ['f', 'g'],
  state: ['h'],
  step(m, z, s) {
    const f = m.sigmoid(z.f);
    return { h: m.add(m.mul(f, s.h), m.mul(m.sub(1, f), m.tanh(z.g))) };
  },
});

/** Every operation, a state that swaps places, one that is a constant and one that stays. */
const odd = defineCell({
  name: 'odd',
  gates: ['a', 'b'],
  state: ['h', 'p', 'q', 'r', 'k'],
  vectors: { w: 'uniform' },
  recurrence: 'none',
  step(m, z, s, v) {
    const positive = m.add(m.exp(m.neg(z.a)), m.abs(m.sub(z.b, 0.1)));
    const h = m.add(
      m.max(m.div(m.log(positive), m.sqrt(positive)), m.mul(z.a, -1)),
      m.min(m.relu(m.mul(v.w, s.p)), m.sub(2, m.sigmoid(s.h))),
    );
    return { h, p: s.q, q: s.p, r: s.r, k: m.mul(0, z.a) };
  },
});

export const CELLS = {
  ...{ lstm: lstm.kind, gru: gru.kind, rnn: rnn.kind, peephole: peephole.kind, mgu: mgu.kind },
  ...{ janet, indrnn: indrnn.kind, odd },
};

/** Those of the library that are given by their equations, all of them. */
export const REGISTERED: readonly CellDefinition[] = Object.values<CellEntry>(REGISTRY).flatMap(
  ({ kind }) => (kind instanceof CellDefinition ? [kind] : []),
);
