import { ArgumentError } from '../errors';
import { CELL_FACTS } from '../nn/cells/facts';
import type { CellName } from '../nn/cells/registry';
import { checkOptions } from '../options';

export type { CellName } from '../nn/cells/registry';

/** The cells of the registry, by name. */
export const CELL_NAMES = Object.keys(CELL_FACTS) as readonly CellName[];

/** The optimisers of character models, by name. */
export const OPTIMIZERS = ['sgd', 'adagrad', 'rmsprop', 'adam', 'adamw'] as const;
/** One of `OPTIMIZERS`. */
export type OptimizerName = (typeof OPTIMIZERS)[number];

/** The schedules of character models, by name. */
export const SCHEDULES = ['constant', 'cosine', 'step', 'exponential'] as const;
/** One of `SCHEDULES`. */
export type ScheduleName = (typeof SCHEDULES)[number];

/** The shape of a character model. */
export interface ModelConfig {
  /** The recurrent cell, a key of `CELLS`. */
  cell: CellName;
  /** Units of each recurrent layer. */
  hidden: number;
  /** Recurrent layers, from 1. */
  layers: number;
  /** Width of the embedding; 0 feeds one-hot vectors instead. */
  embedding: number;
  /** Probability, between layers and before the output. */
  dropout: number;
  /** How recurrent weights start. */
  recurrentInit: 'uniform' | 'orthogonal';
  /**
   * Bias of a gate f at first; null leaves it as the cell starts it. For a cell without that gate, `CharTrainer` refuses
   * any other value; a `CharModel` makes nothing of it.
   */
  forgetBias: number | null;
}

/** Everything that decides how a character model is trained. */
export interface TrainConfig extends ModelConfig {
  /** Length of the run, in steps; null for one that goes on until it is stopped. */
  steps: number | null;
  /** Streams side by side. */
  batch: number;
  /** Characters per stream and step: the depth of truncated back-propagation. */
  seq: number;
  /** The update rule, one of `OPTIMIZERS`. */
  optimizer: OptimizerName;
  /** The learning rate before the schedule, from 0. */
  lr: number;
  /** How the learning rate goes over the run, one of `SCHEDULES`. */
  schedule: ScheduleName;
  /**
   * Steps over which a cosine falls to zero, where it stays, and `exponential` to a hundredth; steps
   * between the drops of `step`. Null follows `steps`: what comes after the warm-up for the first two,
   * a quarter of it for `step`.
   */
  scheduleSteps: number | null;
  /**
   * Factor of each drop of `step`, null for 0.5; factor of each step of `exponential`, null for what
   * comes to a hundredth after `scheduleSteps`.
   */
  gamma: number | null;
  /** Steps of linear warm-up before the schedule. */
  warmup: number;
  /** Largest gradient norm; 0 for no limit. */
  clip: number;
  /** Largest gradient element, applied before `clip`; 0 for no limit. */
  clipValue: number;
  /** Share of the text, at its end, that is held out. */
  validFraction: number;
  /** From 0 to 2^32 - 1: weights, dropout and samples follow from it. */
  seed: number;
}

/** Sensible for a text of some hundred thousand characters. */
export const DEFAULTS: Readonly<TrainConfig> = {
  cell: 'lstm',
  hidden: 128,
  layers: 1,
  embedding: 128,
  dropout: 0,
  recurrentInit: 'uniform',
  forgetBias: null,
  steps: null,
  batch: 32,
  seq: 50,
  optimizer: 'adam',
  lr: 0.002,
  schedule: 'constant',
  scheduleSteps: null,
  gamma: null,
  warmup: 0,
  clip: 5,
  clipValue: 0,
  validFraction: 0.1,
  seed: 1,
};

/** The settings that may change when a run goes on; others make another model, or other data. */
export const CHANGEABLE = [
  'steps',
  'lr',
  'schedule',
  'scheduleSteps',
  'gamma',
  'warmup',
  'clip',
  'clipValue',
  'dropout',
] as const satisfies readonly (keyof TrainConfig)[];
/** One of `CHANGEABLE`. */
export type ChangeableName = (typeof CHANGEABLE)[number];

const INTEGERS: Partial<Record<keyof TrainConfig, readonly [number, number]>> = {
  hidden: [1, 2 ** 16],
  layers: [1, 1000],
  embedding: [0, 2 ** 16],
  batch: [1, 2 ** 20],
  seq: [1, 2 ** 20],
  steps: [1, Number.MAX_SAFE_INTEGER],
  scheduleSteps: [1, Number.MAX_SAFE_INTEGER],
  warmup: [0, Number.MAX_SAFE_INTEGER],
  seed: [0, 2 ** 32 - 1],
};

const RANGES: Partial<Record<keyof TrainConfig, readonly [number, number]>> = {
  dropout: [0, 1],
  forgetBias: [-Infinity, Infinity],
  lr: [0, Infinity],
  gamma: [0, Infinity],
  clip: [0, Infinity],
  clipValue: [0, Infinity],
  validFraction: [0, 0.9],
};

