/** The toys of demos/toys: what is right is right by a second way of telling it, and figures are as they say. */
import { describe, expect, test } from 'vitest';

import { ExampleRun } from '../../demos/tasks/example';
import { adding } from '../../demos/toys/toys/adding';
import { brackets, DEEPEST, KINDS } from '../../demos/toys/toys/brackets';
import { copying, LETTERS, MESSAGE, WAIT } from '../../demos/toys/toys/copying';
import { counting, LEARNT, TESTED } from '../../demos/toys/toys/counting';
import { toyExample } from '../../demos/toys/toys/example';
import { TOYS } from '../../demos/toys/toys/index';
import { withoutMemory } from '../../demos/toys/toys/memoryless';
import { parity } from '../../demos/toys/toys/parity';
import { accuracyOf, drawTest } from '../../demos/toys/toys/toy';
import type { Toy, ToySequence } from '../../demos/toys/toys/toy';
import { verdict } from '../../demos/toys/verdict';
import { openDevice, Random } from '../../src/index';

const drawn = (toy: Toy, count = 200): ToySequence[] => {
  const random = new Random(5);
  return Array.from({ length: count }, () => toy.draw(random));
};
const tested = (toy: Toy, count = 200): ToySequence[] => {
  const random = new Random(6);
  return Array.from({ length: count }, () => drawTest(toy, random));
};
/** Places of the ones. */
const symbols = ({ inputs }: ToySequence): number[] => inputs.map((input) => input.indexOf(1));

describe.each(TOYS.map((toy) => [toy.name, toy] as const))('%s', (_name, toy) => {
  test('sequences have the sizes that it names, and differ', () => {
    for (const [sequences, time] of [
      [drawn(toy), toy.time],
      [tested(toy), toy.test?.time ?? toy.time],
    ] as const) {
      for (const { inputs, targets } of sequences) {
        expect(inputs.length).toBe(targets.length);
        expect(inputs.length).toBeLessThanOrEqual(time);
        expect(inputs.every((input) => input.length === toy.features)).toBe(true);
        if (toy.answer === 'number') continue;
        const { classes } = toy.answer;
        expect(targets.every((target) => target === null || target < classes)).toBe(true);
      }
      expect(Math.max(...sequences.map(({ inputs }) => inputs.length))).toBe(time);
      const different = new Set(sequences.map((sequence) => JSON.stringify(sequence)));
      expect(different.size).toBeGreaterThan(toy === counting ? 5 : 100);
    }
  });
});

test('adding: the sum of the two that are marked, asked at the end', () => {
  for (const { inputs, targets } of drawn(adding)) {
    const marked = inputs.filter(([, mark]) => mark === 1);
    expect(marked).toHaveLength(2);
    expect(targets.at(-1)).toBeCloseTo(marked[0][0] + marked[1][0], 12);
    expect(targets.slice(0, -1).every((target) => target === null)).toBe(true);
  }
});

test('copying: the letters of the beginning, after a wait', () => {
  for (const sequence of drawn(copying)) {
    const places = symbols(sequence);
    const message = places.filter((place) => place < LETTERS);
    expect(message).toEqual(places.slice(0, MESSAGE));
    expect(sequence.targets.filter((target) => target !== null)).toEqual(message);
    expect(sequence.targets.indexOf(message[0])).toBe(MESSAGE + WAIT);
  }
});

