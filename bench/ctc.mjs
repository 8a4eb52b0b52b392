// The CTC loss, forward and back, beside PyTorch's log_softmax and ctc_loss: milliseconds of a step on the CPU, and of
// processor time, with one thread and with two, taking turns. The losses of both must be the same.
//
//   npm run bench:ctc -- [--time 300] [--batch 32] [--classes 40] [--labels 30] [--rounds 30] [--steps 5]
//                        [--python python3]
import { setTimeout as rest } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { loadLethe, serveSources } from './load.mjs';
import { openProcess } from './process.mjs';
import { exitOnSignals } from './signals.mjs';
import { median } from './statistics.mjs';
import { findTorch } from './torch.mjs';

const { values } = parseArgs({
  options: {
    time: { type: 'string', default: '300' },
    batch: { type: 'string', default: '32' },
    classes: { type: 'string', default: '40' },
    labels: { type: 'string', default: '30' },
    rounds: { type: 'string', default: '30' },
    steps: { type: 'string', default: '5' },
    python: { type: 'string' },
  },
});
const [time, batch, classes, labels, rounds, steps] = [
  ...[values.time, values.batch, values.classes, values.labels, values.rounds, values.steps],
].map(Number);
/** Threads of the one who was timed before spin for so long, in milliseconds. */
const PAUSE = 20;
const WARMUP = 3;

exitOnSignals();
const python = findTorch('cpu', values.python);
const server = await serveSources();
const { openDevice } = await loadLethe(server);
const { backward, ctcLoss, dispose, tensor } = /** @type {typeof import('../src/index')} */ (
  await server.ssrLoadModule('/src/index.ts')
);

// Some neighbours are equal.
const targets = Array.from({ length: batch * labels }, (_, i) => {
  const [b, j] = [Math.floor(i / labels), i % labels];
  return 1 + ((7 * b + 3 * j + ((j * j) % 5)) % (classes - 1));
});

/** @param {number} threads */
async function openLethe(threads) {
  const device = await openDevice('cpu', { threads });
  const shape = [time, batch, classes];
  const scores = Float32Array.from({ length: time * batch * classes }, (_, i) => 2 * Math.sin(i));
  const logits = tensor(device, scores, shape, { requiresGrad: true });
  const ids = tensor(device, targets, [batch, labels], { dtype: 'i32' });
  const options = {
    inputLengths: new Array(batch).fill(time),
    targetLengths: new Array(batch).fill(labels),
  };
  return {
    on: `Lethe, ${threads} thread${threads > 1 ? 's' : ''}`,
    /** @param {number} steps */
    async turn(steps) {
      let last = NaN;
      const used = process.cpuUsage();
      const began = performance.now();
      for (let step = 0; step < steps; step++) {
        const loss = ctcLoss(logits, ids, options);
        backward(loss);
        last = await loss.item();
        if (logits.grad) dispose(logits.grad);
        logits.grad = undefined;
        dispose(loss);
      }
      const milliseconds = (performance.now() - began) / steps;
      const { user, system } = process.cpuUsage(used);
      return { milliseconds, cpu: (user + system) / 1000 / steps, loss: last };
    },
    close: () => device.dispose(),
  };
}

/** @param {number} threads */
function openTorch(threads) {
  const worker = fileURLToPath(new URL('contenders/torch_ctc.py', import.meta.url));
  const job = /** @type {import('./types').Job} */ (
    /** @type {unknown} */ ({ time, batch, classes, labels, targets })
  );
  const env = { OMP_NUM_THREADS: `${threads}` };
  return openProcess(python, [worker, '--threads', `${threads}`], env, job, 'cpu');
}

console.log(
  `CTC loss forward and back, B ${batch}, T ${time}, C ${classes}, L ${labels};\n` +
    `ms of time and of processors, medians of ${rounds} turns`,
);
for (const threads of [1, 2]) {
  const sides = [await openLethe(threads), await openTorch(threads)].map((side) => ({
    side,
    times: /** @type {number[]} */ ([]),
    cpu: /** @type {number[]} */ ([]),
    loss: NaN,
  }));
  for (let round = -WARMUP; round < rounds; round++) {
    for (const entry of round % 2 ? sides : sides.toReversed()) {
      await rest(PAUSE);
      const { milliseconds, cpu = NaN, loss } = await entry.side.turn(steps);
      entry.loss = loss ?? NaN;
      if (round < 0) continue;
      entry.times.push(milliseconds);
      entry.cpu.push(cpu);
    }
  }
  const [ours, theirs] = sides;
  if (!(Math.abs(ours.loss - theirs.loss) < 1e-5 * theirs.loss)) {
    throw new Error(`the losses differ: ${ours.loss} and ${theirs.loss}`);
  }
  for (const { side, times, cpu } of sides) {
    const [wall, processor] = [times, cpu].map((all) => median(all).toFixed(2).padStart(8));
    console.log(`${wall} ${processor}  ${side.on}`);
  }
  const [wall, processor] = [
    median(ours.times) / median(theirs.times),
    median(ours.cpu) / median(theirs.cpu),
  ].map((ratio) => ratio.toFixed(2).padStart(8));
  console.log(`${wall} ${processor}  of PyTorch's, threads: ${threads} (time at most 1.0)`);
  for (const { side } of sides) await side.close();
}
await server.close();
process.exit(0);
