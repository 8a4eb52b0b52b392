import type { CompileProgress } from '../backend/backend';
import { ArgumentError, NonFiniteError } from '../errors';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { Device } from '../tensor/device';
import type { KeptMetric } from './best_parameters';
import { REMEDY } from './progress';
import type { Report } from './progress';
import type { Metrics } from './task';

/** What `Trainer.fit` takes. */
export interface FitOptions {
  /** Passes over the data in all, those done before included. */
  epochs?: number;
  /** Steps in all, those done before included; `epochs` or this is needed for an end. */
  steps?: number;
  /** Report every so many steps; left out, once an epoch. */
  logEvery?: number;
  /** Evaluate every so many steps, and at the end; 0 never. Left out, once an epoch. */
  evalEvery?: number;
  /** The figure of `evaluate` that tells which model is the best; `loss` when left out. */
  monitor?: string;
  /** Whether the best is the smallest or the largest of them; the smallest when left out. */
  mode?: 'min' | 'max';
  /** Ends after so many evaluations in a row without a better one; 0 or left out never. */
  patience?: number;
  /** The best of earlier, where training goes on. */
  best?: BestMetric;
  /** Whether the trainer keeps the best parameters, for `restoreBest`; true when left out. */
  keepBest?: boolean;
  /** Ends it after the step under way. */
  signal?: AbortSignal;
  /** Hears of the shaders that the first step waits for. */
  onCompile?: CompileProgress;
}

const FIT_OPTIONS: OptionNames<FitOptions> = {
  epochs: true,
  steps: true,
  logEvery: true,
  evalEvery: true,
  monitor: true,
  mode: true,
  patience: true,
  best: true,
  keepBest: 'boolean',
  signal: true,
  onCompile: true,
};

/** The best figure of a run, and the step that it is of. */
export interface BestMetric {
  /** The step after which it was measured. */
  step: number;
  /** The figure itself. */
  value: number;
}

/** What the steps since the last report came to, as `Trainer.fit` tells it. */
export interface FitReport extends Report {
  /** Which `FitEvent` it is. */
  kind: 'report';
  /** The figures of `evaluate`, where they were measured. */
  metrics?: Metrics;
  /** Whether the monitored figure is the best so far, where it was measured. */
  improved?: boolean;
  /** Training alone: what evaluation takes does not count. */
  stepsPerSecond: number;
}

/** The first step of a run is done. */
export interface StartedEvent {
  /** Which event it is. */
  kind: 'started';
  /** Steps done in all. */
  step: number;
  /** What the step took, compiling included. */
  seconds: number;
}

/** A step is over, and everything that came with it was told. */
export interface StepEvent {
  /** Which event it is. */
  kind: 'step';
  /** Steps done in all. */
  step: number;
}

/** What happens in training, in order. */
export type FitEvent =
  | StartedEvent
  | FitReport
  | StepEvent
  /** Training ends: the monitored figure has not improved for `patience` evaluations. */
  | {
      kind: 'stalled';
      /** Steps done in all. */
      step: number;
      /** The evaluations in a row without a better one. */
      patience: number;
      /** What none of them was better than. */
      best: BestMetric;
    }
  /** Training ends by the signal. */
  | {
      kind: 'aborted';
      /** Steps done in all. */
      step: number;
    };

/** Milliseconds of training after which timers, signals and a page have their turn. */
const TURN_MS = 50;

/** Steps on the CPU never leave the current turn of the event loop by themselves. */
const nextTurn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

/** What `fit` needs of a trainer. */
export interface Trainable {
  readonly device: Device;
  readonly step: number;
  readonly stepsPerEpoch: number;
  readonly canEvaluate: boolean;
  trainStep(onCompile?: CompileProgress): Promise<void>;
  report(): Promise<Report | null>;
  evaluate(): Promise<Metrics>;
  keepBest(metric: KeptMetric): void;
  /** What was kept last. */
  readonly best: KeptMetric | undefined;
}

