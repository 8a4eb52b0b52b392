import { ArgumentError, NonFiniteError } from '../errors';
import type { CompileProgress } from '../backend/backend';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { CharTrainer } from './char_trainer';
import { checkSample } from './sample_options';
import type { SampleOptions } from './sample_options';
import { sampleText } from './sampling';
import { REMEDY } from './progress';
import type { Report } from './progress';

export interface LoopOptions {
  /** Steps in all, those done before included; left out, as the configuration has it. */
  steps?: number;
  /** Report every so many steps. */
  logEvery: number;
  /** Evaluate on the held-out text every so many steps, and at the end; 0 never. */
  evalEvery: number;
  /** Draw a sample every so many steps, and before the first; 0 never. */
  sampleEvery: number;
  sample: SampleOptions;
  /** Ends after so many evaluations in a row without a lower held-out loss; 0 or left out never. */
  patience?: number;
  /** The lowest held-out loss of earlier, where training goes on. */
  best?: Best;
  /** Hears of the shaders that the first step waits for. */
  onCompile?: CompileProgress;
}

const LOOP_OPTIONS: OptionNames<LoopOptions> = {
  steps: true,
  logEvery: true,
  evalEvery: true,
  sampleEvery: true,
  sample: true,
  patience: true,
  best: true,
  onCompile: true,
};

/** The lowest held-out loss of a run. */
export interface Best {
  step: number;
  /** In nats per character. */
  loss: number;
}

/** What happens in training, in order. */
export type TrainEvent =
  /** The first step of this run is done, so many seconds after it was begun: compiling included. */
  | { kind: 'started'; step: number; seconds: number }
  /** With `valLoss` where it was measured; `improved` where that is the lowest so far. */
  | (Report & {
      kind: 'report';
      valLoss?: number;
      improved?: boolean;
      charactersPerSecond: number;
    })
  | { kind: 'sample'; step: number; text: string }
  /** A step is over, and everything that came with it was told. */
  | { kind: 'step'; step: number }
  /** Training ends: the held-out loss has not fallen for `patience` evaluations. */
  | { kind: 'stalled'; step: number; patience: number; best: Best };

/**
 * Trains until `steps` are done, or `patience` is at its end. Whoever consumes the events holds the
 * reins: training goes on only while they are taken, and stops with the consumer's loop.
 *
 * @throws ArgumentError for `patience` where nothing is evaluated, or an unknown option.
 * @throws NonFiniteError when no held-out loss was finite in `patience` evaluations.
 */
export async function* train(
  trainer: CharTrainer,
  options: LoopOptions,
): AsyncGenerator<TrainEvent, void> {
  checkOptions('train', options, LOOP_OPTIONS);
  const { logEvery, evalEvery, sampleEvery, sample, patience = 0, onCompile } = options;
  const steps = options.steps ?? trainer.config.steps ?? Infinity;
  checkPatience(options, trainer.canEvaluate);
  if (sampleEvery > 0) checkSample(trainer.vocabulary, sample);
  const draw = async (): Promise<TrainEvent> => ({
    kind: 'sample',
    step: trainer.step,
    text: await sampleText(trainer.model, trainer.vocabulary, sample),
  });
  const due = (every: number): boolean => every > 0 && trainer.step % every === 0;

  if (sampleEvery > 0 && trainer.step === 0) yield await draw();
  let best = options.best;
  let worse = 0;
  let reported = trainer.step;
  let seconds = 0;
  let started = false;
  while (trainer.step < steps) {
    const begin = performance.now();
    await trainer.trainStep(onCompile);
    const { step } = trainer;
    if (!started) {
      started = true;
      await trainer.device.finish();
      yield { kind: 'started', step, seconds: (performance.now() - begin) / 1000 };
    }
    const last = step >= steps;
    const evaluates = trainer.canEvaluate && evalEvery > 0 && (due(evalEvery) || last);
    const reports = due(logEvery) || evaluates || last;
    const report = reports ? await trainer.report() : null;
    seconds += (performance.now() - begin) / 1000;
    if (report) {
      const charactersPerSecond = ((step - reported) * trainer.charactersPerStep) / seconds;
      const event: TrainEvent = { kind: 'report', ...report, charactersPerSecond };
      if (evaluates) {
        const valLoss = await trainer.evaluate();
        // NaN and Infinity are no loss to compare with: nothing would improve on a NaN.
        const improved = Number.isFinite(valLoss) && (!best || valLoss < best.loss);
        if (improved) best = { step, loss: valLoss };
        worse = improved ? 0 : worse + 1;
        Object.assign(event, { valLoss, improved });
      }
      yield event;
      reported = step;
      seconds = 0;
    }
    if (due(sampleEvery)) yield await draw();
    yield { kind: 'step', step };
    if (patience > 0 && worse >= patience) {
      if (!best) {
        throw new NonFiniteError(
          `the held-out loss was not finite in ${patience} evaluations, nor before; ` + REMEDY,
        );
      }
      yield { kind: 'stalled', step, patience, best };
      return;
    }
  }
}

/** @throws ArgumentError for `patience` where nothing is evaluated. */
export function checkPatience(
  { patience = 0, evalEvery }: Pick<LoopOptions, 'patience' | 'evalEvery'>,
  canEvaluate: boolean,
): void {
  if (!Number.isSafeInteger(patience) || patience < 0) {
    throw new ArgumentError(`patience = ${describeValue(patience)}; an integer from 0 is needed`);
  }
  if (patience === 0 || (evalEvery > 0 && canEvaluate)) return;
  const missing = evalEvery > 0 ? 'no text is held out' : `evalEvery is ${evalEvery}`;
  throw new ArgumentError(
    `patience = ${patience}; it counts evaluations on held-out text, and ${missing}: give 0 for none`,
  );
}
