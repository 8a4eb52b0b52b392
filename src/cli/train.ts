import { resolve } from 'node:path';
import { setImmediate } from 'node:timers/promises';

import type { Command } from 'commander';
import { Option } from 'commander';

import { ArgumentError, TextError } from '../errors';
import { ARITHMETICS } from '../ops/arithmetic';
import { STORAGE_FORMATS } from '../ops/storage';
import type { Device } from '../tensor/device';
import { DEVICE_KINDS } from '../tensor/open';
import type { DeviceKind } from '../tensor/open';
import { Vocabulary } from '../text/vocabulary';
import { CharTrainer } from '../train/char_trainer';
import { checkSameText, markText, resumeTraining, saveCheckpoint } from '../train/checkpoint';
import type { Checkpoint } from '../train/checkpoint';
import {
  CELLS,
  changedConfig,
  completeConfig,
  DEFAULTS,
  OPTIMIZERS,
  SCHEDULES,
} from '../train/config';
import type { TrainConfig } from '../train/config';
import { train } from '../train/loop';
import { checkSample } from '../train/sampling';
import { layOut } from '../train/setup';
import {
  ENCODING_HELP,
  freshRun,
  holdsCheckpoint,
  openRun,
  readRun,
  readText,
  writeRun,
} from './files';
import type { Source } from './files';
import { count, integer, number } from './numbers';
import { JsonReporter } from './json_reporter';
import { TerminalReporter } from './terminal_reporter';
import type { Reporter } from './reporter';
import { saveTuning } from './tuning_file';
import { typed } from './typed';
import { openNamedDevice } from './vulkan';

interface Flags extends Partial<Omit<TrainConfig, 'validFraction' | 'recurrentInit'>> {
  valid?: number;
  init?: TrainConfig['recurrentInit'];
  encoding?: string;
  device: DeviceKind;
  logEvery: number;
  evalEvery: number;
  sampleEvery?: number;
  saveEvery: number;
  prime?: string;
  length: number;
  temperature: number;
  out?: string;
  resume?: string;
  json?: boolean;
}

/** Length of a run that is not told. */
const STEPS = 1000;

