import { batch, computed, signal } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';

import { Streams, textStatistics } from '../../src/text/index';
import type { TextStatistics } from '../../src/text/index';
import { CELL_FACTS } from '../../src/nn/cells/facts';
import { BUNDLED_NAME } from '../../src/text/bundled';
import { CHANGEABLE, completeConfig, DEFAULTS, forgetBiasOf } from '../../src/train/config';
import type {
  CellName,
  ModelConfig,
  OptimizerName,
  ScheduleName,
  TrainConfig,
} from '../../src/train/config';
import type { SampleOptions } from '../../src/train/index';
import { messageOf } from '../../src/io/reason';
import type { DeviceKind, RunSettings, TextSource } from './protocol';
import { MAX_HELD_OUT_CHARACTERS } from './text_protocol';
import { TEXTS } from './texts';

/** The text that comes along; empty until it is loaded. */
export const bundled = signal<TextSource>({ name: BUNDLED_NAME, text: '' });

/** The text to train on. */
export const source = signal<TextSource>(bundled.value);

/** Loads the bundled text: a file beside the script, so that the page is there before it. */
export async function loadBundled(): Promise<void> {
  const before = bundled.peek();
  try {
    bundled.value = { ...before, text: await TEXTS[0].load() };
    if (source.peek() === before) source.value = bundled.value;
  } catch (error) {
    bundledProblem.value = `The bundled text could not be loaded (${String(error)}): paste one, or open a file.`;
  }
}

const bundledProblem = signal<string | null>(null);

/** Of the text; of the one before, while it is being counted. */
export const statistics = signal<TextStatistics>(textStatistics(''));
export const counting = signal(true);

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
  'scheduleSteps',
  'gamma',
  'warmup',
  'clipValue',
  'validFraction',
] as const;
export type NumberName = (typeof NUMBERS)[number];

/** Those that follow the length of the run where they are blank. */
const FOLLOWING: readonly NumberName[] = ['scheduleSteps', 'gamma'];

function forEachNumber<T>(make: (name: NumberName) => T): Record<NumberName, T> {
  return Object.fromEntries(NUMBERS.map((name) => [name, make(name)])) as Record<NumberName, T>;
}

/** With these a run on the story ends below the best n-gram, within two minutes on two cores. */
const INITIAL: Readonly<TrainConfig> = {
  ...DEFAULTS,
  ...{ hidden: 256, embedding: 64, dropout: 0.4 },
  ...{ lr: 0.004, schedule: 'cosine', warmup: 50, steps: 2400 },
};

export const typed: Readonly<Record<NumberName, Signal<string>>> = forEachNumber((name) =>
  signal(String(INITIAL[name] ?? '')),
);
export const cell = signal<CellName>(INITIAL.cell);
export const optimizer = signal<OptimizerName>(INITIAL.optimizer);
export const device = signal<DeviceKind>('auto');
export const schedule = signal<ScheduleName>(INITIAL.schedule);
export const recurrentInit = signal<ModelConfig['recurrentInit']>(INITIAL.recurrentInit);
/** Blank where the bias starts at random. */
export const forgetBias = signal('');
/** Steps after which training rests; 0 for never. */
export const stopAfter = signal(String(INITIAL.steps));

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

const BLANK = 'Give a number.';

/** The number of a setting; null where a blank one follows the length of the run. */
function numberOf(name: NumberName): number | null {
  const text = typed[name].value;
  return text.trim() === '' && FOLLOWING.includes(name) ? null : parseNumber(text);
}

/** What is wrong with each number, or null. */
export const fieldProblems: Readonly<Record<NumberName, ReadonlySignal<string | null>>> =
  forEachNumber((name) =>
    computed(() => {
      const value = numberOf(name);
      if (Number.isNaN(value)) return BLANK;
      return (
        refusalOf(() => completeConfig({ [name]: value })) ??
        (name === 'scheduleSteps' ? endlessProblem() : null)
      );
    }),
  );

/** What is wrong with a schedule that is to follow the length of a run without end. */
function endlessProblem(): string | null {
  const [scheduleSteps, gamma] = [numberOf('scheduleSteps'), numberOf('gamma')];
  const settings = { schedule: schedule.value, scheduleSteps, gamma, steps: runSteps() };
  const problem = refusalOf(() => completeConfig({ ...settings, schedule: 'constant' }));
  if (problem !== null || refusalOf(() => completeConfig(settings)) === null) return null;
  return 'The schedule follows the length of the run: give its steps, or say when to stop.';
}

/** Length of the run; null for one that is to go on until it is stopped. */
function runSteps(): number | null {
  const steps = parseNumber(stopAfter.value);
  return steps === 0 ? null : steps;
}