/** May be null. */
const NULLABLE: readonly string[] = ['steps', 'scheduleSteps', 'gamma', 'forgetBias'];

const CHOICES: Partial<Record<keyof TrainConfig, readonly string[]>> = {
  cell: CELL_NAMES,
  optimizer: OPTIMIZERS,
  schedule: SCHEDULES,
  recurrentInit: ['uniform', 'orthogonal'],
};

/** Of a forget bias that may have been set for another cell: what this one takes; null where it has no gate f. */
export function forgetBiasOf(cell: CellName, forgetBias: number | null): number | null {
  return CELL_FACTS[cell].forgets ? forgetBias : null;
}

/**
 * `config` with the defaults for what it leaves out.
 *
 * @throws ArgumentError naming the setting, its value and its range; or one that there is not.
 */
export function completeConfig(config: Partial<TrainConfig>): TrainConfig {
  checkOptions('config', config, DEFAULTS);
  const complete = { ...DEFAULTS, ...config };
  for (const [name, range] of Object.entries(INTEGERS)) {
    checkNumber(name, complete[name as keyof TrainConfig], range, true);
  }
  for (const [name, range] of Object.entries(RANGES)) {
    checkNumber(name, complete[name as keyof TrainConfig], range, false);
  }
  for (const [name, choices] of Object.entries(CHOICES)) {
    const value = complete[name as keyof TrainConfig];
    if (choices.includes(value as string)) continue;
    throw new ArgumentError(`${name} = ${String(value)}; choose one of ${choices.join(', ')}`);
  }
  const { cell, forgetBias, schedule, steps, scheduleSteps, gamma } = complete;
  // Those who ask for a bias would believe that the model has it.
  if (forgetBias !== null && !CELL_FACTS[cell].forgets) {
    throw new ArgumentError(
      `forgetBias = ${forgetBias}; ${cell} has no gate f for it: leave it out, or choose one of ` +
        CELL_NAMES.filter((name) => CELL_FACTS[name].forgets).join(', '),
    );
  }
  const length = scheduleSteps ?? steps ?? (schedule === 'exponential' ? gamma : null);
  if (schedule !== 'constant' && length === null) {
    throw new ArgumentError(
      `schedule = ${schedule}; it follows the length of the run: give steps, or scheduleSteps`,
    );
  }
  return complete;
}

/** Of earlier versions. A model is the same without them. */
const FORMER: readonly string[] = ['storage', 'arithmetic'];

/** Settings as a file has them, without those that there are no more. */
export function withoutFormer<T extends object>(settings: T): T {
  return Object.fromEntries(
    Object.entries(settings).filter(([name]) => !FORMER.includes(name)),
  ) as T;
}

/**
 * Settings with others over them. Where `changes` name a schedule, `scheduleSteps` and `gamma` are theirs
 * too: left out, they follow the length of the run again.
 */
export function overlaid<T extends Partial<TrainConfig>>(
  config: T,
  changes: Partial<TrainConfig>,
): T {
  const follow = changes.schedule === undefined ? {} : { scheduleSteps: null, gamma: null };
  return { ...config, ...follow, ...changes };
}

/**
 * The settings of a run that goes on with some of them changed. A schedule that is named anew begins
 * without the `scheduleSteps` and `gamma` of before.
 *
 * @throws ArgumentError naming a setting that is not in `CHANGEABLE`, or is out of range.
 */
export function changedConfig(config: TrainConfig, changes: Partial<TrainConfig>): TrainConfig {
  checkOptions('config', changes, DEFAULTS);
  for (const [name, value] of Object.entries(changes)) {
    const before = config[name as keyof TrainConfig];
    if (value === before || (CHANGEABLE as readonly string[]).includes(name)) continue;
    throw new ArgumentError(
      `${name} = ${String(value)}; the run was begun with ${String(before)}, which cannot change when ` +
        `it goes on (${CHANGEABLE.join(', ')} can): leave it out, or start a new run`,
    );
  }
  return completeConfig(overlaid(config, changes));
}

function checkNumber(
  name: string,
  value: unknown,
  [low, high]: readonly [number, number],
  integer: boolean,
): void {
  if (value === null && NULLABLE.includes(name)) return;
  const fits = Number.isFinite(value) && (value as number) >= low && (value as number) <= high;
  if (fits && (!integer || Number.isInteger(value))) return;
  const from = low === -Infinity ? '' : ` from ${low}`;
  const to = high === Infinity ? '' : ` to ${high}`;
  const kind = integer ? 'an integer' : 'a finite number';
  const given = typeof value === 'string' ? JSON.stringify(value) : String(value);
  throw new ArgumentError(`${name} = ${given}; ${kind}${from}${to} is needed`);
}