/** See `Trainer.fit`. */
export async function* fit(
  trainer: Trainable,
  options: FitOptions,
): AsyncGenerator<FitEvent, void> {
  const { steps, logEvery, evalEvery } = checkFit(trainer, options);
  const { monitor = 'loss', mode = 'min', patience = 0, keepBest = true } = options;
  const { signal, onCompile } = options;
  const due = (every: number): boolean => every > 0 && trainer.step % every === 0;
  const kept = trainer.best;
  const same = kept?.monitor === monitor && kept.mode === mode;
  let best: BestMetric | undefined = options.best ?? (same ? kept : undefined);
  let worse = 0;
  let reported = trainer.step;
  let seconds = 0;
  let started = false;
  let rested = performance.now();
  /** What the steps since the last report came to; null where there were none. */
  const report = async (evaluates: boolean): Promise<FitEvent | null> => {
    const begin = performance.now();
    const { step } = trainer;
    const found = await trainer.report();
    seconds += (performance.now() - begin) / 1000;
    if (!found) return null;
    const stepsPerSecond = (step - reported) / seconds;
    const event: FitEvent = { kind: 'report', ...found, stepsPerSecond };
    if (evaluates) {
      const metrics = await trainer.evaluate();
      const value = monitored(metrics, monitor);
      // NaN and Infinity are nothing to compare with: nothing would improve on a NaN.
      const improved = Number.isFinite(value) && (!best || isBetter(value, best.value, mode));
      if (improved) best = { step, value };
      if (improved && keepBest) trainer.keepBest({ monitor, mode, step, value });
      worse = improved ? 0 : worse + 1;
      Object.assign(event, { metrics, improved });
    }
    reported = step;
    seconds = 0;
    return event;
  };
  const canEvaluate = trainer.canEvaluate && evalEvery > 0;
  while (trainer.step < steps) {
    if (signal?.aborted) {
      const event = await report(canEvaluate);
      if (event) yield event;
      yield { kind: 'aborted', step: trainer.step };
      return;
    }
    const begin = performance.now();
    await trainer.trainStep(onCompile);
    const { step } = trainer;
    if (!started) {
      started = true;
      await trainer.device.finish();
      yield { kind: 'started', step, seconds: (performance.now() - begin) / 1000 };
    }
    seconds += (performance.now() - begin) / 1000;
    const last = step >= steps;
    const evaluates = canEvaluate && (due(evalEvery) || last);
    const event = due(logEvery) || evaluates || last ? await report(evaluates) : null;
    if (event) yield event;
    yield { kind: 'step', step };
    if (performance.now() - rested > TURN_MS) {
      await nextTurn();
      rested = performance.now();
    }
    if (patience > 0 && worse >= patience) {
      if (!best) {
        throw new NonFiniteError(
          `the held-out ${monitor} was not finite in ${patience} evaluations, nor before; ` +
            REMEDY,
        );
      }
      yield { kind: 'stalled', step, patience, best };
      return;
    }
  }
}

function isBetter(value: number, best: number, mode: 'min' | 'max'): boolean {
  return mode === 'min' ? value < best : value > best;
}

function monitored(metrics: Metrics, name: string): number {
  if (Object.hasOwn(metrics, name)) return metrics[name];
  throw new ArgumentError(
    `fit: monitor = ${name}; the task's evaluate() gives ${Object.keys(metrics).join(', ') || 'nothing'}`,
  );
}

/** @throws ArgumentError for options out of range, and for `patience` where nothing is evaluated. */
function checkFit(
  trainer: Trainable,
  options: FitOptions,
): { steps: number; logEvery: number; evalEvery: number } {
  checkOptions('fit', options, FIT_OPTIONS);
  const { stepsPerEpoch, canEvaluate } = trainer;
  const { epochs = Infinity, mode = 'min' } = options;
  const { logEvery = stepsPerEpoch, evalEvery = stepsPerEpoch, patience = 0 } = options;
  const steps = Math.min(options.steps ?? Infinity, epochs * stepsPerEpoch);
  if (Number.isNaN(steps) || steps < 0) {
    throw new ArgumentError(
      `fit: epochs = ${describeValue(epochs)}, steps = ${describeValue(options.steps)}; numbers from 0 are needed`,
    );
  }
  for (const [name, every] of Object.entries({ logEvery, evalEvery })) {
    if (every >= 0) continue;
    throw new ArgumentError(
      `fit: ${name} = ${describeValue(every)}; a number of steps from 0 is needed`,
    );
  }
  if (!['min', 'max'].includes(mode)) {
    throw new ArgumentError(`fit: mode = ${describeValue(mode)}; min or max is needed`);
  }
  checkPatience({ patience, evalEvery }, canEvaluate);
  return { steps, logEvery, evalEvery };
}

/** @throws ArgumentError for `patience` where nothing is evaluated. */
export function checkPatience(
  { patience = 0, evalEvery }: { patience?: number; evalEvery: number },
  canEvaluate: boolean,
): void {
  if (!Number.isSafeInteger(patience) || patience < 0) {
    throw new ArgumentError(`patience = ${describeValue(patience)}; an integer from 0 is needed`);
  }
  if (patience === 0 || (evalEvery > 0 && canEvaluate)) return;
  const missing = evalEvery > 0 ? 'nothing is held out' : `evalEvery is ${evalEvery}`;
  throw new ArgumentError(
    `patience = ${patience}; it counts evaluations on held-out data, and ${missing}: give 0 for none`,
  );
}
