// A long run, to see that nothing grows: a tiny model trains, and every so often it is evaluated, writes a text, and goes
// into a file and back, the training with it.
//
//   npm run bench:soak -- [--device cpu] [--steps 100000] [--every 100] [--cell lstm]
//
// Prints what the device, the heap and the process hold at 1, 10, 25, 50, 75 and 100 % of the steps, at rest and after a
// garbage collection, and exits with 1 unless all of it is as flat as LIMITS says between 10 % and the end. WebGPU takes
// whatever adapter there is; without a driver that is named, SwiftShader.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as rest } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { findSwiftShader, needsVulkanDriver } from '../scripts/browser.mjs';
import { buildLibrary } from './build.mjs';
import { asUsageError, readCount, runCommand, UsageError } from './options.mjs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MARKS = [0.01, 0.1, 0.25, 0.5, 0.75, 1];
/** From here on nothing may grow: by then all code is compiled, and all pools are as large as they get. */
const SETTLED = 0.1;
const MB = 2 ** 20;
/**
 * How much more each may be at any later mark, in its unit. What Lethe counts is to the byte, but for the pool, which keeps
 * as much as was in use at once; the heap of V8 and the memory of a process breathe.
 *
 * @satisfies {Record<Exclude<keyof Held, 'step' | 'seconds'>, number>}
 */
const LIMITS = {
  tensors: 0,
  live: 0,
  recorded: 0,
  pooled: MB / 4,
  heap: 2 * MB,
  external: 1 * MB,
  rss: 32 * MB,
  files: 0,
};

/**
 * What is held at a mark: tensors and bytes of the device, the heap and what hangs on it, the memory of the process,
 * open files.
 *
 * @typedef {object} Held
 * @property {number} step
 * @property {number} seconds
 * @property {number} tensors
 * @property {number} live
 * @property {number} recorded
 * @property {number} pooled
 * @property {number} heap
 * @property {number} external
 * @property {number} rss
 * @property {number} files NaN where the system does not list them
 */

/** Sentences of a few words, from a seed. */
function makeText() {
  let state = 1;
  const below = (/** @type {number} */ n) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * n);
  };
  const words = ['the', 'river', 'old', 'ferry', 'slowly', 'leaves', 'stone', 'a', 'quiet', 'town'];
  let text = '';
  while (text.length < 6000) text += words[below(words.length)] + (below(6) === 0 ? '.\n' : ' ');
  return text;
}

function openFiles() {
  try {
    return readdirSync('/proc/self/fd').length;
  } catch {
    return NaN;
  }
}

function collect() {
  if (!globalThis.gc) throw new UsageError('start it with node --expose-gc, as npm run bench:soak');
  // Twice: what finalisers let go of in the first is taken by the second.
  globalThis.gc();
  globalThis.gc();
}

/** @param {import('../src/index').Device} device */
async function held(device) {
  await device.finish();
  // Files that were closed by streams close in the turns that follow.
  await rest(50);
  collect();
  const { liveTensors, liveBytes, recordedBytes, pooledBytes } = device.memory();
  const { heapUsed, external, rss } = process.memoryUsage();
  return {
    tensors: liveTensors,
    live: liveBytes,
    recorded: recordedBytes,
    pooled: pooledBytes,
    heap: heapUsed,
    external,
    rss,
    files: openFiles(),
  };
}

const COLUMNS = [
  ...['step', 'seconds', 'tensors', 'live bytes', 'recorded', 'pooled'],
  ...['heap MiB', 'external MiB', 'RSS MiB', 'open files'],
];

/** @param {readonly string[]} cells */
function line(cells) {
  return cells.map((cell, i) => cell.padStart(Math.max(8, COLUMNS[i].length))).join('  ');
}

/** @param {Held} mark */
function row({ step, seconds, tensors, live, recorded, pooled, heap, external, rss, files }) {
  return line([
    ...[step, Math.round(seconds), tensors, live, recorded, pooled].map(String),
    ...[heap, external, rss].map((bytes) => (bytes / MB).toFixed(2)),
    String(files),
  ]);
}

/**
 * What grew by more than it may; empty when nothing did.
 *
 * @param {readonly Held[]} marks
 * @param {number} steps
 */
function grown(marks, steps) {
  const settled = marks.filter(({ step }) => step >= Math.round(SETTLED * steps));
  const names = /** @type {(keyof typeof LIMITS)[]} */ (Object.keys(LIMITS));
  return names.flatMap((name) => {
    const first = settled[0][name];
    const most = Math.max(...settled.map((mark) => mark[name]));
    return most - first > LIMITS[name] ? [`${name}: ${first} at first, later ${most}`] : [];
  });
}

