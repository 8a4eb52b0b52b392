import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import fc from 'fast-check';

import { formQuery, takeQuery } from '../../demos/train/address_form';
import * as form from '../../demos/train/form';
import { TEXTS } from '../../demos/train/texts';
import { CELL_NAMES, OPTIMIZERS, SCHEDULES } from '../../src/train/config';

const initially = () => takeQuery(new URLSearchParams());
beforeEach(() => void initially());
afterEach(() => {
  form.source.value = form.bundled.value;
});

const number = (min: number, max: number) => fc.integer({ min, max }).map(String);
const fraction = fc.double({ min: 0, max: 0.9, noNaN: true }).map(String);

/** Settings that a run can be made of, each of them perhaps as the form begins. */
const settings = fc.record(
  {
    cell: fc.constantFrom(...CELL_NAMES),
    ...{ hidden: number(1, 2048), layers: number(1, 9), embedding: number(0, 512) },
    ...{ batch: number(1, 999), seq: number(1, 999), seed: number(0, 2 ** 32 - 1) },
    ...{ dropout: fraction, validFraction: fraction, lr: fraction, clip: fraction },
    ...{ clipValue: fraction, warmup: number(0, 999), gamma: fraction },
    ...{ scheduleSteps: number(1, 9999), stopAfter: number(1, 9999) },
    optimizer: fc.constantFrom(...OPTIMIZERS),
    schedule: fc.constantFrom(...SCHEDULES),
    recurrentInit: fc.constantFrom('uniform', 'orthogonal'),
    forgetBias: fc.oneof(fc.constant(''), number(-3, 3)),
    temperature: fc.integer({ min: 0, max: 40 }).map((n) => String(n / 20)),
  },
  { requiredKeys: [] },
);

describe('the settings in the address', () => {
  test('are nothing where the form is as it begins, and its text the first', () => {
    expect(formQuery().toString()).toBe('');
  });

  test('give the same run wherever they are opened', () => {
    fc.assert(
      fc.property(settings, (chosen) => {
        expect(takeQuery(new URLSearchParams(chosen))).toEqual([]);
        const run = form.runSettings.value;
        const query = formQuery().toString();
        initially();
        expect(takeQuery(new URLSearchParams(query))).toEqual([]);
        expect(form.runSettings.value).toEqual(run);
        expect(formQuery().toString()).toBe(query);
      }),
    );
  });

  test('name a bundled text, and none of the visitor', () => {
    form.source.value = { name: TEXTS[1].name, text: 'x' };
    expect(formQuery().toString()).toBe(`text=${TEXTS[1].id}`);
    form.source.value = { name: 'a secret', text: 'x' };
    expect(formQuery().toString()).toBe('');
  });

  test('that are wrong are told, and the form begins as it does without them', () => {
    const problems = takeQuery(
      new URLSearchParams('hidden=0&lr=fast&cell=brain&layers=2&temperature=9&utm=1&stopAfter='),
    );
    expect(problems).toEqual([
      'there is no setting utm',
      'hidden = 0; an integer from 1 to 65536 is needed',
      'lr: Give a number.',
      `cell = brain; choose one of ${CELL_NAMES.join(', ')}`,
      'temperature = 9; a number from 0 to 2 is needed',
      'stopAfter: Give a number.',
    ]);
    expect(formQuery().toString()).toBe('layers=2');
  });

  test('may be anything: it never throws, and what was not told is taken', () => {
    const names = ['cell', 'hidden', 'lr', 'schedule', 'stopAfter', 'text', '__proto__'];
    const pairs = fc.array(fc.tuple(fc.oneof(fc.constantFrom(...names), fc.string()), fc.string()));
    fc.assert(
      fc.property(pairs, (given) => {
        const problems = takeQuery(new URLSearchParams(given));
        // Of a random query nothing may be taken.
        expect(problems.every((problem) => problem !== '')).toBe(true);
        for (const [name, value] of formQuery()) {
          expect(given.find(([key]) => key === name)).toEqual([name, value]);
          expect(problems.filter((problem) => problem.startsWith(name))).toEqual([]);
        }
      }),
    );
  });
});
