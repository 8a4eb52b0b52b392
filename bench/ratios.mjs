/**
 * The ratios that the project claims, from the rows of a run.
 *
 * @typedef {import('./types').Row} Row
 * @typedef {import('./types').Ratio} Ratio
 */

/**
 * @typedef {object} Claim
 * @property {string} name
 * @property {number} target
 * @property {(find: (workload: string, contender: string) => Row | undefined) => [above: number | undefined, below: number | undefined]} figures
 */

/**
 * @param {string} workload
 * @param {string} ours
 * @param {string} theirs
 * @param {number} target
 * @returns {Claim}
 */
function step(workload, ours, theirs, target) {
  return {
    name: `${workload}: ${ours} / ${theirs}`,
    target,
    figures: (find) => [find(workload, ours)?.msPerStep, find(workload, theirs)?.msPerStep],
  };
}

/**
 * @param {string} contender
 * @returns {Claim}
 */
function encode(contender) {
  return {
    name: `${contender}: encoding a replayed step / recording it the first time`,
    target: 1 / 10,
    figures: (find) => {
      const row = find('encode', contender);
      return [row?.encodeMs, row?.firstRecordMs];
    },
  };
}

/** @type {Claim[]} */
const CLAIMS = [
  step('w1', 'lethe-cpu', 'torch-cpu', 0.45),
  step('w2', 'lethe-cpu', 'torch-cpu', 0.5),
  step('eval', 'lethe-cpu', 'torch-cpu', 1 / 1.5),
  step('w1', 'lethe-cpu', 'jax-wasm', 1 / 7),
  step('w1', 'lethe-webgpu', 'jax-webgpu', 1 / 3),
  step('w1', 'lethe-webgpu', 'tfjs-webgpu', 1 / 10),
  encode('lethe-webgpu'),
  encode('lethe-dawn'),
  {
    name: 'lethe-cpu: a character at T=1600 / at T=50',
    target: 1.2,
    figures: (find) => [
      find('t1600', 'lethe-cpu')?.usPerCharacter,
      find('t50', 'lethe-cpu')?.usPerCharacter,
    ],
  },
];

/**
 * Every claim, its value null where a figure is not there.
 *
 * @param {readonly Row[]} rows
 * @returns {Ratio[]}
 */
export function computeRatios(rows) {
  /** @type {(workload: string, contender: string) => Row | undefined} */
  const find = (workload, contender) =>
    rows.find((row) => row.workload === workload && row.contender === contender);
  return CLAIMS.map(({ name, target, figures }) => {
    const [above, below] = figures(find);
    const value = above === undefined || !below ? null : above / below;
    return { name, target, value, met: value === null ? null : value <= target };
  });
}
