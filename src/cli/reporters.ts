import { MultiBar } from 'cli-progress';
import type { SingleBar } from 'cli-progress';

import type { Device } from '../tensor/device';
import { textStatistics } from '../text/statistics';
import type { CharTrainer } from '../train/char_trainer';
import type { TrainEvent } from '../train/loop';
import type { Source } from './files';
import { bitsPerCharacter, duration, grouped, lossText, rounded } from './numbers';

/** How training shows itself. */
export interface Reporter {
  start(): void;
  /** Shaders done, of those that the first step waits for. */
  compiling(done: number, total: number): void;
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
  /** Seconds until the first step was done, until a line has told them. */
  #firstStep: number | undefined;

  constructor(device: Device) {
    this.#device = device;
  }

  start(): void {}

  compiling(): void {}

  event(event: TrainEvent): void {
    if (event.kind === 'started') this.#firstStep = event.seconds;
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
        ...(this.#firstStep === undefined ? {} : { firstStepSeconds: rounded(this.#firstStep, 3) }),
      }),
    );
    this.#firstStep = undefined;
  }

  stop(): void {}

  done(): void {}
}

const BAR = ' {bar} {value}/{total}  {figures}';
const BAR_SIZE = 20;
/** Columns of the bar without its counts and figures. */
const BAR_WIDTH = BAR_SIZE + 5;

function columns(): number {
  return process.stdout.isTTY ? process.stdout.columns : 100;
}

function bits(loss: number): string {
  return lossText(bitsPerCharacter(loss), 2);
}

/** As many of the parts, from the first on, as a line takes: what is wider is cut off by the bar. */
function fitting(parts: readonly string[], width: number): string {
  let line = '';
  for (const part of parts) {
    const longer = line ? `${line}  ${part}` : part;
    if (longer.length >= width) break;
    line = longer;
  }
  return line;
}

/** A line in pieces of `width` characters at most. */
function wrap(line: string, width: number): string[] {
  const characters = [...line];
  const pieces: string[] = [];
  do pieces.push(characters.splice(0, Math.max(width, 1)).join(''));
  while (characters.length > 0);
  return pieces;
}

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
    const formats = (['storage', 'arithmetic'] as const)
      .filter((name) => config[name] !== 'f32')
      .map((name) => `, ${config[name]} ${name}`);
    print(
      `model   ${config.cell}, ${layers}, ${grouped(model.parameterCount())} parameters${formats.join('')}`,
    );
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
      barsize: BAR_SIZE,
      hideCursor: true,
      fps: 10,
      stream: process.stdout,
    });
    this.#bar = this.#bars.create(this.#steps, this.#trainer.step, { figures: this.#figures });
  }

  compiling(done: number, total: number): void {
    this.#figures = `compiling ${done} of ${total}`;
    this.#bar?.update(this.#trainer.step, { figures: this.#figures });
  }

  event(event: TrainEvent): void {
    switch (event.kind) {
      case 'started':
        this.#figures = '';
        this.#line(`first step after ${event.seconds.toFixed(2)} s`);
        return;
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
    const lines = text
      .replace(/^\n+/, '')
      .split('\n')
      .flatMap((line) => wrap(line, columns() - 5));
    this.#line(`--- ${heading}, it writes:\n${lines.map((line) => `  | ${line}`).join('\n')}\n`);
  }

  #report(event: TrainEvent & { kind: 'report' }): void {
    const { step, loss, valLoss, charactersPerSecond, skipped } = event;
    const { charactersPerStep } = this.#trainer;
    const left = ((this.#steps - step) * charactersPerStep) / charactersPerSecond;
    const speed = `${grouped(charactersPerSecond)} chars/s`;
    const width = String(this.#steps).length;
    this.#figures = fitting(
      [`loss ${lossText(loss)}`, `${duration(left)} left`, speed, `${bits(loss)} bits/char`],
      columns() - BAR_WIDTH - 2 * width,
    );
    this.#bar?.update(step, { figures: this.#figures });
    if (valLoss === undefined && this.#bar) return;
    const valid =
      valLoss === undefined ? [] : [`held out ${lossText(valLoss)} (${bits(valLoss)} bits/char)`];
    const lost = skipped > 0 ? [`${skipped} skipped`] : [];
    const figures = [`loss ${lossText(loss)}`, ...valid, ...lost, speed];
    this.#line(fitting([`step ${String(step).padStart(width)}`, ...figures], columns()));
  }

  stop(): void {
    this.#bars?.stop();
  }

  done(run: string, stopped: boolean): void {
    const { step } = this.#trainer;
    const goal = step < this.#steps ? this.#steps : 2 * step;
    // As the command was typed: by npm in the repository, or by its name.
    const [lethe, flags] = process.env.npm_lifecycle_event ? ['npm run', ' --'] : ['lethe', ''];
    print('');
    print(`${stopped ? 'stopped' : 'done'} at step ${grouped(step)}; saved in ${run}`);
    print(`write with it:  ${lethe} sample${flags} ${run} --length 500`);
    print(`train more:     ${lethe} train${flags} --resume ${run} --steps ${goal}`);
  }

  #line(text: string): void {
    if (this.#bars) this.#bars.log(`${text}\n`);
    else print(text);
  }
}
