import type { Device } from '../tensor/device';
import type { TrainEvent } from '../train/loop';
import { rounded, significant } from './numbers';
import type { Reporter } from './reporter';
import { printJson } from './terminal';

type ReportEvent = TrainEvent & { kind: 'report' };

/** One JSON object a line; the last has `done`, and the final figures. */
export class JsonReporter implements Reporter {
  readonly #device: Device;
  /** Seconds until the first step was done, until a line has told them. */
  #firstStep: number | undefined;
  #step = 0;
  #loss: number | undefined;
  #valLoss: number | undefined;
  #bestValLoss: number | undefined;

  constructor(device: Device) {
    this.#device = device;
  }

  start(): void {}

  compiling(): void {}

  event(event: TrainEvent): void {
    this.#step = event.step;
    if (event.kind === 'started') this.#firstStep = event.seconds;
    if (event.kind === 'sample') printJson({ step: event.step, sample: event.text });
    if (event.kind === 'stalled') {
      const { step, best } = event;
      const bestValLoss = rounded(best.loss, 6);
      printJson({ step, stalled: true, bestStep: best.step, bestValLoss });
    }
    if (event.kind === 'report') this.#report(event);
  }

  #report(event: ReportEvent): void {
    const { step, epoch, loss, valLoss, lr, gradNorm, charactersPerSecond, skipped } = event;
    this.#loss = rounded(loss, 6);
    if (valLoss !== undefined) {
      this.#valLoss = rounded(valLoss, 6);
      this.#bestValLoss = Math.min(this.#valLoss, this.#bestValLoss ?? Infinity);
    }
    printJson({
      step,
      epoch: rounded(epoch, 4),
      loss: this.#loss,
      valLoss: valLoss === undefined ? undefined : this.#valLoss,
      lr: significant(lr, 6),
      gradNorm: significant(gradNorm, 6),
      charsPerSecond: Math.round(charactersPerSecond),
      skipped: skipped > 0 ? skipped : undefined,
      device: this.#device.kind,
      firstStepSeconds: this.#firstStep && rounded(this.#firstStep, 3),
    });
    this.#firstStep = undefined;
  }

  stop(): void {}

  done(run: string, stopped: boolean): void {
    printJson({
      done: true,
      stopped,
      step: this.#step,
      loss: this.#loss,
      valLoss: this.#valLoss,
      bestValLoss: this.#bestValLoss,
      run,
    });
  }
}
