/** What a page knows of the trainings that its worker keeps; the worker is a service that the test answers for. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

import { expose } from 'comlink';
import { afterEach, expect, test, vi } from 'vitest';

import { Learner } from '../../demos/learn/learner';
import type { LearnEvent, LearnService, Opened } from '../../demos/learn/protocol';
import { LISTENING } from '../../demos/shared/endpoint';
import { WorkerLink } from '../../demos/shared/worker_link';

const OPENED: Opened = {
  ...{ title: 'A line', data: null, parameters: 2, stepsPerEpoch: 4, steps: 160 },
  ...{ baseline: { name: 'a flat line', metrics: { error: 1 } }, monitor: 'error', mode: 'min' },
  device: { kind: 'cpu', description: 'CPU', reason: '' },
};

const ports: MessagePort[] = [];
afterEach(() => {
  vi.unstubAllGlobals();
  for (const port of ports.splice(0)) port.close();
});

/** A page whose worker keeps models, and tells the step `keeps` of each; null where saving fails. */
function page() {
  const fake = { keeps: 0 as number | null, refuses: false, fails: false };
  let tell!: (event: LearnEvent<unknown>) => void;
  let worker!: Worker;
  const leave = async (kept: ((step: number) => unknown) | null) => {
    if (kept && fake.keeps !== null) await kept(fake.keeps);
  };
  const service: Partial<LearnService<unknown, unknown, unknown>> = {
    choose: async (_lesson, kept) => {
      await leave(kept);
      return { value: null };
    },
    open: async (_options, listener, kept) => {
      await leave(kept);
      tell = listener;
      if (fake.fails) tell({ kind: 'failed', problem: { kind: 'lost', message: 'no device' } });
      if (fake.refuses) return { problem: { kind: 'other', message: 'no data' } };
      return { value: OPENED };
    },
  };
  const learner = new Learner<string, unknown, unknown>(
    () => {
      const { port1, port2 } = new MessageChannel();
      ports.push(port1, port2);
      expose(service, port2);
      port1.start();
      worker = Object.assign(port1, { terminate: () => port1.close() }) as unknown as Worker;
      // As in a worker.
      vi.stubGlobal('postMessage', port2.postMessage.bind(port2));
      postMessage(LISTENING);
      return worker;
    },
    { keeps: true },
  );
  /** A training with these settings, of which the page has heard until that step. */
  const train = async (settings: string, step: number) => {
    await learner.open({ settings });
    const report = { step, epoch: 0, loss: 1, smoothedLoss: 1, stepsPerSecond: 1 };
    tell({ kind: 'report', report: report as never });
    await expect.poll(() => learner.step.value).toBe(step);
  };
  return {
    learner,
    fake,
    train,
    fails: (message: string): void => {
      worker.onerror!({ message } as ErrorEvent);
    },
  };
}

test('a training is kept for its lesson, with the step that the worker tells', async () => {
  const { learner, fake, train } = page();
  await learner.choose('names');
  await train('gru', 160);
  fake.keeps = 48;
  await learner.choose('digits');
  expect(learner.before.value).toBe(null);
  // Nothing was in training: the one that is kept stays.
  await learner.choose('names');
  expect(learner.before.value).toMatchObject({ step: 48, settings: 'gru', opened: OPENED });
  expect(learner.before.value!.reports.map(({ step }) => step)).toEqual([160]);

  await train('lstm', 7);
  expect(learner.before.value).toMatchObject({ settings: 'gru' });
  fake.keeps = 8;
  await train('rnn', 3);
  expect(learner.before.value).toMatchObject({ step: 8, settings: 'lstm' });
});

test('left and taken up again at once, the lesson has its training', async () => {
  const { learner, fake, train } = page();
  await learner.choose('names');
  await train('gru', 5);
  fake.keeps = 5;
  await Promise.all([learner.choose('digits'), learner.choose('names')]);
  await expect.poll(() => learner.before.value).toMatchObject({ step: 5, settings: 'gru' });
});

test('where the worker could not save it, the one that was kept earlier stays', async () => {
  const { learner, fake, train } = page();
  await learner.choose('names');
  await train('gru', 5);
  fake.keeps = null;
  await train('lstm', 6);
  expect(learner.before.value).toBe(null);
  fake.keeps = 6;
  await train('rnn', 7);
  fake.keeps = null;
  await train('gru', 8);
  expect(learner.before.value).toMatchObject({ step: 6, settings: 'lstm' });
  await learner.choose('digits');
  await learner.choose('names');
  expect(learner.before.value).toMatchObject({ step: 6, settings: 'lstm' });
});

