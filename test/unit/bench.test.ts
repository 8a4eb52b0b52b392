/** The parts of the benchmark that run nothing. */
import { describe, expect, test } from 'vitest';

import { floorOf } from '../../bench/floor.mjs';
import { readOptions, UsageError } from '../../bench/options.mjs';
import { compareSteps, formatParities } from '../../bench/parity.mjs';
import { computeRatios } from '../../bench/ratios.mjs';
import { mean, median, summarise } from '../../bench/statistics.mjs';
import { align, digits, formatRatios, formatRows } from '../../bench/table.mjs';
import { MissingError, takeTurns } from '../../bench/turns.mjs';
import type { Contender } from '../../bench/types';
import { expandWorkload, leastWork, makeJob } from '../../bench/workloads.mjs';

describe('options', () => {
  test('defaults: every workload, sweeps expanded', () => {
    const options = readOptions([]);
    expect(options).toMatchObject({ contenders: null, rounds: 5, threads: 2, json: false });
    expect(options.workloads).toEqual(expect.arrayContaining(['w1', 'w3', 't1600', 'encode']));
  });

  test('lists are split, and what is named twice runs once', () => {
    const args = ['--workload', 'w1,t,t50', '--contenders', 'torch-cpu,lethe-cpu', '--json'];
    const { workloads, contenders, json } = readOptions(args);
    expect(workloads).toEqual(['w1', 't25', 't50', 't100', 't200', 't400', 't800', 't1600']);
    expect(contenders).toEqual(['torch-cpu', 'lethe-cpu']);
    expect(json).toBe(true);
  });

  test.each([
    [['--fast']],
    [['w1']],
    [['--rounds']],
    [['--rounds', '0']],
    [['--rounds', '2.5']],
    [['--limit', '']],
    [['--workload', 'w9']],
    [['--workload', 't0']],
    [['--contenders', 'lethe']],
  ])('%j is refused in one line', (args) => {
    let message = '';
    try {
      readOptions(args);
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      message = (error as Error).message;
    }
    expect(message).toMatch(/^.+$/);
  });
});

test('statistics', () => {
  expect(mean([1, 2, 6])).toBe(3);
  expect(median([5, 1, 9])).toBe(5);
  expect(median([4, 1, 9, 2])).toBe(3);
  expect(summarise([3, 1, 2])).toEqual({ median: 2, min: 1, max: 3 });
  expect(summarise([])).toBeNull();
});

describe('workloads', () => {
  test('a text has every character of its vocabulary, and enough for a window', () => {
    for (const name of ['w1', 'w3', 'b8', 't25']) {
      const { text, vocabulary, batch, seq } = makeJob(name);
      expect(new Set(text).size).toBe(vocabulary);
      expect(text.length).toBeGreaterThan(batch * seq);
    }
  });

  test('a point of a sweep changes one size of w1', () => {
    const { text: _, ...w1 } = makeJob('w1');
    const { text: __, ...t400 } = makeJob('t400');
    expect(t400).toEqual({ ...w1, name: 't400', seq: 400 });
    expect(expandWorkload('h')).toEqual(['h64', 'h128', 'h256', 'h512']);
    expect(expandWorkload('toString')).toBeNull();
  });

  test('the least work grows with the text and the layers', () => {
    const w1 = makeJob('w1');
    // 3 passes x 2 x 1600 positions x (2 x 4 x 128 x 128 + 128 x 65) weights.
    expect(leastWork(w1).flop).toBe(6 * 1600 * (131072 + 8320));
    const longer = leastWork({ ...w1, seq: 100 });
    expect(longer.flop).toBe(2 * leastWork(w1).flop);
    expect(longer.bytes).toBeGreaterThan(leastWork(w1).bytes);
    expect(longer.bytes).toBeLessThan(2 * leastWork(w1).bytes);
  });
});

test('the floor is the longer of arithmetic and memory', () => {
  const w1 = makeJob('w1');
  const { flop, bytes } = leastWork(w1);
  expect(floorOf(w1, { tflops: 1, gbps: 1e6 }).ms).toBeCloseTo(flop / 1e9);
  expect(floorOf(w1, { tflops: 1e6, gbps: 1 }).ms).toBeCloseTo(bytes / 1e6);
});

test('parity finds the largest difference, and a loss that is not finite fails it', async () => {
  const from = (losses: number[]): Contender => ({
    on: 'there',
    beginMs: 0,
    turn: async () => ({ milliseconds: 1, loss: losses.shift()! }),
    close: async () => {},
  });
  const plan = { steps: 2, limit: 60 };
  const near = await compareSteps('w1', from([4, 2]), from([4, 2.001]), plan);
  expect(near).toMatchObject({ steps: 2, met: true });
  expect(near.difference).toBeCloseTo(5e-4);
  const broken = await compareSteps('w1', from([4, 2]), from([NaN, 2]), plan);
  expect(broken.met).toBe(false);
  expect(formatParities([broken])).toContain('NOT as on the CPU');
});

