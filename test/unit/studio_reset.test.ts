/** A run that is begun while the worker still closes the one before. */
import { afterEach, expect, onTestFinished, test, vi } from 'vitest';

import { reset, start } from '../../demos/train/actions';
import { source } from '../../demos/train/form';
import type { RunEvent } from '../../demos/train/protocol';
import { phase, problem, receive, report } from '../../demos/train/store';

const worker = vi.hoisted(() => ({
  open: vi.fn<() => Promise<unknown>>(),
  close: vi.fn(() => Promise.resolve()),
  resume: () => Promise.resolve(),
  keptRuns: () => Promise.resolve([]),
}));
const ended = vi.hoisted(() => vi.fn());
vi.mock('../../demos/train/service', async () => {
  const { signal } = await import('@preact/signals');
  return {
    ...{ connect: () => worker, connected: () => worker, abandon: ended, abandoned: signal(0) },
    answered: (work: unknown) => work,
  };
});
// It counts texts in a worker of its own.
vi.mock('../../demos/train/text_store', () => ({}));

const told = { kind: 'report', report: { step: 7, loss: 1 } } as RunEvent;

afterEach(async () => {
  vi.useRealTimers();
  await reset();
});

test('it waits for that, and hears nothing of the one before', async () => {
  source.value = { name: 'a text', text: 'abc'.repeat(1000) };
  worker.open.mockResolvedValue({ id: 'a run', info: { device: { kind: 'cpu' } } });
  await start();
  let close!: () => void;
  worker.close.mockReturnValueOnce(new Promise((resolve) => (close = resolve)));
  onTestFinished(() => close());
  void reset();
  expect(phase.value).toBe('idle');
  const begun = start();
  expect(phase.value).toBe('opening');
  receive(told);
  await Promise.resolve();
  expect([report.value, worker.open.mock.calls.length]).toEqual([null, 1]);

  close();
  await begun;
  expect([phase.value, worker.open.mock.calls.length]).toEqual(['running', 2]);
  receive(told);
  expect(report.value).toMatchObject({ step: 7 });
});

test('a worker that is not done in time is ended, and the run begins in another', async () => {
  vi.useFakeTimers();
  worker.close.mockReturnValueOnce(new Promise(() => {})).mockResolvedValueOnce();
  void reset();
  const begun = start();
  await vi.advanceTimersByTimeAsync(10_000);
  await begun;
  expect(ended).toHaveBeenCalledOnce();
  expect([phase.value, problem.value, worker.open.mock.calls.length]).toEqual(['running', null, 3]);
});
