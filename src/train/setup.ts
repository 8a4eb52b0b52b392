import { ArgumentError, TextError } from '../errors';
import { describeValue } from '../options';
import type { Optimizer } from '../optim/optimizer';
import { Adagrad, Adam, AdamW, RMSprop, SGD } from '../optim/rules';
import { constant, cosine, exponentialDecay, stepDecay, warmup } from '../optim/schedule';
import type { Schedule } from '../optim/schedule';
import { splitText, Streams } from '../text/streams';
import type { StreamCursor } from '../text/streams';
import { encoded } from '../text/encoded';
import type { EncodedText } from '../text/encoded';
import { Vocabulary } from '../text/vocabulary';
import type { CharModel } from './char_model';
import type { TrainConfig } from './config';
import type { Ids } from '../text/ids';

/**
 * The streams to learn from and the ids held out; what a trainer does with a text before it needs a
 * device.
 *
 * @throws TextError for an empty text, or one shorter than one window.
 */
export function layOut(
  text: string | EncodedText,
  { batch, seq, validFraction }: TrainConfig,
  vocabulary?: Vocabulary,
  cursor?: StreamCursor,
): {
  /** To learn from. */
  streams: Streams;
  /** Held out. */
  validation: Ids;
} {
  const ids = idsOf(text, vocabulary);
  const { train, valid } = splitText(ids, validFraction);
  try {
    return { streams: new Streams(train, { batch, seq, cursor }), validation: valid };
  } catch (error) {
    if (!(error instanceof TextError) || valid.length === 0) throw error;
    throw new TextError(
      `${error.message}; of the ${ids.length} characters of the text, ${valid.length} are held out`,
    );
  }
}

function idsOf(text: string | EncodedText, vocabulary?: Vocabulary): Ids {
  if (vocabulary !== undefined && !(vocabulary instanceof Vocabulary)) {
    throw new ArgumentError(
      `vocabulary = ${describeValue(vocabulary)}; give Vocabulary.fromText(text), or leave it out`,
    );
  }
  const whole = encoded(text);
  return (vocabulary ? whole.in(vocabulary) : whole).ids;
}

/** The update rule that the settings name. */
export function makeOptimizer(model: CharModel, { optimizer, lr }: TrainConfig): Optimizer {
  const parameters = model.namedParameters();
  switch (optimizer) {
    case 'sgd':
      return new SGD(parameters, { lr, momentum: 0.9 });
    case 'adagrad':
      return new Adagrad(parameters, { lr });
    case 'rmsprop':
      return new RMSprop(parameters, { lr });
    case 'adam':
      return new Adam(parameters, { lr });
    case 'adamw':
      return new AdamW(parameters, { lr });
  }
}

/** What is left of the rate at the end of an exponential schedule whose `gamma` is not given. */
const EXPONENTIAL_END = 0.01;
/** Equal parts of a run between the drops of `step`, when `scheduleSteps` is not given. */
const STEP_PARTS = 4;
const STEP_GAMMA = 0.5;

/**
 * Steps after the warm-up in which a schedule is through where the run has no end: at zero, or at a
 * hundredth (or a hundredfold, where it grows); four drops of `step`. 1 for a rate that stays.
 *
 * @param config complete, as `completeConfig` gives it.
 */
export function scheduleEnd({ schedule, scheduleSteps, gamma }: TrainConfig): number {
  const length = scheduleSteps ?? 1;
  if (schedule === 'constant') return 1;
  if (schedule === 'step') return STEP_PARTS * length;
  if (schedule === 'cosine' || gamma === null) return length;
  const steps = Math.ceil(Math.abs(Math.log(EXPONENTIAL_END) / Math.log(gamma)));
  return Number.isFinite(steps) ? Math.max(steps, 1) : 1;
}

/**
 * The course of the learning rate that the settings name.
 *
 * @param config complete, as `completeConfig` gives it.
 */
export function makeSchedule(config: TrainConfig): Schedule {
  const { schedule, steps, warmup: before, gamma } = config;
  const left = Math.max((steps ?? 0) - before, 1);
  const length = config.scheduleSteps ?? left;
  const main = (): Schedule => {
    switch (schedule) {
      case 'constant':
        return constant;
      case 'cosine': {
        const fall = cosine(length);
        return (step) => fall(Math.min(step, length));
      }
      case 'step':
        return stepDecay(config.scheduleSteps ?? Math.ceil(left / STEP_PARTS), gamma ?? STEP_GAMMA);
      case 'exponential':
        return exponentialDecay(gamma ?? EXPONENTIAL_END ** (1 / length));
    }
  };
  return before > 0 ? warmup(before, main()) : main();
}
