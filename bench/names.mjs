/** Every contender's name, in the order of their turns. */
export const CONTENDERS = /** @type {const} */ ([
  'lethe-cpu',
  'lethe-webgpu',
  'lethe-dawn',
  'torch-cpu',
  'jax-wasm',
  'jax-webgpu',
  'jax-dawn',
  'tfjs-cpu',
  'tfjs-webgpu',
  'tfjs-dawn',
]);

/** @typedef {(typeof CONTENDERS)[number]} ContenderName */

/**
 * Who can do what: the peers of the browser only train here, and a CPU has nothing to encode.
 *
 * @type {Record<import('./types').Kind, readonly ContenderName[]>}
 */
export const ABLE = {
  train: CONTENDERS,
  sample: ['lethe-cpu', 'lethe-webgpu', 'lethe-dawn', 'torch-cpu'],
  eval: ['lethe-cpu', 'lethe-webgpu', 'lethe-dawn', 'torch-cpu'],
  encode: ['lethe-webgpu', 'lethe-dawn'],
};

/** The peers on Dawn, which are slower there than in a browser: they run where they are named. */
const WHERE_NAMED = ['jax-dawn', 'tfjs-dawn'];

/**
 * Who runs a workload when nobody is named: all who can, but in a sweep and for
 * `eval` only the CPU and its peer.
 *
 * @param {import('./types').Job} job
 * @returns {readonly ContenderName[]}
 */
export function contendersOf({ name, kind }) {
  if (/^[tbh]/.test(name) || kind === 'eval') return ['lethe-cpu', 'torch-cpu'];
  return ABLE[kind].filter((contender) => !WHERE_NAMED.includes(contender));
}
