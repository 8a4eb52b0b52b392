import { totalmem } from 'node:os';
import { basename, join, resolve } from 'node:path';

import { ArgumentError, CheckpointError, TextError } from '../errors';
import type { Device } from '../tensor/device';
import { visibleCharacter } from '../text/character';
import type { EncodedText } from '../text/encoded';
import { Vocabulary } from '../text/vocabulary';
import { CharTrainer } from '../train/char_trainer';
import { checkSameText, resumeTraining } from '../train/checkpoint';
import { changedConfig, completeConfig, overlaid } from '../train/config';
import type { TrainConfig } from '../train/config';
import { checkPatience } from '../train/fit';
import { checkSample } from '../train/sample_options';
import { layOut, makeSchedule } from '../train/setup';
import { grownVocabulary, initFromCheckpoint, warmStartConfig } from '../train/warm_start';
import { checkLoop, LOOP_DEFAULTS, readConfig, readRunLoop, STEPS } from './config_file';
import type { LoopSettings, Settings } from './config_file';
import { FILE, freshRun, holdsCheckpoint, readNamedRun, readText } from './files';
import type { NamedRun, Source } from './files';
import { checkMemory } from './memory';
import { grouped, significant } from './numbers';
import { checkFree, CONFIG } from './run_folder';
import type { History } from './run_folder';
import { givenSettings } from './train_flags';
import type { Flags } from './train_flags';
import { quoted, typed } from './typed';

/** Training, with all that can be wrong with its input found out. */
export interface Plan {
  config: TrainConfig;
  /** Steps in all. */
  steps: number;
  loop: LoopSettings;
  /** The text is in the ids of the run. */
  source: Source;
  /** Different characters of the text; the run may know more. */
  distinct: number;
  /** True where the text came inside a checkpoint, and must be kept to go on another time. */
  enclosed: boolean;
  /** What it goes on from, or begins with, for people. */
  notes: string[];
  /** Of a run that goes on. */
  history?: History;
  begin(device: Device): Promise<CharTrainer>;
  /** The folder to write to; a fresh one is made. */
  folder(): Promise<string>;
}

/** Reads everything that training needs, and checks it, before a device is opened. */
export async function prepare(file: string | undefined, flags: Flags): Promise<Plan> {
  const { resume, initFrom } = flags;
  if (resume !== undefined && initFrom !== undefined) {
    throw new ArgumentError(
      '--resume goes on with a run, --init-from begins another with its weights; give one of them',
    );
  }
  const from = resume ?? initFrom;
  const run = from === undefined ? undefined : await readNamedRun(from);
  const own = run && resume !== undefined ? ownFolder(run) : undefined;
  const out = flags.out ?? own;
  if (out !== undefined) await checkOut(out, own);
  const settings = await gather(file, flags, run);
  const loop = { ...LOOP_DEFAULTS, ...settings.loop };
  checkLoop(loop);
  const named = file ?? (resume === undefined ? settings.text : undefined);
  const enclosed = named === undefined ? run?.text() : undefined;
  const read = enclosed ?? (await readSource(named, run, loop.encoding));
  const beginning = !run
    ? anew(settings.train, read)
    : resume === undefined
      ? withWeights(run, settings.train, read)
      : goingOn(run, settings.train, read);
  const { config, vocabulary, notes, begin } = beginning;
  const { prime, length, temperature } = loop;
  checkSample(vocabulary, { prime, length, temperature });
  // Once, as a text in other ids is another array: whatever is made of it takes that one.
  const text = read.text.in(vocabulary);
  const source = { ...read, text };
  const { validation } = layOut(text, config, vocabulary);
  checkMemory(config, vocabulary.size, totalmem());
  checkPatience(loop, validation.length >= 2);
  const history = run && resume !== undefined ? historyOf(run) : undefined;
  return {
    ...{ config, steps: config.steps!, loop, source, notes },
    distinct: read.text.vocabulary.size,
    enclosed: enclosed !== undefined,
    begin: (device) => begin(device, text),
    ...(history && { history }),
    folder: async () => out ?? (await freshRun(source)),
  };
}

/** The flags, over the file of settings, over how the run went about it that goes on, or begins another. */
async function gather(
  file: string | undefined,
  flags: Flags,
  run: NamedRun | undefined,
): Promise<Settings> {
  const typed = givenSettings(flags);
  const earlier = run?.folder === undefined ? {} : await readRunLoop(join(run.folder, CONFIG));
  if (flags.config === undefined) return { ...typed, loop: { ...earlier, ...typed.loop } };
  const { train, loop, text } = await readConfig(flags.config);
  // The encoding is that of its own text.
  if (file !== undefined && text !== undefined) delete loop.encoding;
  return {
    train: overlaid(train, typed.train),
    loop: { ...earlier, ...loop, ...typed.loop },
    ...(text === undefined ? {} : { text }),
  };
}