test('it is kept where the next one cannot be opened', async () => {
  const { learner, fake, train } = page();
  await learner.choose('names');
  await train('gru', 5);
  Object.assign(fake, { keeps: 5, refuses: true });
  expect(await learner.open({ settings: 'lstm' })).toBe(false);
  expect(learner.before.value).toMatchObject({ step: 5, settings: 'gru' });
});

test('a training that has told nothing yet is not kept', async () => {
  const { learner, fake } = page();
  await learner.choose('names');
  fake.keeps = 0;
  await learner.open({ settings: 'gru' });
  await learner.open({ settings: 'lstm' });
  expect(learner.phase.value).toBe('resting');
  expect(learner.before.value).toBe(null);
});

test('a training that fails before it is known to be open does not count as open', async () => {
  const { learner, fake } = page();
  await learner.choose('names');
  fake.fails = true;
  expect(await learner.open({ settings: 'gru' })).toBe(false);
  expect(learner.phase.value).toBe('closed');
  expect(learner.problem.value?.message).toBe('no device');
});

test('why a worker failed stands, where a training was being opened', async () => {
  const { learner, fails } = page();
  await learner.choose('names');
  const opened = learner.open({ settings: 'gru' });
  fails('out of memory');
  expect(await opened).toBe(false);
  expect(learner.problem.value?.message).toBe('The worker failed: out of memory');
});

test('what was kept goes with its worker', async () => {
  const { learner, fake, train, fails } = page();
  await learner.choose('names');
  await train('gru', 5);
  fake.keeps = 5;
  await train('lstm', 6);
  expect(learner.before.value).not.toBe(null);
  fails('out of memory');
  expect(learner.before.value).toBe(null);
  expect(learner.problem.value?.message).toBe('The worker failed: out of memory');
  await learner.choose('digits');
  await learner.choose('names');
  expect(learner.before.value).toBe(null);
});

interface Counting {
  count(listener: (number: number) => void, to: number): void;
}

/** A worker that counts, as a page has it, and what it posts beside its answers: functions of earlier tests may be among it. */
function counting() {
  const { port1, port2 } = new MessageChannel();
  ports.push(port1, port2);
  const posted: { listener: number; given?: unknown[] }[] = [];
  const post = (message: (typeof posted)[number]): void => {
    posted.push(message);
    port2.postMessage(message);
  };
  vi.stubGlobal('postMessage', post);
  const service: Counting = {
    count: (listener, to) => {
      for (let number = 1; number <= to; number++) listener(number);
    },
  };
  const link = new WorkerLink<Counting>(
    () => {
      expose(service, port2);
      port1.start();
      postMessage(LISTENING);
      return port1 as unknown as Worker;
    },
    () => {},
  );
  return { link, post, posted };
}

test('what its worker tells is heard before the answers that come after it', async () => {
  const told: number[] = [];
  const { link } = counting();
  for (let to = 1; to <= 20; to++) {
    await link.connect().count((number) => told.push(number), to);
    expect(told.splice(0)).toHaveLength(to);
  }
});

test('a function that nothing in the worker calls any more is let go of', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const { link, post, posted } = counting();
  const heard = vi.fn();
  await link.connect().count(heard, 1);
  const { listener } = posted.find(({ given }) => given)!;
  await expect
    .poll(() => {
      collect();
      return posted;
    })
    .toContainEqual({ listener });
  post({ listener, given: [2] });
  await link.connect().count(() => {}, 0);
  expect(heard.mock.calls).toEqual([[1]]);
});

test("a worker calls functions that it was given, and not another worker's", async () => {
  const [one, other] = [counting(), counting()];
  const heard = vi.fn();
  vi.stubGlobal('postMessage', one.post);
  await one.link.connect().count(heard, 1);
  const { listener } = one.posted.find(({ given }) => given)!;
  vi.stubGlobal('postMessage', other.post);
  await other.link.connect().count(() => {}, 0);
  other.post({ listener, given: [2] });
  await other.link.connect().count(() => {}, 0);
  expect(heard.mock.calls).toEqual([[1]]);
});
