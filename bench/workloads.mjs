/**
 * The workloads: what every contender trains, and the text that it trains on.
 *
 * @typedef {import('./types').Workload} Workload
 * @typedef {import('./types').Job} Job
 */

/** Ids are code points counted from here: the blank. */
export const FIRST_CODE_POINT = 32;

const W1 = /** @satisfies {Workload} */ (
  /** @type {const} */ ({
    cell: 'lstm',
    layers: 1,
    hidden: 128,
    vocabulary: 65,
    batch: 32,
    seq: 50,
  })
);

/** A text that is read once, in windows of `seq` characters. */
const EVAL = /** @satisfies {Workload} */ (
  /** @type {const} */ ({
    cell: 'lstm',
    layers: 1,
    hidden: 512,
    vocabulary: 87,
    batch: 1,
    seq: 512,
  })
);

/** @type {Record<string, Workload>} */
const FIXED = {
  w1: W1,
  w2: { cell: 'lstm', layers: 2, hidden: 512, vocabulary: 87, batch: 50, seq: 50 },
  w3: { cell: 'gru', layers: 3, hidden: 512, vocabulary: 87, batch: 50, seq: 50 },
  w4: { cell: 'lstm', layers: 3, hidden: 512, vocabulary: 87, batch: 100, seq: 100 },
};

/** Sweeps of W1 along one size; `t400` is one point of the first. */
export const SWEEPS = {
  t: { size: /** @type {const} */ ('seq'), values: [25, 50, 100, 200, 400, 800, 1600] },
  b: { size: /** @type {const} */ ('batch'), values: [8, 16, 32, 64, 128] },
  h: { size: /** @type {const} */ ('hidden'), values: [64, 128, 256, 512] },
};

/** What runs when no workload is named. */
export const DEFAULT_WORKLOADS = ['w1', 'w2', 'w3', 't', 'b', 'h', 'sample', 'eval', 'encode'];

/** Windows of the text before it begins again. */
const WINDOWS = 16;

/**
 * The points that a name stands for: itself, or all of a sweep; null for a name that means nothing.
 *
 * @param {string} name
 * @returns {string[] | null}
 */
export function expandWorkload(name) {
  if (Object.hasOwn(SWEEPS, name)) {
    const { values } = SWEEPS[/** @type {keyof typeof SWEEPS} */ (name)];
    return values.map((value) => name + value);
  }
  return findWorkload(name) ? [name] : null;
}

/**
 * @param {string} name
 * @returns {{ kind: import('./types').Kind, workload: Workload } | null}
 */
export function findWorkload(name) {
  if (Object.hasOwn(FIXED, name)) return { kind: 'train', workload: FIXED[name] };
  if (name === 'sample' || name === 'encode') return { kind: name, workload: W1 };
  if (name === 'eval') return { kind: name, workload: EVAL };
  const [, axis, value] = /^([tbh])([1-9]\d{0,4})$/.exec(name) ?? [];
  if (!axis) return null;
  const { size } = SWEEPS[/** @type {keyof typeof SWEEPS} */ (axis)];
  return { kind: 'train', workload: { ...W1, [size]: Number(value) } };
}

/**
 * @param {string} name of a point
 * @returns {Job}
 */
export function makeJob(name) {
  const found = findWorkload(name);
  if (!found) throw new RangeError(`no workload is called ${name}`);
  const { kind, workload } = found;
  return { name, kind, ...workload, lr: 0.002, clip: 5, seed: 1, text: makeText(workload) };
}

/**
 * A text that can be learnt in part: three characters in four follow from the one before, the rest
 * are drawn. Every character of the vocabulary occurs.
 *
 * @param {Workload} workload
 */
export function makeText({ vocabulary, batch, seq }) {
  const length = batch * seq * WINDOWS + 1;
  const ids = new Uint16Array(Math.max(length, vocabulary));
  let random = 1;
  const draw = () => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return random / 2 ** 32;
  };
  for (let i = 0; i < ids.length; i++) {
    if (i < vocabulary) ids[i] = i;
    else if (draw() < 0.75) ids[i] = (ids[i - 1] * 7 + 3) % vocabulary;
    else ids[i] = Math.floor(draw() * vocabulary);
  }
  const characters = Array.from(ids, (id) => String.fromCharCode(FIRST_CODE_POINT + id));
  return characters.join('');
}

/** @param {Workload} workload */
export function describeWorkload({ cell, layers, hidden, vocabulary, batch, seq }) {
  return `${cell.toUpperCase()} ${layers}x${hidden}, B=${batch}, T=${seq}, V=${vocabulary}`;
}

/**
 * The least work of one training step, by formula (docs/benchmarks.md derives it): floating-point
 * operations of its matmuls, and bytes that must cross the memory bus when nothing is kept in a
 * cache between passes over the data but each weight is read once per pass.
 *
 * @param {Workload} workload
 */
export function leastWork({ cell, layers, hidden, vocabulary, batch, seq }) {
  const gates = cell === 'lstm' ? 4 : 3;
  const states = cell === 'lstm' ? 2 : 1;
  const positions = batch * seq;
  const layerWeights = 2 * gates * hidden * hidden;
  const products = layers * layerWeights + hidden * vocabulary;
  // Forward, by the input and by the weight: three products of two operations a weight.
  const flop = 3 * 2 * positions * products;

  const weights = products + vocabulary * hidden + layers * 2 * gates * hidden + vocabulary;
  // Forward, backward, gradient written; Adam reads four arrays and writes three.
  const weightTraffic = 10 * weights;
  // A layer: gates and states written, then read; the gates' gradients written, then read for
  // weights and input; the input read forward and for the weights, its gradient written.
  const layerTraffic = (2 * gates + 2 * states + 3 * gates + 3) * hidden;
  // Logits written and read, their gradient written and read twice.
  const outputTraffic = 5 * vocabulary + 3 * hidden;
  const floats = weightTraffic + positions * (layers * layerTraffic + outputTraffic);
  return { flop, bytes: 4 * floats };
}
