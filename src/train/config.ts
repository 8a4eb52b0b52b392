import { ArgumentError } from '../errors';
import { ARITHMETICS } from '../ops/arithmetic';
import type { Arithmetic } from '../ops/arithmetic';
import { STORAGE_FORMATS } from '../ops/storage';
import type { StorageFormat } from '../ops/storage';

export const CELLS = ['rnn', 'lstm', 'gru'] as const;
export type CellName = (typeof CELLS)[number];

export const OPTIMIZERS = ['sgd', 'adagrad', 'rmsprop', 'adam', 'adamw'] as const;
export type OptimizerName = (typeof OPTIMIZERS)[number];

export const SCHEDULES = ['constant', 'cosine', 'step', 'exponential'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

/** The shape of a character model. */
export interface ModelConfig {
  cell: CellName;
  /** Units of each recurrent layer. */
  hidden: number;
  layers: number;
  /** Width of the embedding; 0 feeds one-hot vectors instead. */
  embedding: number;
  /** Probability, between layers and before the output. */
  dropout: number;
  /** How recurrent weights start. */
  recurrentInit: 'uniform' | 'orthogonal';
  /** Forget-gate bias at first, for the LSTM; null leaves it random. */
  forgetBias: number | null;
  /** Of the recurrent weights that a step reads, and of what is kept for the gradient. */
  storage: StorageFormat;
  /** Of the recurrent layers' products. Another may be chosen when training goes on. */
  arithmetic: Arithmetic;
}

/** Everything that decides how a character model is trained. */
export interface TrainConfig extends ModelConfig {
  /** Streams side by side. */
  batch: number;
  /** Characters per stream and step: the depth of truncated back-propagation. */
  seq: number;
  optimizer: OptimizerName;
  lr: number;
  schedule: ScheduleName;
  /** Steps over which a cosine falls; steps between the drops of `step`. */
  scheduleSteps: number;
  /** Factor of `step` and `exponential`. */
  gamma: number;
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
  storage: 'f32',
  arithmetic: 'f32',
  batch: 32,
  seq: 50,
  optimizer: 'adam',
  lr: 0.002,
  schedule: 'constant',
  scheduleSteps: 1000,
  gamma: 0.5,
  warmup: 0,
  clip: 5,
  clipValue: 0,
  validFraction: 0.1,
  seed: 1,
};

const INTEGERS: Partial<Record<keyof TrainConfig, readonly [number, number]>> = {
  hidden: [1, 2 ** 16],
  layers: [1, 1000],
  embedding: [0, 2 ** 16],
  batch: [1, 2 ** 20],
  seq: [1, 2 ** 20],
  scheduleSteps: [1, Number.MAX_SAFE_INTEGER],
  warmup: [0, Number.MAX_SAFE_INTEGER],
  seed: [0, 2 ** 32 - 1],
};

const RANGES: Partial<Record<keyof TrainConfig, readonly [number, number]>> = {
  dropout: [0, 1],
  lr: [0, Infinity],
  gamma: [0, Infinity],
  clip: [0, Infinity],
  clipValue: [0, Infinity],
  validFraction: [0, 0.9],
};

const CHOICES: Partial<Record<keyof TrainConfig, readonly string[]>> = {
  cell: CELLS,
  optimizer: OPTIMIZERS,
  schedule: SCHEDULES,
  recurrentInit: ['uniform', 'orthogonal'],
  storage: STORAGE_FORMATS,
  arithmetic: ARITHMETICS,
};

/**
 * `config` with the defaults for what it leaves out.
 *
 * @throws ArgumentError naming the setting, its value and its range.
 */
export function completeConfig(config: Partial<TrainConfig>): TrainConfig {
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
  if (complete.forgetBias !== null) {
    checkNumber('forgetBias', complete.forgetBias, [-Infinity, Infinity], false);
  }
  return complete;
}

function checkNumber(
  name: string,
  value: unknown,
  [low, high]: readonly [number, number],
  integer: boolean,
): void {
  const fits = Number.isFinite(value) && (value as number) >= low && (value as number) <= high;
  if (fits && (!integer || Number.isInteger(value))) return;
  const from = low === -Infinity ? '' : ` from ${low}`;
  const to = high === Infinity ? '' : ` to ${high}`;
  const kind = integer ? 'an integer' : 'a finite number';
  throw new ArgumentError(`${name} = ${String(value)}; ${kind}${from}${to} is needed`);
}
