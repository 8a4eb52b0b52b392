import { join } from 'node:path';

import type { Device } from '../tensor/device';
import type { CharTrainer } from '../train/char_trainer';
import type { TrainEvent } from '../train/loop';
import { Bar } from './bar';
import { BEST } from './files';
import { bitsPerCharacter, duration, grouped, lossText, significant } from './numbers';
import type { Plan } from './prepare';
import type { Reporter } from './reporter';
import { columns, print, shown, wrap } from './terminal';
import { quoted, typed } from './typed';

type ReportEvent = TrainEvent & { kind: 'report' };

const BAR_SIZE = 20;

function bits(loss: number): string {
  return lossText(bitsPerCharacter(loss), 2);
}

/** `line`, and as many of the parts, from the first on, as fit beside it in a line. */
function fitting(line: string, parts: readonly string[]): string {
  for (const part of parts) {
    const longer = `${line}  ${part}`;
    if (longer.length >= columns()) break;
    line = longer;
  }
  return line;
}

/** A bar on a terminal, lines alone elsewhere; samples along the way. */
export class TerminalReporter implements Reporter {
  readonly #device: Device;
  readonly #trainer: CharTrainer;
  readonly #plan: Plan;
  readonly #run: string;
  readonly #steps: number;
  readonly #bar = new Bar();
  #figures: readonly string[] = [];
  /** A report that only the bar has shown. */
  #pending: ReportEvent | undefined;

  constructor(device: Device, trainer: CharTrainer, plan: Plan, run: string) {
    this.#device = device;
    this.#trainer = trainer;
    this.#plan = plan;
    this.#run = run;
    this.#steps = plan.steps;
  }

  start(notes: readonly string[] = []): void {
    const { config, model, stepsPerEpoch } = this.#trainer;
    const { source, distinct } = this.#plan;
    const layers = `${config.layers} layer${config.layers === 1 ? '' : 's'} of ${config.hidden}`;
    print(
      `text    ${source.name}: ${grouped(source.text.ids.length)} characters, ${distinct} distinct`,
    );
    print(`model   ${config.cell}, ${layers}, ${grouped(model.parameterCount())} parameters`);
    print(
      `batch   ${config.batch} streams x ${config.seq} characters, ${grouped(stepsPerEpoch)} steps an epoch`,
    );
    print(`device  ${this.#device.description} (${this.#device.reason})`);
    print(`run     ${this.#run}`);
    for (const note of notes) print(`        ${note}`);
    print('');
    this.#show('the first step');
  }

  compiling(done: number, total: number): void {
    this.#show(`compiling ${done} of ${total}`);
  }

  event(event: TrainEvent): void {
    switch (event.kind) {
      case 'started':
        this.#show();
        this.#bar.print(`first step after ${event.seconds.toFixed(2)} s`);
        return;
      case 'step':
        this.#bar.update(this.#line);
        return;
      case 'sample':
        this.#sample(event);
        return;
      case 'report':
        this.#report(event);
        return;
      case 'stalled':
        this.#bar.print(
          `the held-out loss has not fallen for ${event.patience} evaluations; it was lowest at step ` +
            `${grouped(event.best.step)}: ${lossText(event.best.loss)} (${join(this.#run, BEST)})`,
        );
    }
  }

  #show(...figures: readonly string[]): void {
    this.#figures = figures;
    this.#bar.update(this.#line);
  }

  /** The bar as it is now: in a narrow window the counts alone. */
  readonly #line = (): string => {
    const { step } = this.#trainer;
    const counts = `${step}/${this.#steps}`;
    const filled = Math.round((BAR_SIZE * Math.min(step, this.#steps)) / this.#steps);
    const bar = ` ${'\u2588'.repeat(filled).padEnd(BAR_SIZE, '\u2591')} ${counts}`;
    return fitting(bar.length < columns() ? bar : counts, this.#figures);
  };

  #sample({ step, text }: TrainEvent & { kind: 'sample' }): void {
    const heading = step === 0 ? 'at first' : `after ${grouped(step)} steps`;
    const lines = shown(text)
      .replace(/^[\r\n]+/, '')
      .split(/\r?\n/)
      .flatMap((line) => wrap(line, columns() - 1, '  | '));
    this.#bar.print(`--- ${heading}, it writes:\n${lines.join('\n')}\n`);
  }

  #report(event: ReportEvent): void {
    const { step, loss, valLoss, lr, charactersPerSecond } = event;
    const left = ((this.#steps - step) * this.#trainer.charactersPerStep) / charactersPerSecond;
    this.#show(
      `loss ${lossText(loss)}`,
      `${duration(left)} left`,
      speed(event),
      `${bits(loss)} bits/char`,
      rate(lr),
    );
    this.#pending = event;
    if (valLoss !== undefined || !this.#bar.draws) this.#printReport();
  }

  #printReport(): void {
    if (!this.#pending) return;
    const { step, loss, valLoss, lr, skipped } = this.#pending;
    const valid =
      valLoss === undefined ? '' : `  held out ${lossText(valLoss)} (${bits(valLoss)} bits/char)`;
    const lost = skipped > 0 ? `  ${skipped} skipped` : '';
    const line = `step ${String(step).padStart(String(this.#steps).length)}  loss ${lossText(loss)}`;
    this.#bar.print(fitting(line + valid + lost, [speed(this.#pending), rate(lr)]));
    this.#pending = undefined;
  }

  stopping(): void {
    this.#bar.print('stopping after this step and saving; once more quits without saving');
  }

  stop(): void {
    this.#printReport();
    this.#bar.stop();
  }

  done(run: string, stopped: boolean): void {
    const { step } = this.#trainer;
    const goal = step < this.#steps ? this.#steps : 2 * step;
    print('');
    print(`${stopped ? 'stopped' : 'done'} at step ${grouped(step)}; saved in ${run}`);
    print(`write with it:  ${typed('sample', quoted(run), '--length', '500')}`);
    print(`train more:     ${typed('train', '--resume', quoted(run), '--steps', String(goal))}`);
  }
}

function speed({ charactersPerSecond }: ReportEvent): string {
  return `${grouped(charactersPerSecond)} chars/s`;
}

function rate(lr: number): string {
  return `lr ${significant(lr, 3)}`;
}
