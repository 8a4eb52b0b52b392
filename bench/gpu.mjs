// The benchmark of one hardware adapter, in Node without a browser: Lethe on Dawn beside PyTorch on
// CUDA, jax-js and TensorFlow.js on Dawn. bench/pack_gpu.mjs gathers what it needs for a machine
// without a network.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { floorOf, formatFloors } from './floor.mjs';
import { asUsageError, readCount, readWorkloads, runCommand } from './options.mjs';
import { compareSteps, formatParities } from './parity.mjs';
import { openPeer, openProcess } from './process.mjs';
import { writeResults } from './results.mjs';
import { formatRows } from './table.mjs';
import { openTorch } from './torch.mjs';
import { takeTurns } from './turns.mjs';
import { makeJob } from './workloads.mjs';

const CONTENDERS = ['lethe-dawn', 'torch-cuda', 'torch-cuda-tf32'];
const PEERS = ['jax-dawn', 'tfjs-dawn'];
const WORKER = fileURLToPath(new URL('../dist-bench/lethe_node.mjs', import.meta.url));

const HELP = `bench/gpu.mjs [options]

Lethe on Dawn beside PyTorch on CUDA (TF32 off, and on), jax-js and TensorFlow.js on the same Dawn,
and its first steps beside the CPU's.

  --workload NAMES  (w1,w4,w2,w3); as of npm run bench
  --peers NAMES     workloads that jax-js and TensorFlow.js run too (w1)
  --parity NAMES    workloads whose first steps are compared with the CPU's (w1,w3)
  --parity-steps N  (20)
  --rounds N        timed turns (10)
  --warmup N        turns before them (2)
  --steps N         steps of a turn (10)
  --limit SECONDS   of a contender in a workload, and of a comparison (60)
  --timeout SECONDS of a turn (600)
  --python PATH     a Python with PyTorch and CUDA
  --tflops N        the adapter's f32 arithmetic, 10^12 operations a second (60, an H200)
  --gbps N          its memory, 10^9 bytes a second (4800, an H200)
  --out FILE        (gpu-results.json)

VK_ICD_FILENAMES names a Vulkan driver where the loader does not find it.`;

function readGpuOptions() {
  const { values } = asUsageError(() =>
    parseArgs({
      options: {
        workload: { type: 'string', default: 'w1,w4,w2,w3' },
        peers: { type: 'string', default: 'w1' },
        parity: { type: 'string', default: 'w1,w3' },
        'parity-steps': { type: 'string', default: '20' },
        rounds: { type: 'string', default: '10' },
        warmup: { type: 'string', default: '2' },
        steps: { type: 'string', default: '10' },
        limit: { type: 'string', default: '60' },
        timeout: { type: 'string', default: '600' },
        python: { type: 'string' },
        tflops: { type: 'string', default: '60' },
        gbps: { type: 'string', default: '4800' },
        out: { type: 'string', default: 'gpu-results.json' },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  return {
    workloads: readWorkloads('workload', values.workload),
    peers: values.peers === '' ? [] : readWorkloads('peers', values.peers),
    parity: values.parity === '' ? [] : readWorkloads('parity', values.parity),
    paritySteps: readCount('parity-steps', values['parity-steps'], 1),
    rounds: readCount('rounds', values.rounds, 1),
    warmup: readCount('warmup', values.warmup, 0),
    steps: readCount('steps', values.steps, 1),
    limit: readCount('limit', values.limit, 1),
    timeout: readCount('timeout', values.timeout, 1),
    python: values.python,
    adapter: {
      tflops: readCount('tflops', values.tflops, 1),
      gbps: readCount('gbps', values.gbps, 1),
    },
    out: values.out,
    help: values.help,
  };
}

const log = (/** @type {string} */ line) => console.error(line);

/**
 * @param {import('./types').Job} job
 * @param {'cpu' | 'webgpu'} backend
 */
function openLethe(job, backend) {
  return openProcess(process.execPath, [WORKER], {}, job, backend);
}

/**
 * @param {string} workload
 * @param {{ steps: number, limit: number }} plan
 * @returns {Promise<import('./parity.mjs').Parity>}
 */
async function compare(workload, plan) {
  try {
    return await compareOnDawn(workload, plan);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { workload, on: '', steps: 0, difference: NaN, met: false, error: message };
  }
}

/**
 * @param {string} workload
 * @param {{ steps: number, limit: number }} plan
 */
async function compareOnDawn(workload, plan) {
  const job = makeJob(workload);
  log(`${workload}: the first steps on the CPU and on Dawn`);
  const cpu = await openLethe(job, 'cpu');
  try {
    const dawn = await openLethe(job, 'webgpu');
    try {
      return await compareSteps(workload, cpu, dawn, plan);
    } finally {
      await dawn.close();
    }
  } finally {
    await cpu.close();
  }
}

/** @param {ReturnType<typeof readGpuOptions>} options */
async function run(options) {
  const began = new Date();
  const { adapter, python, limit } = options;
  const parities = [];
  for (const workload of options.parity) {
    parities.push(await compare(workload, { steps: options.paritySteps, limit }));
  }
  /** @type {(name: string, job: import('./types').Job) => Promise<import('./types').Contender>} */
  const open = async (name, job) => {
    if (name === 'lethe-dawn') return openLethe(job, 'webgpu');
    if (PEERS.includes(name)) return openPeer(name === 'jax-dawn' ? 'jax' : 'tfjs', job);
    return openTorch(job, { python, threads: 2, device: 'cuda', tf32: name.endsWith('tf32') });
  };
  const { rounds, warmup, steps } = options;
  const settings = { rounds, warmup, steps, limit, ...adapter };
  // A floor is that of a training step.
  const trained = options.workloads.filter((name) => makeJob(name).kind === 'train');
  const floors = trained.map((workload) => ({
    workload,
    ...floorOf(makeJob(workload), adapter),
  }));
  const rows = [];
  for (const workload of options.workloads) {
    const job = makeJob(workload);
    const peers = job.kind === 'train' && options.peers.includes(workload) ? PEERS : [];
    const turns = await takeTurns(job, [...CONTENDERS, ...peers], open, { ...options, log });
    const floor = floors.find((one) => one.workload === workload);
    const own = turns.map((row) => {
      const { msPerStep } = row;
      if (msPerStep === undefined || !floor) return row;
      return { ...row, floorPercent: (100 * floor.ms) / msPerStep };
    });
    rows.push(...own);
    // A run may be cut short.
    log(formatRows(own));
    await writeResults(options.out, began, { settings, rows, floors, parities });
  }
  const parts = [
    formatParities(parities),
    trained.length > 0 ? formatFloors(trained, adapter) : '',
    formatRows(rows),
  ];
  console.log(parts.filter(Boolean).join('\n\n'));
  const failed = rows.some(({ error }) => error !== undefined);
  return failed || parities.some(({ met }) => !met) ? 1 : 0;
}

async function main() {
  const options = readGpuOptions();
  if (!options.help) return run(options);
  console.log(HELP);
  return 0;
}

await runCommand(main);
