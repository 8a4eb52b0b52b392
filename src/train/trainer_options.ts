import { ArgumentError } from '../errors';
import type { Module } from '../nn/module';
import { Optimizer } from '../optim/optimizer';
import type { Schedule } from '../optim/schedule';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { Generator } from '../tensor/generator';
import { checkPenalty } from './penalties';
import type { Penalty } from './penalties';

/** What `Trainer` takes besides device and task. */
export interface TrainerOptions {
  /** Of the model's parameters; its rate is the one that the schedule multiplies. */
  optimizer: Optimizer;
  /** Left out, the rate stays. */
  schedule?: Schedule;
  /** Largest norm of all gradients together; left out, no limit. */
  clipNorm?: number;
  /** Largest gradient element, applied before `clipNorm`; left out, no limit. */
  clipValue?: number;
  /** Terms of the loss that keep named parameters small. */
  penalties?: readonly Penalty[];
  /**
   * One that the loss draws from, besides those of the model's `Dropout`s: all advance once a step, so that
   * each draws anew.
   */
  generator?: Generator;
}

const TRAINER_OPTIONS: OptionNames<TrainerOptions> = {
  optimizer: true,
  schedule: true,
  clipNorm: true,
  clipValue: true,
  penalties: true,
  generator: true,
};

/** @throws ArgumentError naming what is missing, unknown or out of range. */
export function checkTrainerOptions(owner: string, options: TrainerOptions, model: Module): void {
  checkOptions(owner, options, TRAINER_OPTIONS);
  const { optimizer, clipNorm, clipValue, penalties = [] } = options;
  for (const penalty of penalties) checkPenalty(owner, model, penalty);
  if (!(optimizer instanceof Optimizer)) {
    throw new ArgumentError(
      `${owner}: optimizer = ${describeValue(optimizer)}; one of lethe/optim is needed, such as ` +
        'new Adam(model, { lr: 1e-3 })',
    );
  }
  for (const [name, value] of Object.entries({ clipNorm, clipValue })) {
    if (value === undefined || value > 0) continue;
    throw new ArgumentError(
      `${owner}: ${name} = ${describeValue(value)}; a number above 0 is needed, or leave it out`,
    );
  }
}
