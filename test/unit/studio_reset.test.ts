/** What is asked for while the worker still closes the run before, or dies at it. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { reset, start } from '../../demos/train/actions';
import { source } from '../../demos/train/form';
import { keptRuns } from '../../demos/train/kept_runs';
import { openKept, removeKept } from '../../demos/train/keeping';
import type { RunEvent } from '../../demos/train/protocol';
import type { KeptRun } from '../../demos/train/run_record';
import { endRun, phase, problem, receive, report } from '../../demos/train/store';

/** As `WorkerLink`: a service for each worker; what was asked of one that is ended is never answered, but rejected. */
const link = vi.hoisted(() => {
  /** What the workers were asked, and that one was ended, each by its letter. */
  const log: string[] = [];
  const rejects = new Set<(why: Error) => void>();
  const of = (name: string) => {
    const told =
      <T>(what: string, answer: () => T) =>
      (): Promise<T> => {
        log.push(`${name} ${what}`);
        return Promise.resolve(answer());
      };
    return {
      name,
      open: vi.fn(told('open', () => ({ id: 'a run', info: { device: { kind: 'cpu' } } }))),
      close: vi.fn(told('close', () => {})),
      resume: told('resume', () => {}),
      openKept: told('openKept', () => ({ problem: { kind: 'other', message: 'none' } })),
      remove: told('remove', () => {}),
      keptRuns: () => Promise.resolve([]),
    };
  };
  let count = 0;
  let current: ReturnType<typeof of> | undefined;
  return {
    log,
    service: {
      connect: () => (current ??= of('ABC'[count++])),
      connected: () => current,
      abandon: (): void => {
        log.push(`${current!.name} ended`);
        current = undefined;
        for (const reject of rejects) reject(new Error('its worker was ended meanwhile'));
        rejects.clear();
      },
      answered: <T>(work: Promise<T>) =>
        Promise.race([work, new Promise<never>((_, reject) => rejects.add(reject))]),
    },
    startAnew(): void {
      log.length = count = 0;
      current = undefined;
    },
  };
});
vi.mock('../../demos/train/service', async () => {
  const { signal } = await import('@preact/signals');
  return { ...link.service, abandoned: signal(0) };
});
// It counts texts in a worker of its own.
vi.mock('../../demos/train/text_store', () => ({}));

const { connect, abandon } = link.service;
const told = { kind: 'report', report: { step: 7, loss: 1 } } as RunEvent;

/** Has the worker that is there be slow with the next closing, until the function given back is called. */
function slowToClose(): () => void {
  const { name, close } = connect();
  let closed!: () => void;
  close.mockImplementationOnce(() => {
    link.log.push(`${name} close`);
    return new Promise((resolve) => (closed = resolve));
  });
  return () => closed();
}

/** As after an error that nothing in the worker has caught. */
function workerFails(): void {
  abandon();
  endRun({ kind: 'other', message: 'The worker failed' });
}

/** All that follows without waiting for time to pass. */
const settle = () => vi.advanceTimersByTimeAsync(0);

beforeEach(async () => {
  vi.useFakeTimers();
  link.startAnew();
  source.value = { name: 'a text', text: 'abc'.repeat(1000) };
  await start();
  expect(phase.value).toBe('running');
});
afterEach(async () => {
  const done = reset();
  await vi.advanceTimersByTimeAsync(60_000);
  await done;
  vi.useRealTimers();
});

test('a run that is begun waits for that, and hears nothing of the one before', async () => {
  const close = slowToClose();
  void reset();
  expect(phase.value).toBe('idle');
  const begun = start();
  expect(phase.value).toBe('opening');
  receive(told);
  await settle();
  expect(report.value).toBe(null);
  expect(link.log).toEqual(['A open', 'A resume', 'A close']);

  close();
  await begun;
  expect(phase.value).toBe('running');
  expect(link.log.slice(3)).toEqual(['A open', 'A resume']);
  receive(told);
  expect(report.value).toMatchObject({ step: 7 });
});

test('a worker that is not done in time is ended, and the run begins in another', async () => {
  slowToClose();
  void reset();
  const begun = start();
  await vi.advanceTimersByTimeAsync(10_000);
  await begun;
  expect([phase.value, problem.value]).toEqual(['running', null]);
  expect(link.log.slice(2)).toEqual(['A close', 'A ended', 'B close', 'B open', 'B resume']);
});

test('a run that waits is given up without a word to the worker, which closes the first in peace', async () => {
  const close = slowToClose();
  void reset();
  const begun = start();
  await settle();
  void reset();
  await vi.advanceTimersByTimeAsync(9000);
  close();
  await begun;
  await vi.advanceTimersByTimeAsync(60_000);
  expect(phase.value).toBe('idle');
  expect(link.log.slice(2)).toEqual(['A close', 'A close']);
});

test('however often it is given up, the run that is begun at last is not closed', async () => {
  slowToClose();
  void reset();
  void start();
  await settle();
  void reset();
  const begun = start();
  await vi.advanceTimersByTimeAsync(60_000);
  await begun;
  expect(phase.value).toBe('running');
  expect(link.log.lastIndexOf('B close')).toBeLessThan(link.log.indexOf('B open'));
  expect(link.log.slice(-2)).toEqual(['B open', 'B resume']);
});

test('a run that the worker makes is given up at once, and its worker ended', async () => {
  void reset();
  await settle();
  connect().open.mockReturnValueOnce(new Promise(() => {}));
  void start();
  await settle();
  void reset();
  await settle();
  expect(phase.value).toBe('idle');
  expect(link.log.slice(2)).toEqual(['A close', 'A ended', 'B close']);
});

test('where the worker dies at it, the run that waits does not begin, and the next one does at once', async () => {
  slowToClose();
  void reset();
  const over = vi.fn();
  void start().then(over);
  await settle();
  workerFails();
  await settle();
  expect(over).toHaveBeenCalledOnce();
  expect([phase.value, problem.value?.message]).toEqual(['idle', 'The worker failed']);
  expect(link.log).not.toContain('B open');
  await start();
  expect(phase.value).toBe('running');
  expect(link.log.slice(-2)).toEqual(['B open', 'B resume']);
});

test('a run of the table is opened, or its model removed, once that is done', async () => {
  slowToClose();
  const kept = { key: 'kept', name: 'kept', model: true } as KeptRun;
  void reset();
  const [opened, removed] = [openKept(kept), removeKept(kept)];
  await vi.advanceTimersByTimeAsync(10_000);
  expect([await opened, await removed]).toEqual(['none', null]);
  expect(link.log.slice(2)).toEqual(['A close', 'A ended', 'B close', 'B openKept', 'B remove']);
});

test('a run without a model leaves the table without the worker', async () => {
  const kept = { key: 'no model', model: false } as KeptRun;
  keptRuns.value = [kept];
  const before = link.log.length;
  await removeKept(kept);
  expect([keptRuns.value, link.log.length]).toEqual([[], before]);
});