/** The text: the one named, the one of the run, or the bundled one. */
async function readSource(
  file: string | undefined,
  run: NamedRun | undefined,
  encoding = run?.checkpoint.header.text.encoding,
): Promise<Source> {
  if (file !== undefined || !run) return readText(file, { encoding });
  try {
    return await readText(run.checkpoint.header.text.source, { encoding });
  } catch (error) {
    if (!(error instanceof TextError)) throw error;
    throw new TextError(
      `${error.message}; it is the text of the run: name the file where it is now`,
    );
  }
}

type Beginning = Pick<Plan, 'config' | 'notes'> & {
  vocabulary: Vocabulary;
  /** @param text in the ids of that vocabulary. */
  begin: (device: Device, text: EncodedText) => Promise<CharTrainer>;
};

function anew(given: Partial<TrainConfig>, { text }: Source): Beginning {
  const config = completeConfig({ ...given, steps: given.steps ?? STEPS });
  return {
    config,
    vocabulary: text.vocabulary,
    notes: [],
    begin: (device, same) => Promise.resolve(new CharTrainer(device, same, config)),
  };
}

function goingOn(
  { checkpoint, path }: NamedRun,
  given: Partial<TrainConfig>,
  source: Source,
): Beginning {
  const { header } = checkpoint;
  const { step } = header.progress;
  const steps = given.steps ?? header.config.steps ?? STEPS;
  const changes = { ...given, steps };
  const config = changedConfig(header.config, changes);
  try {
    checkSameText(source.text, header);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    throw new CheckpointError(
      `${source.name} differs from the text that the run was trained on (${header.text.source}); give that ` +
        `one to go on, or start a new run from its weights: ${typed('train', quoted(source.name), '--init-from', quoted(path))}`,
    );
  }
  if (step >= steps) {
    throw new ArgumentError(`the run stands at step ${step}; give --steps above that to go on`);
  }
  if (config.lr > 0 && makeSchedule(config)(step) === 0) {
    const { schedule } = config;
    throw new ArgumentError(
      `the ${schedule} schedule has ended: its rate at step ${step} is 0; give --schedule-steps above that, ` +
        `or --schedule ${schedule} alone, which then follows the length of the run`,
    );
  }
  return {
    config,
    vocabulary: Vocabulary.fromJSON(header.vocabulary),
    notes: [
      `goes on from step ${grouped(step)} of ${path}`,
      ...stretched(header.config, config, step),
    ],
    begin: (device, text) => Promise.resolve(resumeTraining(device, text, checkpoint, changes)),
  };
}

/** What is to be told of a schedule that follows the length of the run, where that has changed. */
function stretched(before: TrainConfig, config: TrainConfig, step: number): string[] {
  const { schedule, scheduleSteps, steps } = config;
  const follows = schedule !== 'constant' && scheduleSteps === null;
  if (!follows || schedule !== before.schedule || steps === before.steps) return [];
  const rate = (of: TrainConfig, at: number): number =>
    significant(of.lr * makeSchedule(of)(Math.max(0, at)), 3);
  const [from, to] = [rate(before, step - 1), rate(config, step)];
  return [
    `the ${schedule} schedule now runs to step ${grouped(steps!)}: the rate goes from ${from} to ${to}`,
  ];
}

function withWeights(
  { checkpoint, path }: NamedRun,
  given: Partial<TrainConfig>,
  { text }: Source,
): Beginning {
  const { header } = checkpoint;
  const steps = given.steps ?? header.config.steps ?? STEPS;
  const config = warmStartConfig(header, { ...given, steps });
  const { vocabulary, added } = grownVocabulary(header, text);
  const from = `begins with the weights of ${path} (step ${grouped(header.progress.step)})`;
  const characters = `${added.length} new character${added.length === 1 ? '' : 's'}`;
  return {
    config,
    vocabulary,
    notes: [added.length > 0 ? `${from}; ${characters}: ${listed(added)}` : from],
    begin: async (device, same) =>
      (await initFromCheckpoint(device, same, checkpoint, config)).trainer,
  };
}

/** Characters for a line: the first ones, and what prints as nothing escaped. */
function listed(characters: readonly string[]): string {
  const some = characters.slice(0, MAX_SHOWN_CHARACTERS).map(visibleCharacter);
  return [...some, ...(characters.length > MAX_SHOWN_CHARACTERS ? ['...'] : [])].join(' ');
}

const MAX_SHOWN_CHARACTERS = 20;

/**
 * The folder in which a run goes on by itself. Only its last checkpoint means it: whatever else goes on
 * would write over that one.
 */
function ownFolder({ path, folder }: NamedRun): string | undefined {
  return basename(path) === FILE ? folder : undefined;
}

function historyOf({ checkpoint, folder }: NamedRun): History | undefined {
  return folder === undefined ? undefined : { folder, step: checkpoint.header.progress.step };
}

/** @throws ArgumentError when a folder holds what would be written over. */
async function checkOut(out: string, own: string | undefined): Promise<void> {
  const elsewhere = own === undefined || resolve(out) !== resolve(own);
  if (elsewhere && holdsCheckpoint(out)) {
    throw new ArgumentError(
      `${out} holds a checkpoint; go on with --resume ${out}, or choose another --out`,
    );
  }
  await checkFree(out);
}
