import type { Device } from '../tensor/device';
import type { Best, TrainEvent } from '../train/loop';
import { rounded } from './numbers';
import { reportLine } from './report_line';
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

  /** @param best of a run that goes on, its lowest held-out loss so far. */
  constructor(device: Device, best?: Best) {
    this.#device = device;
    this.#bestValLoss = best && rounded(best.loss, 6);
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
    const line = reportLine(event);
    this.#loss = line.loss;
    if (line.valLoss !== undefined) this.#valLoss = line.valLoss;
    if (event.improved) this.#bestValLoss = line.valLoss;
    printJson({
      ...line,
      device: this.#device.kind,
      firstStepSeconds: this.#firstStep && rounded(this.#firstStep, 3),
    });
    this.#firstStep = undefined;
  }

  stopping(): void {}

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