export function addTrainCommand(program: Command): void {
  const choice = (flag: string, text: string, choices: readonly string[]): Option =>
    new Option(flag, text).choices(choices);
  program
    .command('train')
    .description('learn a text, character by character')
    .argument('[file]', 'text to learn (default: a story that comes with Lethe)')
    .option('--encoding <name>', ENCODING_HELP)
    .addOption(choice('--cell <cell>', `recurrent cell (default: ${DEFAULTS.cell})`, CELLS))
    .option('--hidden <n>', `units per layer (default: ${DEFAULTS.hidden})`, integer)
    .option('--layers <n>', `recurrent layers (default: ${DEFAULTS.layers})`, integer)
    .option(
      '--embedding <n>',
      `embedding width, 0 for one-hot (default: ${DEFAULTS.embedding})`,
      integer,
    )
    .option('--dropout <p>', `probability of dropping (default: ${DEFAULTS.dropout})`, number)
    .addOption(
      choice('--init <how>', 'how recurrent weights start (default: uniform)', [
        'uniform',
        'orthogonal',
      ]),
    )
    .option('--forget-bias <b>', 'forget-gate bias of an LSTM at first (default: random)', number)
    .addOption(
      choice(
        '--storage <format>',
        'of recurrent weights and saved activations (default: f32)',
        STORAGE_FORMATS,
      ),
    )
    .addOption(
      choice(
        '--arithmetic <format>',
        'of recurrent products; f16 takes a WebGPU adapter with shader-f16 (default: f32)',
        ARITHMETICS,
      ),
    )
    .option('--batch <n>', `streams side by side (default: ${DEFAULTS.batch})`, integer)
    .option('--seq <n>', `characters per stream and step (default: ${DEFAULTS.seq})`, integer)
    .addOption(
      choice('--optimizer <name>', `update rule (default: ${DEFAULTS.optimizer})`, OPTIMIZERS),
    )
    .option('--lr <rate>', `learning rate (default: ${DEFAULTS.lr})`, number)
    .addOption(
      choice(
        '--schedule <name>',
        `of the rate, over the whole run (default: ${DEFAULTS.schedule})`,
        SCHEDULES,
      ),
    )
    .option(
      '--schedule-steps <n>',
      'steps to the end of cosine and exponential (default: those after the warm-up), ' +
        'or between drops of step (default: a quarter of those)',
      integer,
    )
    .option(
      '--gamma <factor>',
      'factor of each drop of step (default: 0.5), or of each step of exponential (default: what ' +
        'comes to 0.01 at its end)',
      number,
    )
    .option('--warmup <n>', 'steps of linear warm-up before the schedule (default: 0)', integer)
    .option(
      '--clip <norm>',
      `largest gradient norm, 0 for none (default: ${DEFAULTS.clip})`,
      number,
    )
    .option('--clip-value <x>', 'largest gradient element, 0 for none (default: 0)', number)
    .option('--valid <share>', `held out at the end (default: ${DEFAULTS.validFraction})`, number)
    .option('--seed <n>', `random seed (default: ${DEFAULTS.seed})`, integer)
    .addOption(choice('--device <kind>', 'where to run', DEVICE_KINDS).default('auto'))
    .option('--steps <n>', `steps in all (default: ${STEPS})`, integer)
    .option('--log-every <n>', 'steps between reports', integer, 10)
    .option(
      '--eval-every <n>',
      'steps between evaluations on the held-out text, 0 never',
      count,
      100,
    )
    .option(
      '--sample-every <n>',
      'steps between samples, 0 never (default: 100; 0 with --json)',
      count,
    )
    .option('--save-every <n>', 'steps between checkpoints, 0 only at the end', count, 100)
    .option('--prime <text>', 'what samples begin with')
    .option('--length <n>', 'characters of a sample', count, 300)
    .option('--temperature <t>', 'of samples', number, 0.8)
    .option('--out <folder>', 'where the checkpoint goes (default: a new folder in runs/)')
    .option('--resume <run>', 'go on with a run')
    .option('--json', 'one JSON object a line instead of the progress bar')
    .action(runTrain);
}

