/** Replayed steps of one checkout and another, in turns, in Node or in a page: what encode.mjs prints. */
import { lowerQuartile } from './statistics.mjs';

/** Dispatches of the shorter and the longer step. */
export const [SHORT, LONG] = [20, 220];

/**
 * @typedef {object} Library what a checkout exports
 * @property {typeof import('../src/index').openDevice} openDevice
 * @property {typeof import('../src/index').tensor} tensor
 * @property {typeof import('../src/index').tanh} tanh
 * @property {typeof import('../src/index').add} add
 * @property {typeof import('../src/train/index').CharTrainer} CharTrainer
 *
 * @typedef {object} Timed
 * @property {() => void} give what is timed
 * @property {number} dispatches
 * @property {number[]} times microseconds
 *
 * @typedef {object} Figures microseconds, lower quartiles
 * @property {string} name
 * @property {number} dispatches of a training step
 * @property {number} training
 * @property {number} short
 * @property {number} long
 * @property {number} further what one more dispatch takes
 */

/**
 * A small training step, and steps of so many dispatches.
 *
 * @param {string} name
 * @param {Library} library
 * @param {Partial<import('../src/train/index').TrainConfig>} reference
 */
async function contender(name, { openDevice, CharTrainer, tensor, tanh, add }, reference) {
  const device = await openDevice('webgpu');
  const text = 'to be or not to be, that is the question. '.repeat(100);
  // Small, so that a software adapter is soon done.
  const small = { hidden: 16, embedding: 16, batch: 2, validFraction: 0, seed: 1 };
  const trainer = new CharTrainer(device, text, { ...reference, ...small });
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
  return {
    name,
    device,
    steps: steps.map((step) => ({ ...step, times: /** @type {number[]} */ ([]) })),
  };
}

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
 * Times the steps of each checkout, and the floor below those of the last one. The device is idle as each begins.
 *
 * @param {Record<string, string[]>} checkouts the modules of each, by its name
 * @param {Partial<import('../src/train/index').TrainConfig>} reference
 * @param {number} rounds
 * @returns {Promise<{ adapter: string, figures: Figures[] }>}
 */
export async function measure(checkouts, reference, rounds) {
  const contenders = [];
  for (const [name, modules] of Object.entries(checkouts)) {
    /** @type {Partial<Library>[]} */
    const exported = await Promise.all(modules.map((module) => import(module)));
    const library = /** @type {Library} */ (Object.assign({}, ...exported));
    contenders.push(await contender(name, library, reference));
  }
  const { device, steps } = contenders[contenders.length - 1];
  await device.finish();
  const bare = steps.map(({ give, dispatches }) => ({
    give: bareLoop(give),
    dispatches,
    times: /** @type {number[]} */ ([]),
  }));
  await device.finish();
  contenders.push({ name: 'floor', device, steps: bare });
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
  const figures = contenders.map(({ name, steps }) => {
    const [training, short, long] = steps.map(({ times }) => lowerQuartile(times));
    const further = (long - short) / (LONG - SHORT);
    return { name, dispatches: steps[0].dispatches, training, short, long, further };
  });
  return { adapter: device.description, figures };
}