test('brackets: taking pairs away leaves what must close next', () => {
  for (const sequence of drawn(brackets)) {
    const word = symbols(sequence).map((place) => KINDS[place >> 1][place % 2]);
    for (const [t, target] of sequence.targets.entries()) {
      let open = word.slice(0, t + 1).join('');
      while (KINDS.some((pair) => open.includes(pair))) {
        for (const pair of KINDS) open = open.replaceAll(pair, '');
      }
      expect(open.length).toBeLessThanOrEqual(DEEPEST);
      expect(open).toMatch(/^[([{]*$/);
      const asked = ')]}'.includes(word[t]) && open !== '';
      expect(target).toBe(asked ? KINDS.findIndex((pair) => pair[0] === open.at(-1)) : null);
    }
  }
});

test('parity: a sum, modulo 2', () => {
  for (const { inputs, targets } of tested(parity)) {
    targets.forEach((target, t) => {
      const ones = inputs.slice(0, t + 1).reduce((sum, [bit]) => sum + bit, 0);
      expect(target).toBe(ones % 2);
    });
  }
});

test('counting: the end comes once, at the last b; tests are longer than what is learnt from', () => {
  for (const [sequences, least, most] of [
    [drawn(counting), 1, LEARNT],
    [tested(counting), LEARNT + 1, TESTED],
  ] as const) {
    for (const sequence of sequences) {
      const word = symbols(sequence).join('');
      const half = word.length / 2;
      expect(word).toBe('0'.repeat(half) + '1'.repeat(half));
      expect(half).toBeGreaterThanOrEqual(least);
      expect(half).toBeLessThanOrEqual(most);
      expect(sequence.targets.lastIndexOf(null)).toBe(half - 1);
      expect(sequence.targets.indexOf(1)).toBe(word.length - 1);
    }
  }
});

test('accuracy counts answers, sequences, or numbers near enough', () => {
  const sequences = [
    { inputs: [[0], [0], [0]], targets: [null, 1, 0] },
    { inputs: [[0], [0], [0]], targets: [null, 1, 1] },
  ];
  const answers = [
    [9, 1, 0],
    [9, 1, 0],
  ];
  const classes = { answer: { classes: 2 } } as const;
  expect(accuracyOf({ ...classes, unit: 'answer' }, sequences, answers)).toBe(0.75);
  expect(accuracyOf({ ...classes, unit: 'sequence' }, sequences, answers)).toBe(0.5);
  const near = [
    [9, 1.09, 0.05],
    [9, 1.11, 1],
  ];
  expect(accuracyOf({ answer: 'number', unit: 'answer' }, sequences, near)).toBe(0.75);
});

test('without memory nothing is better than chance, as chance is for each', () => {
  const baseline = (toy: Toy) => withoutMemory(toy, tested(toy, 1000));
  expect(baseline(copying)).toBeCloseTo(1 / LETTERS, 1);
  expect(baseline(parity)).toBeCloseTo(1 / 2, 1);
  expect(baseline(brackets)).toBeCloseTo(1 / KINDS.length, 1);
  expect(baseline(counting)).toBe(0);
  // The sum of two numbers lies within 0.1 of 1 with probability 1 - 0.9².
  expect(baseline(adding)).toBeCloseTo(0.19, 1);
});

test.each(['lstm', 'mgu'] as const)(
  'a network of %s learns parity better than a coin',
  async (cell) => {
    const device = await openDevice('cpu');
    const short: Toy = {
      ...parity,
      time: 3,
      test: undefined,
      training: { ...parity.training, steps: 300, lr: 0.02 },
    };
    const threeBits: Toy = {
      ...short,
      draw: (random) => {
        const { inputs, targets } = parity.draw(random);
        return { inputs: inputs.slice(0, 3), targets: targets.slice(0, 3) };
      },
    };
    const example = toyExample(threeBits, cell);
    const data = await example.load();
    const run = new ExampleRun(example, device, data, { source: null, seed: 1, epochs: 3 });
    for await (const event of run.fit()) void event;
    expect((await run.test()).accuracy).toBeGreaterThan(0.95);
    run.dispose();
    device.dispose();
  },
);

test('the verdict says who managed, from the figures', () => {
  const of = (...shares: number[]) =>
    shares.map((accuracy, i) => ({ name: ['RNN', 'LSTM', 'GRU'][i], accuracy }));
  expect(verdict(of(0.99, 0.96, 1), 0.5)).toBe('All of them managed.');
  expect(verdict(of(0.2, 0.97, 1), 0.16)).toBe(
    'LSTM (97 %) and GRU (100 %) managed; RNN (20 %) did hardly better than without memory.',
  );
  expect(verdict(of(0.5, 0.6, 0.26), 0.25)).toBe(
    'None of them managed; RNN (50 %) and LSTM (60 %) came part of the way; GRU (26 %) did hardly better than without memory.',
  );
});