describe('ratios', () => {
  const row = (workload: string, contender: string, figures: object) => ({
    workload,
    contender,
    ...figures,
  });

  test('are met up to the target, and null without their figures', () => {
    const ratios = computeRatios([
      row('w1', 'lethe-cpu', { msPerStep: 40 }),
      row('w1', 'torch-cpu', { msPerStep: 100 }),
      row('w1', 'jax-wasm', { msPerStep: 200 }),
      row('w2', 'lethe-cpu', { msPerStep: 40 }),
      row('w2', 'torch-cpu', { missing: 'no torch' }),
      row('t50', 'lethe-cpu', { usPerCharacter: 10 }),
      row('t1600', 'lethe-cpu', { usPerCharacter: 11 }),
      row('encode', 'lethe-dawn', { encodeMs: 1, firstRecordMs: 20 }),
    ]);
    const verdict = (name: string) => ratios.find((ratio) => ratio.name.includes(name));
    expect(verdict('w1: lethe-cpu / torch-cpu')).toMatchObject({ value: 0.4, met: true });
    expect(verdict('w1: lethe-cpu / jax-wasm')).toMatchObject({ value: 0.2, met: false });
    expect(verdict('w2: lethe-cpu / torch-cpu')).toMatchObject({ value: null, met: null });
    expect(verdict('T=1600')).toMatchObject({ value: 1.1, met: true });
    expect(verdict('lethe-dawn: encoding')).toMatchObject({ value: 0.05, met: true });
    expect(formatRatios(ratios)).toMatch(/w2: lethe-cpu \/ torch-cpu +not measured +0\.500\n/);
  });
});

describe('table', () => {
  test('columns align, the last as it comes', () => {
    const lines = [
      ['a', 'b', 'c', 'd'],
      ['long', 'x', '1', 'any'],
    ];
    expect(align(lines)).toBe('a     b  c  d\nlong  x  1  any');
  });

  test('three digits that count', () => {
    expect([12345.6, 123.4, 1.2345, 0.01234, 0.00012, 0, undefined].map(digits)).toEqual([
      ...['12346', '123', '1.23', '0.0123', '1.2e-4', '0', ''],
    ]);
  });

  test('what is missing or failed is shown with its reason', () => {
    const text = formatRows([
      { workload: 'w1', contender: 'lethe-cpu', msPerStep: 41.25, on: 'CPU', note: 'cut' },
      { workload: 'w1', contender: 'torch-cpu', missing: 'no torch' },
      { workload: 'w1', contender: 'jax-wasm', error: 'its loss is NaN' },
    ]);
    expect(text.split('\n')).toEqual([
      'workload  contender  ms/step  on',
      'w1        lethe-cpu     41.3  CPU; cut',
      'w1        torch-cpu           missing: no torch',
      'w1        jax-wasm            ERROR: its loss is NaN',
    ]);
  });
});

describe('turns', () => {
  const plan = { rounds: 3, warmup: 1, steps: 1, limit: 600, timeout: 600, log: () => {} };
  const job = makeJob('b8');
  const fake = (turn: () => Promise<number>, closed: () => void = () => {}): Contender => ({
    on: 'here',
    beginMs: 5,
    turn: async () => ({ milliseconds: 2, loss: await turn() }),
    close: async () => closed(),
  });

  test('go round, and the first step and the warm-up are not timed', async () => {
    const order: string[] = [];
    let closed = 0;
    const open = async (name: string) =>
      fake(
        async () => 10 - order.push(name) / 10,
        () => closed++,
      );
    const rows = await takeTurns(job, ['one', 'two'], open, plan);
    expect(order.join(' ')).toBe('one two one two one two one two one two');
    expect(closed).toBe(2);
    expect(rows[0]).toMatchObject({ rounds: 3, msPerStep: 2, firstMs: 7, firstLoss: 9.9 });
    expect(rows[1].lastLoss).toBe(9);
    expect(rows[0].usPerCharacter).toBe(2000 / (8 * 50));
  });

  test('a turn of an evaluation is a window, and takes what a character takes', async () => {
    const evaluation = makeJob('eval');
    const counts: number[] = [];
    const reader: Contender = {
      ...fake(async () => 1),
      turn: async (count) => ({ milliseconds: counts.push(count) && 0.5, loss: 1 }),
    };
    const [row] = await takeTurns(evaluation, ['one'], async () => reader, { ...plan, pause: 1 });
    expect(counts).toEqual([1, 1, 1, 1, 1]);
    expect(row).toMatchObject({ rounds: 3, charactersPerSecond: 2000 });
    expect(evaluation.text.length).toBeGreaterThan(evaluation.seq);
  });

  test('one that is missing, hangs or diverges leaves the others alone', async () => {
    const contenders: Record<string, () => Promise<number>> = {
      well: async () => 1,
      hangs: () => new Promise(() => {}),
      diverges: async () => NaN,
    };
    const open = async (name: string) => {
      if (!(name in contenders)) throw new MissingError('not installed');
      return fake(contenders[name]);
    };
    const names = ['missing', 'hangs', 'diverges', 'well'];
    const impatient = { ...plan, timeout: 0.05 };
    const [missing, hangs, diverges, well] = await takeTurns(job, names, open, impatient);
    expect(missing.missing).toBe('not installed');
    expect(hangs.error).toBe('no answer within 0.05 s');
    expect(diverges.error).toBe('its loss is NaN');
    expect(well.rounds).toBe(3);
  });

  test('one that learns something else is told', async () => {
    const losses: Record<string, number> = { ours: 4, same: 4.0001, other: 4.1, 'torch-cpu': 4.1 };
    const open = async (name: string) => fake(async () => losses[name]);
    const rows = await takeTurns(job, Object.keys(losses), open, plan);
    const note = 'its losses are not those of ours';
    expect(rows.map((row) => row.note)).toEqual([undefined, undefined, note, undefined]);
  });

  test('one that has used its time takes one timed turn, and says so', async () => {
    const slow = async () => fake(() => new Promise((settle) => setTimeout(() => settle(1), 20)));
    const [row] = await takeTurns(job, ['slow'], slow, { ...plan, limit: 0.01 });
    expect(row).toMatchObject({
      rounds: 1,
      note: '1 of 3 turns, 0 of 1 warm-up turns in its 0.01 s',
    });
  });
});
