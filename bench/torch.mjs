/** PyTorch as a contender: where it is, and its process. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

import { openProcess } from './process.mjs';
import { MissingError } from './turns.mjs';

const WORKER = fileURLToPath(new URL('contenders/torch_worker.py', import.meta.url));

/** @type {Map<string, boolean>} */
const known = new Map();

/**
 * @param {string} python
 * @param {string} test an expression of Python that must be true
 */
function passes(python, test) {
  const key = `${python} ${test}`;
  if (!known.has(key)) {
    const program = `import sys, torch; sys.exit(0 if ${test} else 1)`;
    known.set(key, spawnSync(python, ['-c', program], { stdio: 'ignore' }).status === 0);
  }
  return known.get(key) === true;
}

/**
 * A Python that has torch.
 *
 * @param {'cpu' | 'cuda'} device
 * @param {string} [python] the one to take
 */
export function findTorch(device, python) {
  const candidates = python ? [python] : ['python3', '/usr/bin/python3'];
  const test = device === 'cuda' ? 'torch.cuda.is_available()' : 'True';
  const found = candidates.find((candidate) => passes(candidate, test));
  if (found) return found;
  const what = device === 'cuda' ? 'torch with CUDA' : 'torch';
  throw new MissingError(`${candidates.join(' and ')} cannot import ${what}; name one by --python`);
}

/**
 * @param {import('./types').Job} job
 * @param {{ python?: string, threads: number, device: 'cpu' | 'cuda', tf32?: boolean }} options
 */
export function openTorch(job, { python, threads, device, tf32 = false }) {
  const found = findTorch(device, python);
  const args = [WORKER, '--device', device, '--threads', `${threads}`];
  // A BLAS has threads of its own, that PyTorch does not always set.
  const env = { OPENBLAS_NUM_THREADS: `${threads}`, BLIS_NUM_THREADS: `${threads}` };
  return openProcess(found, tf32 ? [...args, '--tf32'] : args, env, job, device);
}