/** The settings that were given on the command line. */
function givenConfig(flags: Flags): Partial<TrainConfig> {
  const given: Record<string, unknown> = { validFraction: flags.valid, recurrentInit: flags.init };
  for (const name of Object.keys(DEFAULTS) as (keyof TrainConfig)[]) {
    if (name in flags) given[name] = flags[name as keyof Flags];
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

/** The text: the one named, the one of the run, or the bundled one. */
async function readSource(
  file: string | undefined,
  run: Checkpoint | undefined,
  encoding = run?.header.text.encoding,
): Promise<Source> {
  if (file !== undefined || !run) return readText(file, { encoding });
  try {
    return await readText(run.header.text.source, { encoding });
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new TextError(
      `${error.message}; it is the text of the run: name the file where it is now`,
    );
  }
}

/** A setting's name in a message, `validFraction = 2`, as the flag that was typed, `--valid 2`. */
function inFlags(error: unknown): unknown {
  if (!(error instanceof ArgumentError)) return error;
  const flag = (_: string, name: string): string =>
    `${FLAGS[name] ?? `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`} `;
  return new ArgumentError(error.message.replace(/^(\w+) = /, flag));
}

const FLAGS: Record<string, string> = { validFraction: '--valid', recurrentInit: '--init' };

async function runTrain(file: string | undefined, flags: Flags): Promise<void> {
  try {
    await prepareAndLearn(file, flags);
  } catch (error) {
    throw inFlags(error);
  }
}

async function prepareAndLearn(file: string | undefined, flags: Flags): Promise<void> {
  const { out, resume, prime, length, temperature } = flags;
  const elsewhere = resume === undefined || (out !== undefined && resolve(out) !== resolve(resume));
  if (out !== undefined && elsewhere && holdsCheckpoint(out)) {
    throw new ArgumentError(
      `${out} holds a checkpoint; go on with --resume ${out}, or choose another --out`,
    );
  }
  if (flags.logEvery < 1) {
    throw new ArgumentError(`logEvery = ${flags.logEvery}; 1 at least is needed`);
  }
  const given = givenConfig(flags);
  const checkpoint = resume === undefined ? undefined : await readRun(resume);
  const steps = flags.steps ?? checkpoint?.header.config.steps ?? STEPS;
  const config = checkpoint
    ? changedConfig(checkpoint.header.config, { ...given, steps })
    : completeConfig({ ...given, steps });
  if (checkpoint) checkpoint.header.config = config;
  const source = await readSource(file, checkpoint, flags.encoding);
  // Everything that can be wrong with the input is found before a device is opened.
  const vocabulary = checkpoint
    ? Vocabulary.fromJSON(checkpoint.header.vocabulary)
    : Vocabulary.fromText(source.text);
  if (checkpoint) checkSameText(source.text, checkpoint.header);
  checkSample(vocabulary, { prime, length, temperature });
  layOut(source.text, config, vocabulary);
  const device = await openNamedDevice(flags.device);
  try {
    checkF16(device, config, checkpoint !== undefined);
    const trainer = checkpoint
      ? resumeTraining(device, source.text, checkpoint)
      : new CharTrainer(device, source.text, config);
    if (trainer.step >= steps) {
      throw new ArgumentError(
        `the run stands at step ${trainer.step}; give --steps above that to go on`,
      );
    }
    const run = out ?? resume ?? freshRun(source);
    await openRun(run);
    const reporter = flags.json
      ? new JsonReporter(device)
      : new TerminalReporter(device, trainer, source, run, steps);
    await learn(trainer, source, run, { ...flags, steps }, reporter, device);
    trainer.dispose();
  } finally {
    if (device.kind === 'webgpu') await saveTuning();
    device.dispose();
  }
}

/** @throws ArgumentError when the run is to multiply in f16, and the device that was chosen does not. */
function checkF16(device: Device, { arithmetic }: Partial<TrainConfig>, resumed: boolean): void {
  if (arithmetic !== 'f16' || device.f16Arithmetic) return;
  throw new ArgumentError(
    `arithmetic = f16: ${device.description} does not compute in f16 (device: ${device.reason}); ` +
      (resumed ? 'go on with --arithmetic f32' : 'leave it out') +
      ', or take a WebGPU adapter that does by --device webgpu (' +
      `${typed('doctor')} lists them)`,
  );
}

async function learn(
  trainer: CharTrainer,
  source: Source,
  run: string,
  flags: Flags & { steps: number },
  reporter: Reporter,
  device: Device,
): Promise<void> {
  const mark = { ...markText(source.text, source.name), encoding: source.encoding };
  const save = async (): Promise<void> => writeRun(run, await saveCheckpoint(trainer, mark));
  let stopped = false;
  const stop = (): void => {
    // The second time there is no waiting; the last checkpoint is whole.
    if (stopped) process.exit(130);
    stopped = true;
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
  const { steps, logEvery, evalEvery, saveEvery, prime, length, temperature } = flags;
  const sampleEvery = flags.sampleEvery ?? (flags.json ? 0 : 100);
  const { seed } = trainer.config;
  try {
    reporter.start();
    const sample = { prime, length, temperature, seed };
    for await (const event of train(trainer, {
      ...{ steps, logEvery, evalEvery, sampleEvery, sample },
      onCompile: (done, total) => reporter.compiling(done, total),
    })) {
      reporter.event(event);
      if (event.kind === 'step') {
        // Signals are handled between turns of the event loop only.
        await setImmediate();
        if (stopped) break;
        if (saveEvery > 0 && trainer.step % saveEvery === 0) await save();
      }
    }
    await save();
    await device.finish();
  } finally {
    process.off('SIGINT', stop);
    process.off('SIGTERM', stop);
    reporter.stop();
  }
  reporter.done(run, stopped);
}
