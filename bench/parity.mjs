/** The same seed on two devices: how far the losses of the first steps are apart. */

/** Above this the devices do not compute the same; test/device/training.test.ts has it too. */
export const TOLERANCE = 1e-3;

/**
 * @typedef {object} Parity
 * @property {string} workload
 * @property {string} on
 * @property {number} steps compared
 * @property {number} difference the largest, relative to the reference's loss
 * @property {boolean} met
 * @property {string} [error] why there is none
 */

/**
 * @param {string} workload
 * @param {import('./types').Contender} reference
 * @param {import('./types').Contender} other
 * @param {{ steps: number, limit: number }} plan it ends early after `limit` seconds
 * @returns {Promise<Parity>}
 */
export async function compareSteps(workload, reference, other, { steps, limit }) {
  const start = performance.now();
  let difference = 0;
  let done = 0;
  while (done < steps && performance.now() - start < 1000 * limit) {
    const expected = (await reference.turn(1)).loss ?? NaN;
    const actual = (await other.turn(1)).loss ?? NaN;
    const distance = Math.abs(actual - expected) / expected;
    // Math.max keeps a NaN.
    difference = Math.max(difference, distance);
    done++;
  }
  return { workload, on: other.on, steps: done, difference, met: difference <= TOLERANCE };
}

/** @param {readonly Parity[]} parities */
export function formatParities(parities) {
  return parities
    .map(({ workload, on, steps, difference, met, error }) => {
      if (error !== undefined) return `${workload}: ERROR: ${error}`;
      const verdict = met ? 'as on the CPU' : `NOT as on the CPU (tolerance ${TOLERANCE})`;
      const size = difference.toExponential(1);
      return `${workload}: ${on}: ${steps} steps, largest relative difference ${size}, ${verdict}`;
    })
    .join('\n');
}
