import { batch, computed, signal } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';

import { splitText, Streams, textStatistics } from '../../src/text/index';
import { BUNDLED_NAME, bundledText } from '../../src/text/bundled';
import { completeConfig, DEFAULTS } from '../../src/train/config';
import type { CellName, OptimizerName, TrainConfig } from '../../src/train/config';
import type { SampleOptions } from '../../src/train/index';
import type { DeviceKind, RunSettings, TextSource } from './protocol';

export const BUNDLED: TextSource = { name: BUNDLED_NAME, text: bundledText };

/** The text to train on. */
export const source = signal<TextSource>(BUNDLED);

export const statistics = computed(() => textStatistics(source.value.text));

/** The settings that are numbers, as they were typed: what is typed may not be a number yet. */
export const NUMBERS = [
  'hidden',
  'layers',
  'embedding',
  'dropout',
  'batch',
  'seq',
  'lr',
  'clip',
  'seed',
] as const;
export type NumberName = (typeof NUMBERS)[number];

function forEachNumber<T>(make: (name: NumberName) => T): Record<NumberName, T> {
  return Object.fromEntries(NUMBERS.map((name) => [name, make(name)])) as Record<NumberName, T>;
}

export const typed: Readonly<Record<NumberName, Signal<string>>> = forEachNumber((name) =>
  signal(String(DEFAULTS[name])),
);
export const cell = signal<CellName>(DEFAULTS.cell);
export const optimizer = signal<OptimizerName>(DEFAULTS.optimizer);
export const device = signal<DeviceKind>('auto');

/** How the model is to write; also of the samples along the way. */
export const temperature = signal(0.8);
/** What a sample begins after; empty for a line end. */
export const prime = signal('');
export const sampleLength = signal('400');
export const sampleSeed = signal('1');
export const topK = signal('0');
export const topP = signal('1');

/** What was typed; NaN for what is no number, which the library then refuses by name. */
export function parseNumber(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

/** What is wrong with each number, or null. */
export const fieldProblems: Readonly<Record<NumberName, ReadonlySignal<string | null>>> =
  forEachNumber((name) =>
    computed(() => messageOf(() => completeConfig({ [name]: parseNumber(typed[name].value) }))),
  );

/** Characters held out at most: nothing interrupts a look at them. */
const HELD_OUT = 20_000;

/** The settings of the next run. */
export const runSettings = computed<RunSettings>(() => {
  const numbers = forEachNumber((name) => parseNumber(typed[name].value));
  const { characters } = statistics.value;
  const validFraction = Math.min(DEFAULTS.validFraction, HELD_OUT / Math.max(characters, 1));
  const train: Partial<TrainConfig> = { ...numbers, validFraction };
  return {
    train: { ...train, cell: cell.value, optimizer: optimizer.value },
    device: device.value,
    temperature: temperature.value,
  };
});

/** Fills the form with a run that was saved. */
export function fillForm(from: TextSource, { train, device: kind, ...rest }: RunSettings): void {
  batch(() => {
    source.value = from;
    for (const name of NUMBERS) typed[name].value = String(train[name] ?? DEFAULTS[name]);
    cell.value = train.cell ?? DEFAULTS.cell;
    optimizer.value = train.optimizer ?? DEFAULTS.optimizer;
    device.value = kind;
    temperature.value = rest.temperature;
  });
}

/** The sample that "Write" asks for. */
export const sampleOptions = computed<SampleOptions>(() => ({
  temperature: temperature.value,
  length: parseNumber(sampleLength.value),
  seed: parseNumber(sampleSeed.value),
  topK: parseNumber(topK.value),
  topP: parseNumber(topP.value),
  ...(prime.value === '' ? {} : { prime: prime.value }),
}));

/** What is wrong with the text, or null; nothing while the settings themselves are wrong. */
export const textProblem = computed(() => {
  const { characters } = statistics.value;
  if (characters === 0)
    return 'The text is empty: paste one, drop a file, or take the bundled one.';
  if (NUMBERS.some((name) => fieldProblems[name].value !== null)) return null;
  const config = completeConfig(runSettings.value.train);
  // Only the length decides, so that blank ids stand for the text.
  const { train } = splitText(new Int32Array(characters), config.validFraction);
  return messageOf(() => new Streams(train, config));
});

function messageOf(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
