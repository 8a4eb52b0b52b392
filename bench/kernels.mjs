// Where the time of a training step of `w1` goes, kernel by kernel, each by itself and waited for:
//
//   npm run bench:kernels -- [cpu | webgpu]
//
// WebGPU (the default) is Dawn in Node, on SwiftShader unless VK_ICD_FILENAMES names a driver. The
// kernels are tuned first, as for training. What a wait costs is in every figure.
import { findSwiftShader } from '../scripts/browser.mjs';
import { loadLethe, REFERENCE, serveSources } from './load.mjs';

const REPEATS = 3;
const kind = process.argv[2] === 'cpu' ? 'cpu' : 'webgpu';
process.env.VK_ICD_FILENAMES ??= findSwiftShader();

const server = await serveSources();
const { openDevice, CharTrainer } = await loadLethe(server);
const { bundledText } = /** @type {typeof import('../src/text/bundled')} */ (
  await server.ssrLoadModule('/src/text/bundled.ts')
);
const device = await openDevice(kind);
const trainer = new CharTrainer(device, bundledText, { ...REFERENCE, seed: 1 });
await trainer.trainStep();
await device.tune({ budget: 60_000 });

/** @typedef {Parameters<typeof device.backend.run>} Call */
/** @type {Call[]} */
const calls = [];
const { backend } = device;
const run = backend.run.bind(backend);
backend.run = /** @type {typeof backend.run} */ (
  (...call) => {
    calls.push(/** @type {Call} */ (/** @type {unknown} */ (call)));
    run(...call);
  }
);
await trainer.trainStep();
await device.finish();
backend.run = run;

/** @type {Map<string, { runs: number, milliseconds: number }>} */
const kernels = new Map();
for (const [kernel, buffers, params, config] of calls) {
  let least = Infinity;
  for (let i = 0; i < REPEATS; i++) {
    const begin = performance.now();
    run(kernel, buffers, params, config);
    await device.finish();
    least = Math.min(least, performance.now() - begin);
  }
  const { m, n, k } = /** @type {Record<string, number>} */ (params);
  const name = kernel.name === 'matmul' ? `matmul ${m} x ${n} x ${k}` : kernel.name;
  const known = kernels.get(name) ?? { runs: 0, milliseconds: 0 };
  kernels.set(name, { runs: known.runs + 1, milliseconds: known.milliseconds + least });
}
const sorted = [...kernels].sort(([, a], [, b]) => b.milliseconds - a.milliseconds);
console.log(`${device.description}, milliseconds, the least of ${REPEATS} runs`);
for (const [name, { runs, milliseconds }] of sorted) {
  console.log(
    `${name.padEnd(28)} ${String(runs).padStart(3)} ${milliseconds.toFixed(1).padStart(8)}`,
  );
}
const total = sorted.reduce((sum, [, { milliseconds }]) => sum + milliseconds, 0);
console.log(
  `${'all'.padEnd(28)} ${String(calls.length).padStart(3)} ${total.toFixed(1).padStart(8)}`,
);
// Nothing else ends Dawn's process.
process.exit();
