import type { Command } from 'commander';
import { Option } from 'commander';

import type { Example } from '../../demos/tasks/example';
import { ArgumentError } from '../errors';
import { nearestName } from '../options';
import { DEVICE_KINDS } from '../tensor/open';
import { count, integer } from './numbers';
import { checkListed, checkTaskFlags } from './task_flags';
import type { TaskFlags } from './task_flags';
import { loadData } from './task_data';
import { namedTaskRun, newestTaskRun, readTaskRun } from './task_folder';
import { figures, figureTable } from './task_reporter';
import { print, printJson } from './terminal';
import { saveTuning } from './tuning_file';
import { path, quoted, typed } from './typed';
import { openNamedDevice } from './vulkan';

export function addTaskCommand(program: Command): void {
  program
    .command('task')
    .description('train a worked example; without a name, list them')
    .argument('[name]', 'the task')
    .argument('[data]', 'a file or a folder of data (default: what comes with Lethe)', path)
    .option('--seed <n>', 'of weights, order and splits (default: 1)', count)
    .option(
      '--vectors <file>',
      'word vectors that were learnt elsewhere: GloVe, word2vec, fastText',
      path,
    )
    .option('--epochs <n>', 'passes over the data (default: as the task has it)', integer)
    .addOption(new Option('--device <kind>', 'where to run').choices(DEVICE_KINDS).default('cpu'))
    .option('--out <folder>', 'of the run (default: runs/tasks/NAME-1, -2, ...)', path)
    .option('--resume <run>', 'go on with a run, up to --epochs in all', path)
    .option('--ask <text>', 'ask a trained model')
    .option('--eval', 'measure a trained model on the test data')
    .option('--run <run>', 'the run for --ask and --eval (default: the latest of the task)', path)
    .option('--about', 'what the task is, and which data it takes')
    .option('--json', 'one JSON object a line')
    .action(runTask);
}

async function runTask(
  name: string | undefined,
  data: string | undefined,
  flags: TaskFlags,
): Promise<void> {
  const { EXAMPLES } = await import('../../demos/tasks');
  if (name === undefined) {
    checkListed(flags);
    return list(EXAMPLES, flags);
  }
  const example = exampleOf(EXAMPLES, name);
  checkTaskFlags(example, data, flags);
  if (flags.about) return about(example, flags);
  const device = await openNamedDevice(flags.device);
  try {
    const trains = flags.ask === undefined && !flags.eval;
    if (trains) await (await import('./task_training')).trainTask(example, device, data, flags);
    else await use(example, flags, device, data);
  } finally {
    if (device.kind === 'webgpu') await saveTuning();
    device.dispose();
  }
}

function list(examples: readonly Example[], { json }: TaskFlags): void {
  if (json) {
    for (const example of examples) about(example, { json });
    return;
  }
  const width = Math.max(...examples.map(({ name }) => name.length));
  for (const { name, title } of examples) print(`${name.padEnd(width)}  ${title}`);
  print('');
  print(`train one:   ${typed('task', examples[0].name)}`);
  print(`what it is:  ${typed('task', examples[0].name, '--about')}`);
}

function about({ name, title, data, question }: Example, { json }: Pick<TaskFlags, 'json'>): void {
  if (json) return printJson({ task: name, title, data, question });
  print(title);
  print(`Data: ${data}`);
}

function exampleOf(examples: readonly Example[], name: string): Example {
  const example = examples.find((example) => example.name === name);
  if (example) return example;
  const names = examples.map(({ name }) => name);
  const nearest = nearestName(name, names);
  throw new ArgumentError(
    `there is no task ${name}${nearest === undefined ? '' : `; did you mean ${nearest}`}? There are ` +
      names.join(', '),
  );
}

/** A trained model, asked or measured. */
async function use(
  example: Example,
  { run, ask, json }: TaskFlags,
  device: Awaited<ReturnType<typeof openNamedDevice>>,
  source: string | undefined,
): Promise<void> {
  const { restoreExample } = await import('../../demos/tasks/example');
  const folder = run === undefined ? await newestTaskRun(example.name) : namedTaskRun(run);
  const bytes = await readTaskRun(folder, example.name);
  const { model, about } = restoreExample(example, device, bytes);
  if (ask !== undefined) {
    const answer = await example.ask!(model, about.meta, ask);
    if (json) printJson({ task: example.name, run: folder, ask, answer });
    else for (const line of answer.split('\n')) print(line);
    return;
  }
  const named = source ?? about.source ?? undefined;
  const data = await loadData(example, named);
  const metrics = await example.test(model, data, about.meta);
  const baseline = await example.baseline(data);
  if (json) {
    printJson({
      ...{ task: example.name, run: folder, data: named ?? null, metrics: figures(metrics) },
      baseline: { name: baseline.name, metrics: figures(baseline.metrics) },
    });
    return;
  }
  print(`${quoted(folder)} on the test part of ${named ?? 'the bundled data'}`);
  for (const line of figureTable({ network: metrics, [baseline.name]: baseline.metrics }))
    print(line);
}
