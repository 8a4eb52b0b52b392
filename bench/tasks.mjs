// The figures of a worked example over several seeds, and over the parts of a cross-validation:
//
//   npm run bench:tasks -- NAME [DATA] [--seeds 1,2,3] [--folds 10] [--epochs N] [--vectors FILE] [--device cpu]
//
// Prints a line for each run, with the figures of network and baseline on the test data and the processor seconds
// of an epoch, and at the end the median over the seeds, the least and the most. With --folds the examples of all parts are divided anew:
// each is in the test part once, and a tenth of the rest is held out to choose by; a seed's figure is the mean
// over its folds.
import { parseArgs } from 'node:util';

import { serveSources } from './load.mjs';
import { mean, median } from './statistics.mjs';

/** @typedef {import('../demos/tasks/example').Example} Example */
/** @typedef {{ train: unknown[], valid: unknown[], test: unknown[] }} Parts */
/** @typedef {Record<string, number>} Figures */
/** @typedef {{ network: Figures, baseline: Figures, seconds: number }} Outcome */

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: '1,2,3' },
    folds: { type: 'string' },
    epochs: { type: 'string' },
    vectors: { type: 'string' },
    device: { type: 'string', default: 'cpu' },
  },
});
const [name, source] = positionals;
const server = await serveSources();
const { EXAMPLES } = /** @type {typeof import('../demos/tasks/index')} */ (
  await server.ssrLoadModule('/demos/tasks/index.ts')
);
const { ExampleRun } = /** @type {typeof import('../demos/tasks/example')} */ (
  await server.ssrLoadModule('/demos/tasks/example.ts')
);
const { kFold, splitExamples } = /** @type {typeof import('../src/data/index')} */ (
  await server.ssrLoadModule('/src/data/index.ts')
);
const { openDevice } = /** @type {typeof import('../src/node')} */ (
  await server.ssrLoadModule('/src/node.ts')
);

const example = EXAMPLES.find((each) => each.name === name);
if (!example) throw new Error(`name a task: ${EXAMPLES.map((each) => each.name).join(', ')}`);
const device = await openDevice(/** @type {'cpu'} */ (values.device));
const data = await example.load(source);
if (values.vectors && !example.withVectors) throw new Error(`${name} takes no word vectors`);
const epochs = Number(values.epochs ?? example.training.epochs);

/**
 * @param {unknown} parts
 * @param {number} seed
 * @returns {Promise<Outcome>}
 */
async function learn(parts, seed) {
  const given = values.vectors
    ? await example?.withVectors?.(parts, values.vectors)
    : { data: parts };
  const run = new ExampleRun(/** @type {Example} */ (example), device, given?.data, {
    source: source ?? null,
    seed,
    epochs,
  });
  const before = process.cpuUsage();
  for await (const _ of run.fit()) continue;
  const { user, system } = process.cpuUsage(before);
  const seconds = (user + system) / 1e6 / epochs;
  run.trainer.restoreBest();
  const network = await run.test();
  run.dispose();
  const { metrics } = await /** @type {Example} */ (example).baseline(parts);
  return { network, baseline: metrics, seconds };
}

/**
 * The data, once, or divided anew for each fold.
 *
 * @param {number} seed
 */
function divisions(seed) {
  if (values.folds === undefined) return [data];
  const { train, valid, test, ...others } = /** @type {Parts} */ (data);
  return kFold([...train, ...valid, ...test], Number(values.folds), seed).map((fold) => {
    const [most, few] = splitExamples(fold.train, [0.9, 0.1], seed);
    return { ...others, train: most, valid: few, test: fold.test };
  });
}

/** @param {readonly Figures[]} list @param {(values: number[]) => number} over */
function together(list, over) {
  const names = Object.keys(list[0]);
  return Object.fromEntries(names.map((key) => [key, over(list.map((each) => each[key]))]));
}

/** @param {Figures} figures */
const told = (figures) =>
  Object.entries(figures)
    .map(([key, value]) => `${key} ${value.toFixed(4)}`)
    .join(', ');

/** @param {string} title @param {Outcome} outcome */
function print(title, { network, baseline, seconds }) {
  console.log(
    `${title}: network ${told(network)}; baseline ${told(baseline)}; ${seconds.toFixed(2)} processor seconds an epoch`,
  );
}

/** @type {Outcome[]} */
const outcomes = [];
/** @param {readonly Outcome[]} list @param {(values: number[]) => number} over @returns {Outcome} */
const summary = (list, over) => ({
  network: together(
    list.map(({ network }) => network),
    over,
  ),
  baseline: together(
    list.map(({ baseline }) => baseline),
    over,
  ),
  seconds: over(list.map(({ seconds }) => seconds)),
});
for (const seed of values.seeds.split(',').map(Number)) {
  /** @type {Outcome[]} */
  const folds = [];
  for (const [i, parts] of divisions(seed).entries()) {
    folds.push(await learn(parts, seed));
    if (values.folds !== undefined) print(`seed ${seed}, fold ${i + 1}`, folds[i]);
  }
  outcomes.push(summary(folds, mean));
  print(`seed ${seed}`, outcomes[outcomes.length - 1]);
}
print('median', summary(outcomes, median));
print(
  'least',
  summary(outcomes, (values) => Math.min(...values)),
);
print(
  'most',
  summary(outcomes, (values) => Math.max(...values)),
);
device.dispose();
await server.close();
