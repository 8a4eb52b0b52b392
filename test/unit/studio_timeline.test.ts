/** What the network wrote along the way: which samples stay. */
import { describe, expect, test, vi } from 'vitest';

import { EMPTY, entered, journalAt } from '../../demos/train/journal';
import type { Journal, Sample, StepReport } from '../../demos/train/protocol';
import { chosenSample, clearRun } from '../../demos/train/store';
import { isKept, SampleSchedule, timelineOf } from '../../demos/train/timeline';

const written = (id: number, step: number, automatic = true): Sample => ({
  ...{ id, step, automatic, text: `text ${id}`, done: true },
  ...{ temperature: 0.8, prime: '', scores: [] },
});

/** The journal after samples at these steps. */
const journalOf = (steps: readonly number[]): Journal =>
  steps.reduce(
    (journal, step, i) => entered(journal, { kind: 'sample', sample: written(i, step) }),
    EMPTY,
  );

const stepsOf = ({ samples }: Journal): number[] => timelineOf(samples).map(({ step }) => step);

test('six steps in each power of ten keep their samples', () => {
  const kept = Array.from({ length: 2001 }, (_, step) => step).filter(isKept);
  expect(kept).toEqual([
    ...[0, 10, 15, 20, 30, 50, 70],
    ...[100, 150, 200, 300, 500, 700],
    ...[1000, 1500, 2000],
  ]);
});

test('a sample between them stays until the next', () => {
  expect(stepsOf(journalOf([0, 10, 13]))).toEqual([0, 10, 13]);
  expect(stepsOf(journalOf([0, 10, 13, 17]))).toEqual([0, 10, 17]);
  expect(stepsOf(journalOf([0, 10, 13, 15, 18]))).toEqual([0, 10, 15, 18]);
});

test('more of a sample takes the place of what there was; one that was asked for stays', () => {
  let journal = journalOf([0, 10, 13]);
  journal = entered(journal, { kind: 'sample', sample: written(7, 13, false) });
  journal = entered(journal, { kind: 'sample', sample: { ...written(8, 14), done: false } });
  journal = entered(journal, { kind: 'sample', sample: written(8, 14) });
  expect(journal.samples.map(({ id, done }) => [id, done])).toEqual([
    ...[8, 7, 1, 0].map((id) => [id, true]),
  ]);
});

test('between two kept steps one is due after a while, later where samples take long', () => {
  vi.useFakeTimers();
  const schedule = new SampleSchedule();
  expect(schedule.due(11)).toBe(true);
  schedule.wrote(1000);
  expect([schedule.due(12), schedule.due(15), schedule.quick]).toEqual([false, true, false]);
  vi.advanceTimersByTime(19_000);
  expect(schedule.due(12)).toBe(false);
  vi.advanceTimersByTime(1_000);
  expect(schedule.due(12)).toBe(true);
  schedule.wrote(20);
  expect(schedule.quick).toBe(true);
  vi.advanceTimersByTime(6_000);
  expect(schedule.due(12)).toBe(true);
  vi.useRealTimers();
});

test('the slider of the next run does not stand where it stood in this one', () => {
  chosenSample.value = 3;
  clearRun();
  expect(chosenSample.value).toBeNull();
});

describe('the best of a run', () => {
  const report = (step: number): StepReport => ({
    ...{ step, loss: 3 - step / 1000, smoothedLoss: 3 - step / 2000, epoch: 1, lr: 0.002 },
    ...{ skipped: 0, gradNorm: 1, charactersPerSecond: 1, bytes: 1, pooledBytes: 1 },
  });
  const heard = [2.5, 2.2, 2.3, 2.4].reduce<Journal>(
    (journal, loss, i) => {
      const step = 100 * (i + 1);
      const told = entered(journal, { kind: 'report', report: report(step) });
      return entered(told, { kind: 'validation', step, loss });
    },
    journalOf([0, 100, 200, 300]),
  );

  test('is where the held-out loss was lowest', () => {
    expect(heard.best).toEqual({ step: 200, loss: 2.2 });
    expect(heard.validation).toEqual({ step: 400, loss: 2.4 });
  });

  test('has a journal that ends there', () => {
    const then = journalAt(heard, 200);
    expect(then.points.map(({ step }) => step)).toEqual([100, 200]);
    expect(then.validation).toEqual({ step: 200, loss: 2.2 });
    expect(then.report).toEqual({ ...report(200) });
    expect(stepsOf(then)).toEqual([0, 100, 200]);
    expect(journalAt(EMPTY, 5)).toEqual(EMPTY);
  });
});
