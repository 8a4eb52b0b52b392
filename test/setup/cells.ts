/** Cells of every kind: for tests of what is made from equations. */
import { defineCell } from '../../src/cell/definition';

const lstm = defineCell({
  name: 'lstm',
  gates: ['i', 'f', 'g', 'o'],
  state: ['h', 'c'],
  step(m, z, s) {
    const c = m.add(m.mul(m.sigmoid(z.f), s.c), m.mul(m.sigmoid(z.i), m.tanh(z.g)));
    return { h: m.mul(m.sigmoid(z.o), m.tanh(c)), c };
  },
});

const gru = defineCell({
  name: 'gru',
  gates: ['r', 'z', 'n'],
  apart: ['n'],
  state: ['h'],
  step(m, z, s) {
    const update = m.sigmoid(z.z);
    const n = m.tanh(m.add(z.n, m.mul(m.sigmoid(z.r), z.hn)));
    return { h: m.add(m.mul(m.sub(1, update), n), m.mul(update, s.h)) };
  },
});

const rnn = defineCell({
  name: 'rnn',
  gates: ['h'],
  state: ['h'],
  step: (m, z) => ({ h: m.tanh(z.h) }),
});

const peephole = defineCell({
  name: 'peephole',
  gates: ['i', 'f', 'g', 'o'],
  state: ['h', 'c'],
  vectors: { pi: 0, pf: 0, po: 0 },
  step(m, z, s, v) {
    const i = m.sigmoid(m.add(z.i, m.mul(v.pi, s.c)));
    const f = m.sigmoid(m.add(z.f, m.mul(v.pf, s.c)));
    const c = m.add(m.mul(f, s.c), m.mul(i, m.tanh(z.g)));
    return { h: m.mul(m.sigmoid(m.add(z.o, m.mul(v.po, c))), m.tanh(c)), c };
  },
});

const indrnn = defineCell({
  name: 'indrnn',
  gates: ['h'],
  state: ['h'],
  vectors: { u: [-0.5, 0.5] },
  recurrence: 'none',
  step: (m, z, s, v) => ({ h: m.relu(m.add(z.h, m.mul(v.u, s.h))) }),
});

const mgu = defineCell({
  name: 'mgu',
  gates: ['f', 'n'],
  apart: ['n'],
  state: ['h'],
  step(m, z, s) {
    const f = m.sigmoid(z.f);
    const n = m.tanh(m.add(z.n, m.mul(f, z.hn)));
    return { h: m.add(m.mul(m.sub(1, f), s.h), m.mul(f, n)) };
  },
});

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

export const CELLS = { lstm, gru, rnn, peephole, mgu, janet, indrnn, odd };
