import { MultiBar } from 'cli-progress';
import type { SingleBar } from 'cli-progress';

import type { Device } from '../tensor/device';
import { textStatistics } from '../text/statistics';
import type { CharTrainer } from '../train/char_trainer';
import type { TrainEvent } from '../train/loop';
import type { Source } from './files';
import { bitsPerCharacter, duration, grouped, rounded } from './numbers';

/** How training shows itself. */
export interface Reporter {
  start(): void;
  event(event: TrainEvent): void;
  /** The end of the display, whatever the reason. */
  stop(): void;
  /** The run is saved. */
  done(run: string, stopped: boolean): void;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** One JSON object a line. */
export class JsonReporter implements Reporter {
  readonly #device: Device;

  constructor(device: Device) {
    this.#device = device;
  }

  start(): void {}

  event(event: TrainEvent): void {
    if (event.kind === 'sample') print(JSON.stringify({ step: event.step, sample: event.text }));
    if (event.kind !== 'report') return;
    const { step, loss, valLoss, charactersPerSecond, skipped } = event;
    print(
      JSON.stringify({
        step,
        loss: rounded(loss, 6),
        ...(valLoss === undefined ? {} : { valLoss: rounded(valLoss, 6) }),
        charsPerSecond: Math.round(charactersPerSecond),
        ...(skipped > 0 ? { skipped } : {}),
        device: this.#device.kind,
      }),
    );
  }

  stop(): void {}

  done(): void {}
}

const BAR = ' {bar} {value}/{total}  {figures}';

/** A progress bar on a terminal, plain lines elsewhere; samples along the way. */
export class TerminalReporter implements Reporter {
  readonly #device: Device;
  readonly #trainer: CharTrainer;
  readonly #source: Source;
  readonly #run: string;
  readonly #steps: number;
  #bars: MultiBar | undefined;
  #bar: SingleBar | undefined;
  #figures = 'compiling';

  constructor(device: Device, trainer: CharTrainer, source: Source, run: string, steps: number) {
    this.#device = device;
    this.#trainer = trainer;
    this.#source = source;
    this.#run = run;
    this.#steps = steps;
  }

  start(): void {
    const { config, model, stepsPerEpoch } = this.#trainer;
    const text = textStatistics(this.#source.text);
    const layers = `${config.layers} layer${config.layers === 1 ? '' : 's'} of ${config.hidden}`;
    print(
      `text    ${this.#source.name}: ${grouped(text.characters)} characters, ${text.distinct} distinct`,
    );
    print(`model   ${config.cell}, ${layers}, ${grouped(model.parameterCount())} parameters`);
    print(
      `batch   ${config.batch} streams x ${config.seq} characters, ${grouped(stepsPerEpoch)} steps an epoch`,
    );
    print(`device  ${this.#device.description} (${this.#device.reason})`);
    print(`run     ${this.#run}`);
    print('');
    if (!process.stdout.isTTY) return;
    this.#bars = new MultiBar({
      format: BAR,
      barCompleteChar: '\u2588',
      barIncompleteChar: '\u2591',
      barsize: 20,
      hideCursor: true,
      fps: 10,
      stream: process.stdout,
    });
    this.#bar = this.#bars.create(this.#steps, this.#trainer.step, { figures: this.#figures });
  }

  event(event: TrainEvent): void {
    switch (event.kind) {
      case 'step':
        this.#bar?.update(event.step, { figures: this.#figures });
        return;
      case 'sample':
        this.#sample(event);
        return;
      case 'report':
        this.#report(event);
    }
  }

  #sample({ step, text }: TrainEvent & { kind: 'sample' }): void {
    const heading = step === 0 ? 'at first' : `after ${grouped(step)} steps`;
    const body = text.replace(/^\n+/, '').replace(/^/gm, '  | ');
    this.#line(`--- ${heading}, it writes:\n${body}\n`);
  }

  #report(event: TrainEvent & { kind: 'report' }): void {
    const { step, loss, smoothedLoss, valLoss, charactersPerSecond, skipped } = event;
    const { charactersPerStep } = this.#trainer;
    const left = ((this.#steps - step) * charactersPerStep) / charactersPerSecond;
    const bits = bitsPerCharacter(smoothedLoss).toFixed(2);
    const speed = `${grouped(charactersPerSecond)} chars/s`;
    this.#figures = `loss ${smoothedLoss.toFixed(3)}  ${bits} bits/char  ${speed}  ${duration(left)} left`;
    this.#bar?.update(step, { figures: this.#figures });
    if (valLoss === undefined && this.#bar) return;
    const valid =
      valLoss === undefined
        ? ''
        : `  held out ${valLoss.toFixed(3)} (${bitsPerCharacter(valLoss).toFixed(2)} bits/char)`;
    const lost = skipped > 0 ? `  ${skipped} skipped` : '';
    this.#line(
      `step ${String(step).padStart(String(this.#steps).length)}  loss ${loss.toFixed(3)}${valid}  ${speed}${lost}`,
    );
  }

  stop(): void {
    this.#bars?.stop();
  }

  done(run: string, stopped: boolean): void {
    const { step } = this.#trainer;
    print(`${stopped ? 'stopped' : 'done'} at step ${grouped(step)}; saved in ${run}`);
    print(`write with it:  npm run sample -- ${run} --length 500`);
    print(
      `train more:     npm run train -- --resume ${run} --steps ${Math.max(2 * step, step + 1)}`,
    );
  }

  #line(text: string): void {
    if (this.#bars) this.#bars.log(`${text}\n`);
    else print(text);
  }
}