/** Whether the cell has a gate f, whose bias may be set. */
export const forgets = computed(() => CELL_FACTS[cell.value].forgets);

const forgetBiasNumber = computed(() =>
  forgetBias.value.trim() === '' ? null : parseNumber(forgetBias.value),
);

export const forgetBiasProblem = computed(() =>
  refusalOf(() => completeConfig({ forgetBias: forgetBiasNumber.value })),
);

export const stopAfterProblem = computed(() => {
  const steps = parseNumber(stopAfter.value);
  if (Number.isSafeInteger(steps) && steps >= 0) return null;
  if (Number.isNaN(steps)) return BLANK;
  return `stopAfter = ${steps}; an integer from 0 is needed`;
});

/** True when the settings are what a run can be made of. */
export const settingsFit = computed(
  () =>
    NUMBERS.every((name) => fieldProblems[name].value === null) &&
    forgetBiasProblem.value === null &&
    stopAfterProblem.value === null,
);

/** Share of the text that is held out, the limit regarded; what is no number stays as typed. */
export const heldOut = computed(() => {
  const share = parseNumber(typed.validFraction.value);
  // UTF-16 units instead of characters, for they are known at once.
  const limit = MAX_HELD_OUT_CHARACTERS / Math.max(source.value.text.length, 1);
  return share > limit && fieldProblems.validFraction.value === null ? limit : share;
});

/** The settings of the next run. */
export const runSettings = computed<RunSettings>(() => {
  const numbers = forEachNumber(numberOf) as Pick<TrainConfig, NumberName>;
  const train: Partial<TrainConfig> = {
    ...numbers,
    steps: runSteps(),
    validFraction: heldOut.value,
    cell: cell.value,
    optimizer: optimizer.value,
    schedule: schedule.value,
    recurrentInit: recurrentInit.value,
    // A number that was typed for another cell stays in its field.
    forgetBias: forgetBiasOf(cell.value, forgetBiasNumber.value),
  };
  return {
    train,
    device: device.value,
    temperature: temperature.value,
    stopAfter: parseNumber(stopAfter.value),
  };
});

/** Of a run at rest, the settings of the form that it may take on. */
export const changeableSettings = computed(() => {
  const { train, device, stopAfter } = runSettings.value;
  const names = CHANGEABLE.filter((name) => train[name] !== undefined);
  const changeable: Partial<TrainConfig> = Object.fromEntries(
    names.map((name) => [name, train[name]]),
  );
  return { train: changeable, device, stopAfter };
});

/** Fills the form with a run that was saved. */
export function fillForm(from: TextSource, { train, device: kind, ...rest }: RunSettings): void {
  batch(() => {
    source.value = from;
    for (const name of NUMBERS) typed[name].value = String(train[name] ?? DEFAULTS[name] ?? '');
    cell.value = train.cell ?? DEFAULTS.cell;
    optimizer.value = train.optimizer ?? DEFAULTS.optimizer;
    schedule.value = train.schedule ?? DEFAULTS.schedule;
    recurrentInit.value = train.recurrentInit ?? DEFAULTS.recurrentInit;
    forgetBias.value = String(train.forgetBias ?? '');
    device.value = kind;
    stopAfter.value = String(rest.stopAfter ?? 0);
    temperature.value = rest.temperature;
  });
}

const SETTINGS: readonly Signal<unknown>[] = [
  ...Object.values(typed),
  cell,
  optimizer,
  schedule,
  recurrentInit,
  forgetBias,
  device,
  stopAfter,
  temperature,
];

/** Remembers the settings as they were typed; what it gives back puts them into the form again. */
export function rememberSettings(): () => void {
  const before = SETTINGS.map((one) => one.peek());
  return () => batch(() => SETTINGS.forEach((one, i) => (one.value = before[i])));
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

/**
 * What is wrong with the text, or null; nothing while it is counted, or the settings themselves are
 * wrong.
 */
export const textProblem = computed(() => {
  if (source.value.text === '') {
    // One of one's own is still to come, which is no fault.
    return source.value === bundled.value ? bundledProblem.value : null;
  }
  const { characters } = statistics.value;
  if (counting.value || !settingsFit.value) return null;
  if (characters === 1) return 'The text has one character: paste a longer one, or drop a file.';
  const { batch, seq, validFraction } = completeConfig(runSettings.value.train);
  const length = Math.floor(characters * (1 - validFraction));
  if (length > batch * seq) return null;
  // Only the length decides, so that blank ids stand for the text.
  return refusalOf(() => new Streams(new Int32Array(length), { batch, seq }));
});

function refusalOf(attempt: () => unknown): string | null {
  try {
    attempt();
    return null;
  } catch (error) {
    return messageOf(error);
  }
}
