import { batch } from '@preact/signals';
import type { ReadonlySignal, Signal } from '@preact/signals';

import { CELL_NAMES, OPTIMIZERS, SCHEDULES } from '../../src/train/config';
import {
  cell,
  fieldProblems,
  forgetBias,
  forgetBiasProblem,
  NUMBERS,
  optimizer,
  recurrentInit,
  schedule,
  source,
  stopAfter,
  stopAfterProblem,
  temperature,
  typed,
} from './form';
import { TEXTS } from './texts';

/** A setting of the form, in the address under its name. */
interface Field {
  read: () => string;
  write: (value: string) => void;
  /** What is wrong with the value it has, or null. */
  problem: () => string | null;
  /** As the form begins. */
  initial: string;
}

function field(value: Signal<string>, problem: ReadonlySignal<string | null>): Field {
  return {
    read: () => value.value,
    write: (given) => (value.value = given),
    problem: () => problem.value,
    initial: value.peek(),
  };
}

function choice<T extends string>(name: string, value: Signal<T>, choices: readonly T[]): Field {
  return {
    read: () => value.value,
    write: (given) => (value.value = given as T),
    problem: () =>
      choices.includes(value.value)
        ? null
        : `${name} = ${value.value}; choose one of ${choices.join(', ')}`,
    initial: value.peek(),
  };
}

const FIELDS: Readonly<Record<string, Field>> = {
  cell: choice('cell', cell, CELL_NAMES),
  ...Object.fromEntries(NUMBERS.map((name) => [name, field(typed[name], fieldProblems[name])])),
  optimizer: choice('optimizer', optimizer, OPTIMIZERS),
  schedule: choice('schedule', schedule, SCHEDULES),
  recurrentInit: choice('recurrentInit', recurrentInit, ['uniform', 'orthogonal']),
  forgetBias: field(forgetBias, forgetBiasProblem),
  stopAfter: field(stopAfter, stopAfterProblem),
  temperature: {
    read: () => String(temperature.value),
    write: (given) => (temperature.value = given.trim() === '' ? NaN : Number(given)),
    problem: () =>
      temperature.value >= 0 && temperature.value <= 2
        ? null
        : `temperature = ${temperature.value}; a number from 0 to 2 is needed`,
    initial: String(temperature.peek()),
  },
};

/** What is in the address besides. */
const OTHERS: readonly string[] = ['text', 'model', 'lesson'];

/** What of the form differs from how it begins; a text of one's own has no name here. */
export function formQuery(): URLSearchParams {
  const query = new URLSearchParams();
  const text = TEXTS.findIndex(({ name }) => name === source.value.name);
  if (text > 0) query.set('text', TEXTS[text].id);
  for (const [name, { read, initial }] of Object.entries(FIELDS)) {
    if (read() !== initial) query.set(name, read());
  }
  return query;
}

/** The form as it begins, but for what the query says. What of it could not be done, in a sentence each. */
export function takeQuery(query: URLSearchParams): string[] {
  const names = [...new Set(query.keys())];
  const given = names.filter((name) => Object.hasOwn(FIELDS, name));
  const problems = names
    .filter((name) => !given.includes(name) && !OTHERS.includes(name))
    .map((name) => `there is no setting ${name}`);
  batch(() => {
    for (const [name, one] of Object.entries(FIELDS)) one.write(query.get(name) ?? one.initial);
    // All together first: a schedule that follows the length of the run needs that length.
    const wrong = given.flatMap((name) => {
      const problem = FIELDS[name].problem();
      return problem === null ? [] : [{ name, problem }];
    });
    for (const { name, problem } of wrong) {
      problems.push(problem.startsWith(`${name} `) ? problem : `${name}: ${problem}`);
      FIELDS[name].write(FIELDS[name].initial);
    }
  });
  return problems;
}