function readOptions() {
  const { values } = asUsageError(() =>
    parseArgs({
      options: {
        device: { type: 'string', default: 'cpu' },
        steps: { type: 'string', default: '100000' },
        every: { type: 'string', default: '100' },
        cell: { type: 'string', default: 'lstm' },
      },
    }),
  );
  if (values.device !== 'cpu' && values.device !== 'webgpu') {
    throw new UsageError(`--device ${values.device}: it may be cpu or webgpu`);
  }
  return {
    kind: /** @type {'cpu' | 'webgpu'} */ (values.device),
    steps: readCount('steps', values.steps, 100),
    every: readCount('every', values.every, 1),
    cell: /** @type {'lstm'} */ (values.cell),
  };
}

async function main() {
  const { kind, steps, every, cell } = readOptions();
  if (kind === 'webgpu' && needsVulkanDriver()) process.env.VK_ICD_FILENAMES = findSwiftShader();
  const lethe = await buildLibrary(ROOT, 'soak');
  const { CharTrainer, loadModel, loadModule, openDevice, readCheckpoint } = lethe;
  const { resumeTraining, saveCheckpoint, saveModule } = lethe;
  const device = await openDevice(kind);
  const folder = mkdtempSync(join(tmpdir(), 'lethe-soak-'));
  const [checkpointPath, modulePath] = ['checkpoint', 'module'].map((name) => join(folder, name));
  const text = makeText();
  const config = {
    ...{ cell, hidden: 16, layers: 1, embedding: 8, batch: 4, seq: 8, dropout: 0.1, lr: 1e-3 },
    ...{ validFraction: 0.05, seed: 1 },
  };
  /** @type {InstanceType<typeof CharTrainer>} */
  let trainer = new CharTrainer(device, text, config);
  const count = { evaluations: 0, samples: 0, files: 0 };
  let loss = NaN;

  /** All that a run does beside its steps. */
  async function between() {
    const report = await trainer.report();
    loss = (await trainer.evaluate()).loss;
    if (!report || !Number.isFinite(report.loss) || !Number.isFinite(loss)) {
      throw new Error(`step ${trainer.step}: loss ${report?.loss}, held out ${loss}`);
    }
    count.evaluations++;
    let written = '';
    for await (const character of trainer.sample({ length: 40, seed: trainer.step })) {
      written += character;
    }
    if (written.length !== 40) throw new Error(`a sample of ${written.length} characters`);
    count.samples++;
    await saveModule(modulePath, trainer.model);
    await loadModule(modulePath, trainer.model);
    await writeFile(checkpointPath, await saveCheckpoint(trainer));
    const checkpoint = readCheckpoint(await readFile(checkpointPath));
    loadModel(device, checkpoint).model.dispose();
    const next = resumeTraining(device, text, checkpoint);
    if (next.step !== trainer.step) throw new Error('the file stands elsewhere than the training');
    trainer.dispose();
    trainer = next;
    count.files += 2;
  }

  const revision = execFileSync('git', ['rev-parse', '--short=8', 'HEAD'], { encoding: 'utf8' });
  console.log(
    `${new Date().toISOString().slice(0, 10)}, revision ${revision.trim()}, Node ${process.versions.node}, ` +
      `${availableParallelism()} cores; ${device.description} (${device.reason})\n` +
      `${cell} of ${config.hidden} units, batch ${config.batch}, ${config.seq} characters; ${steps} steps\n\n` +
      line(COLUMNS),
  );
  /** @type {Held[]} */
  const marks = [];
  const at = MARKS.map((share) => Math.round(share * steps));
  const began = performance.now();
  try {
    while (trainer.step < steps) {
      await trainer.trainStep();
      const { step } = trainer;
      // Before what comes between, which leaves a training whose step is not recorded.
      if (at.includes(step)) {
        await trainer.settle();
        const seconds = (performance.now() - began) / 1000;
        const mark = { step, seconds, ...(await held(device)) };
        marks.push(mark);
        console.log(row(mark));
      }
      if (step % every === 0) await between();
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const problems = grown(marks, steps);
  console.log(
    `\n${count.evaluations} evaluations, ${count.samples} samples, ${count.files} files written and read; ` +
      `held-out loss at the end ${loss.toFixed(3)}\n` +
      (problems.length === 0 ? 'flat' : `not flat: ${problems.join('; ')}`),
  );
  trainer.dispose();
  device.dispose();
  return problems.length === 0 ? 0 : 1;
}

await runCommand(main);
// Dawn's objects keep Node alive.
process.exit();
