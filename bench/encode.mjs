// JavaScript of replayed steps, Dawn's part of it included, beside that of another checkout, which takes turns
// with it in one process: a training step of one layer, and steps of so many dispatches, of which the
// difference tells what one more takes. The floor is a bare loop over the WebGPU calls that a replay makes, with
// the same pipelines and bind groups.
//
//   npm run bench:encode -- [--against FOLDER] [--rounds 300] [--hardware]
//
// FOLDER has its node_modules. The device is idle as each step begins. SwiftShader unless VK_ICD_FILENAMES
// names a driver; --hardware leaves the choice to the machine.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { findSwiftShader } from '../scripts/browser.mjs';
import { buildLibrary } from './build.mjs';
import { REFERENCE } from './load.mjs';
import { lowerQuartile } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    rounds: { type: 'string', default: '300' },
    hardware: { type: 'boolean', default: false },
  },
});
const rounds = Number(values.rounds);
/** Dispatches of the shorter and the longer step. */
const [SHORT, LONG] = [20, 220];
if (!values.hardware) process.env.VK_ICD_FILENAMES ??= findSwiftShader();

/**
 * @typedef {object} Timed
 * @property {() => void} give what is timed
 * @property {number} dispatches
 * @property {number[]} times microseconds
 */

/**
 * A loop that makes the calls of a step again, which is given in one pass, and nothing else.
 *
 * @param {() => void} give
 * @returns {() => void}
 */
function bareLoop(give) {
  /** @type {GPUDevice | undefined} */
  let device;
  /** @typedef {{ pipeline?: GPUComputePipeline, group?: GPUBindGroup, workgroups?: number[] }} Call */
  /** @type {Call[]} */
  const calls = [];
  /** @type {Call} */
  let next = {};
  const pass = GPUComputePassEncoder.prototype;
  const hooks = [
    hook(GPUDevice.prototype, 'createCommandEncoder', (self) => {
      device = /** @type {GPUDevice} */ (self);
    }),
    hook(pass, 'setPipeline', (_, [pipeline]) => {
      next.pipeline = /** @type {GPUComputePipeline} */ (pipeline);
    }),
    hook(pass, 'setBindGroup', (_, [, group]) => {
      next.group = /** @type {GPUBindGroup} */ (group);
    }),
    hook(pass, 'dispatchWorkgroups', (_, workgroups) => {
      calls.push({ ...next, workgroups: /** @type {number[]} */ (workgroups) });
      next = {};
    }),
  ];
  give();
  for (const unhook of hooks) unhook();
  const to = device;
  if (!to) throw new Error('the step gave nothing');
  return () => {
    const encoder = to.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const { pipeline, group, workgroups = [] } of calls) {
      if (pipeline) pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      const [x, y, z] = workgroups;
      if (z !== undefined) pass.dispatchWorkgroups(x, y, z);
      else if (y !== undefined) pass.dispatchWorkgroups(x, y);
      else pass.dispatchWorkgroups(x);
    }
    pass.end();
    to.queue.submit([encoder.finish()]);
  };
}

/**
 * Tells `heard` of the calls of a method, until what it gives back is called.
 *
 * @param {object} prototype
 * @param {string} method
 * @param {(self: unknown, args: unknown[]) => void} heard
 */
function hook(prototype, method, heard) {
  const own = /** @type {(...args: unknown[]) => unknown} */ (Reflect.get(prototype, method));
  /**
   * @this {unknown}
   * @param {unknown[]} args
   */
  const heardFirst = function (...args) {
    heard(this, args);
    return own.apply(this, args);
  };
  Reflect.set(prototype, method, heardFirst);
  return () => Reflect.set(prototype, method, own);
}

/**
 * @param {string} folder
 * @param {string} name
 */
async function contender(folder, name) {
  const { openDevice, CharTrainer, tensor, tanh, add } = await buildLibrary(folder, name);
  const device = await openDevice('webgpu');
  const text = 'to be or not to be, that is the question. '.repeat(100);
  // Small, so that a software adapter is soon done.
  const small = { hidden: 16, embedding: 16, batch: 2, validFraction: 0, seed: 1 };
  const trainer = new CharTrainer(device, text, { ...REFERENCE, ...small });
  const train = () => void trainer.trainStep();
  // A plain one, trials, a recorded one, and some until their code is compiled.
  for (let i = 0; i < 20; i++) await trainer.trainStep();
  const before = device.backend.dispatches;
  await trainer.trainStep();
  const dispatches = device.backend.dispatches - before;
  const x = tensor(device, [1, 2, 3, 4]);
  const chain = [SHORT, LONG].map((count) =>
    device.record(() => {
      let y = x;
      // Each of another pipeline than the one before it.
      for (let i = 0; i < count / 2; i++) y = add(tanh(y), x);
      return y;
    }),
  );
  const steps = [
    { give: train, dispatches },
    ...chain.map((step) => ({ give: () => step.replay(), dispatches: step.dispatches })),
  ];
  return { name, device, steps: steps.map((step) => ({ ...step, times: [] })) };
}

const here = fileURLToPath(new URL('..', import.meta.url));
const ours = await contender(here, 'here');
await ours.device.finish();
const bare = ours.steps.map(({ give, dispatches }) => ({
  give: bareLoop(give),
  dispatches,
  times: /** @type {number[]} */ ([]),
}));
await ours.device.finish();
const contenders = [ours, { name: 'floor', device: ours.device, steps: bare }];
if (values.against) contenders.unshift(await contender(values.against, 'against'));
for (let round = 0; round < rounds; round++) {
  for (const { device, steps } of contenders) {
    for (const { give, times } of /** @type {Timed[]} */ (steps)) {
      const begin = performance.now();
      give();
      times.push(1000 * (performance.now() - begin));
      await device.finish();
    }
  }
}

console.log(`${contenders[0].device.description}, microseconds, lower quartiles of ${rounds}`);
const figures = contenders.map(({ name, steps }) => {
  const [train, short, long] = steps.map(({ times }) => lowerQuartile(times));
  const further = (long - short) / (LONG - SHORT);
  console.log(
    `${name.padEnd(8)} a training step of ${steps[0].dispatches} dispatches ${train.toFixed(0)}; ` +
      `of ${SHORT} ${short.toFixed(0)}, of ${LONG} ${long.toFixed(0)}: ` +
      `${further.toFixed(2)} a further dispatch`,
  );
  return [train, short, long, further];
});
if (values.against) {
  const [train, short, long, further] = figures[1].map((value, i) =>
    (value / figures[0][i]).toFixed(2),
  );
  console.log(`ratio    training ${train}; ${SHORT} ${short}; ${LONG} ${long}; further ${further}`);
}
// Nothing else ends Dawn's process.
process.exit();
