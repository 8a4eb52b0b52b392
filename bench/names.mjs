/** Every contender's name, in the order of their turns. */
export const CONTENDERS = /** @type {const} */ ([
  'lethe-cpu',
  'lethe-webgpu',
  'lethe-dawn',
  'torch-cpu',
  'jax-wasm',
  'jax-webgpu',
  'tfjs-cpu',
  'tfjs-webgpu',
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
  encode: ['lethe-webgpu', 'lethe-dawn'],
};

/**
 * Who runs a workload when nobody is named: all who can, but in a sweep only the CPU and its peer.
 *
 * @param {import('./types').Job} job
 * @returns {readonly ContenderName[]}
 */
export function contendersOf({ name, kind }) {
  return /^[tbh]/.test(name) ? ['lethe-cpu', 'torch-cpu'] : ABLE[kind];
}
