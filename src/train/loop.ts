import type { CompileProgress } from '../backend/backend';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import type { CharTrainer } from './char_trainer';
import { checkPatience } from './fit';
import type { FitEvent, StartedEvent, StepEvent } from './fit';
import { checkSample } from './sample_options';
import type { SampleOptions } from './sample_options';
import { sampleText } from './sampling';
import type { Report } from './progress';

/** What `train` takes. */
export interface LoopOptions {
  /** Steps in all, those done before included; left out, as the configuration has it. */
  steps?: number;
  /** Report every so many steps. */
  logEvery: number;
  /** Evaluate on the held-out text every so many steps, and at the end; 0 never. */
  evalEvery: number;
  /** Draw a sample every so many steps, and before the first; 0 never. */
  sampleEvery: number;
  /** How samples are drawn. */
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
  /** The step after which it was measured. */
  step: number;
  /** In nats per character. */
  loss: number;
}

/** What the steps since the last report came to, as `train` tells it. */
export interface TrainReport extends Report {
  /** Which `TrainEvent` it is. */
  kind: 'report';
  /** The loss on the held-out text, in nats per character, where it was measured. */
  valLoss?: number;
  /** Whether that is the lowest so far, where it was measured. */
  improved?: boolean;
  /** Training alone: what evaluation and samples take does not count. */
  charactersPerSecond: number;
}

/** What happens in training, in order. */
export type TrainEvent =
  | StartedEvent
  | TrainReport
  /** Text that the model writes as it is now. */
  | {
      kind: 'sample';
      /** Steps done in all. */
      step: number;
      /** Without the prime. */
      text: string;
    }
  | StepEvent
  /** Training ends: the held-out loss has not fallen for `patience` evaluations. */
  | {
      kind: 'stalled';
      /** Steps done in all. */
      step: number;
      /** The evaluations in a row without a lower loss. */
      patience: number;
      /** What none of them was lower than. */
      best: Best;
    };

/**
 * Trains until `steps` are done, or `patience` is at its end: `fit` with samples between, in characters. Whoever
 * consumes the events holds the reins: training goes on only while they are taken, and stops with the
 * consumer's loop.
 *
 * @throws ArgumentError for `patience` where nothing is evaluated, or an unknown option.
 * @throws NonFiniteError when no held-out loss was finite in `patience` evaluations.
 * @example
 * ```ts
 * import { openDevice } from 'lethe';
 * import { CharTrainer, train } from 'lethe/train';
 *
 * const text = 'the river ran to the sea, and the sea ran to the shore. '.repeat(40);
 * const device = await openDevice('auto');
 * const trainer = new CharTrainer(device, text, { hidden: 32, batch: 4, seq: 16 });
 * const options = { steps: 20, logEvery: 20, evalEvery: 0, sampleEvery: 0, sample: {} };
 * for await (const event of train(trainer, options)) {
 *   if (event.kind === 'report') console.log(event.step, event.loss < 4); // 20 true
 * }
 * ```
 */
export async function* train(
  trainer: CharTrainer,
  options: LoopOptions,
): AsyncGenerator<TrainEvent, void> {
  checkOptions('train', options, LOOP_OPTIONS);
  const { logEvery, evalEvery, sampleEvery, sample, patience = 0, best, onCompile } = options;
  const steps = options.steps ?? trainer.config.steps ?? Infinity;
  checkPatience({ patience, evalEvery }, trainer.canEvaluate);
  if (sampleEvery > 0) checkSample(trainer.vocabulary, sample);
  const draw = async (): Promise<TrainEvent> => ({
    kind: 'sample',
    step: trainer.step,
    text: await sampleText(trainer.model, trainer.vocabulary, sample),
  });
  if (sampleEvery > 0 && trainer.step === 0) yield await draw();
  const events = trainer.fit({
    ...{ steps, logEvery, evalEvery, patience, onCompile, keepBest: false },
    ...(best && { best: { step: best.step, value: best.loss } }),
  });
  for await (const event of events) {
    const samples = event.kind === 'step' && sampleEvery > 0 && event.step % sampleEvery === 0;
    if (samples) yield await draw();
    yield inCharacters(event, trainer.charactersPerStep);
  }
}

function inCharacters(event: FitEvent, charactersPerStep: number): TrainEvent {
  switch (event.kind) {
    case 'report': {
      const { metrics, stepsPerSecond, ...report } = event;
      const charactersPerSecond = stepsPerSecond * charactersPerStep;
      return { ...report, charactersPerSecond, ...(metrics && { valLoss: metrics.loss }) };
    }
    case 'stalled':
      return { ...event, best: { step: event.best.step, loss: event.best.value } };
    case 'aborted':
      // Without a signal nothing aborts.
      return { kind: 'step', step: event.step };
    default:
      return event;
  }
}
