import type { CompileProgress } from '../backend/backend';
import type { CharTrainer } from './char_trainer';
import { sampleText } from './sampling';
import type { SampleOptions } from './sampling';
import type { Report } from './progress';

export interface LoopOptions {
  /** Steps in all, those done before included. */
  steps: number;
  /** Report every so many steps. */
  logEvery: number;
  /** Evaluate on the held-out text every so many steps; 0 never. */
  evalEvery: number;
  /** Draw a sample every so many steps, and before the first; 0 never. */
  sampleEvery: number;
  sample: SampleOptions;
  /** Hears of the shaders that the first step waits for. */
  onCompile?: CompileProgress;
}

/** What happens in training, in order. */
export type TrainEvent =
  /** The first step of this run is done, so many seconds after it was begun: compiling included. */
  | { kind: 'started'; step: number; seconds: number }
  | { kind: 'step'; step: number }
  | (Report & { kind: 'report'; valLoss?: number; charactersPerSecond: number })
  | { kind: 'sample'; step: number; text: string };

/**
 * Trains until `steps` are done. Whoever consumes the events holds the reins: training goes on
 * only while they are taken, and stops with the consumer's loop.
 */
export async function* train(
  trainer: CharTrainer,
  { steps, logEvery, evalEvery, sampleEvery, sample, onCompile }: LoopOptions,
): AsyncGenerator<TrainEvent, void> {
  const draw = async (): Promise<TrainEvent> => ({
    kind: 'sample',
    step: trainer.step,
    text: await sampleText(trainer.model, trainer.vocabulary, sample),
  });
  const due = (every: number): boolean => every > 0 && trainer.step % every === 0;

  if (sampleEvery > 0 && trainer.step === 0) yield await draw();
  let reported = trainer.step;
  let seconds = 0;
  let started = false;
  while (trainer.step < steps) {
    const begin = performance.now();
    await trainer.trainStep(onCompile);
    if (!started) {
      started = true;
      await trainer.device.finish();
      yield { kind: 'started', step: trainer.step, seconds: (performance.now() - begin) / 1000 };
    }
    const last = trainer.step >= steps;
    const evaluates = trainer.canEvaluate && evalEvery > 0 && (due(evalEvery) || last);
    const reports = due(logEvery) || evaluates || last;
    const report = reports ? await trainer.report() : null;
    seconds += (performance.now() - begin) / 1000;
    yield { kind: 'step', step: trainer.step };
    if (report) {
      const characters = (trainer.step - reported) * trainer.charactersPerStep;
      yield {
        kind: 'report',
        ...report,
        ...(evaluates ? { valLoss: await trainer.evaluate() } : {}),
        charactersPerSecond: characters / seconds,
      };
      reported = trainer.step;
      seconds = 0;
    }
    if (due(sampleEvery)) yield await draw();
  }
}
