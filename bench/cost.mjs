/**
 * What a call of a kernel must do at the least. Operations: two for each multiply-add of its products,
 * elsewhere one for each number that it writes. Bytes: each number that it needs read once, each that
 * it makes written once; what a configuration reads again comes on top.
 *
 * @typedef {import('../src/backend/kernel').Kernel} Kernel
 * @typedef {Readonly<Record<string, { length: number }>>} Buffers in elements
 * @typedef {Readonly<Record<string, number>>} Values
 * @typedef {{ operations: number, bytes: number }} Cost
 */

const BYTES = 4;

/** @typedef {(p: Values, buffers: Buffers) => { operations: number, numbers: number }} Formula */

/**
 * Of kernels that multiply, or touch a part of their buffers only.
 *
 * @type {Readonly<Record<string, Formula>>}
 */
const FORMULAS = {
  matmul({ m, n, k, batches, batch_a, batch_b, has_bias, accumulate }) {
    const a = (batch_a ? batches : 1) * m * k;
    const b = (batch_b ? batches : 1) * k * n;
    const out = (accumulate ? 2 : 1) * batches * m * n;
    return { operations: 2 * batches * m * n * k, numbers: a + b + out + (has_bias ? n : 0) };
  },
  scan_forward: (p, buffers) => scan(p, buffers, ['gates', 'gates', 'states']),
  scan_backward: (p, buffers) =>
    scan(p, buffers, ['gates', 'gates', 'states', 'dy', 'dstate', 'dstate']),
  layer_step({ by_id, rows, hidden }, { weight_hh, weight_ih, vectors, rest }) {
    const weights = weight_hh.length + (by_id ? 0 : weight_ih.length);
    const input = rows * (by_id ? weight_hh.length / hidden : hidden);
    const states = 2 * rows * hidden + 2 * rest.length;
    return {
      operations: 2 * rows * weights,
      numbers: weights + vectors.length + input + states,
    };
  },
  // A row of the table for each character; all weights once, as if they stayed on the chip.
  write_text({ vocabulary, streams, count }, { weights, table, vectors, states }) {
    const characters = streams * count;
    const rows = (characters * table.length) / vocabulary;
    const once = weights.length + vectors.length + 2 * states.length;
    return { operations: 2 * characters * weights.length, numbers: once + rows + characters };
  },
  draw_token: ({ rows, n }) => ({ operations: rows * n, numbers: rows * n + rows }),
  pack_tensors: (p) => ({ operations: 0, numbers: packed(p, p.pad) + packed(p, 1) }),
  unpack_tensors: (p) => ({ operations: 0, numbers: 2 * packed(p, 1) }),
  copy: ({ n }) => ({ operations: 0, numbers: 2 * n }),
  gather: (_, { ids, out }) => ({ operations: 0, numbers: 2 * out.length + ids.length }),
};

/**
 * Elements of up to seven tensors, each up to a multiple of `pad`.
 *
 * @param {Values} p
 * @param {number} pad
 */
function packed({ n0, n1, n2, n3, n4, n5, n6 }, pad) {
  return [n0, n1, n2, n3, n4, n5, n6].reduce((sum, n) => sum + pad * Math.ceil(n / pad), 0);
}

/**
 * Every weight times every row of its layer.
 *
 * @param {Values} p
 * @param {Buffers} buffers
 * @param {readonly string[]} passes buffers that cross the memory bus, those read and written twice
 */
function scan({ recurrent, rows, layers }, buffers, passes) {
  const weights = recurrent ? buffers.weight.length : 0;
  const numbers = passes.reduce((sum, name) => sum + buffers[name].length, weights);
  return { operations: (2 * weights * rows) / layers, numbers };
}

/**
 * @param {Kernel} kernel
 * @param {Buffers} buffers
 * @param {Values} params
 * @returns {Cost}
 */
export function costOf({ name, bindings }, buffers, params) {
  const formula = FORMULAS[name];
  if (formula) {
    const { operations, numbers } = formula(params, buffers);
    return { operations, bytes: BYTES * numbers };
  }
  const cost = { operations: 0, bytes: 0 };
  for (const [binding, { access }] of Object.entries(bindings)) {
    const { length } = buffers[binding];
    cost.bytes += BYTES * length * (access === 'inout' ? 2 : 1);
    if (access !== 'in') cost.operations += length;
  }
  return cost;
}
