/** What a page's worker does with a lesson, without a worker. */
import type { Linear } from 'lethe/nn';
import { afterEach, expect, test } from 'vitest';

import type { LearnEvent } from '../../demos/learn/protocol';
import { Snapshots } from '../../demos/learn/snapshots';
import { Training } from '../../demos/learn/training';
import { figuresOf, lesson, line, measure } from '../setup/line_lesson';

let training: Training | undefined;
afterEach(() => training?.close());

async function open(learnt = lesson) {
  const events: LearnEvent<unknown>[] = [];
  const snapshots = new Snapshots<number | 'given'>();
  let over!: () => void;
  const ended = new Promise<void>((resolve) => (over = resolve));
  training = await Training.open(learnt, { device: 'cpu', seed: 3 }, snapshots, (event) => {
    events.push(event);
    if (event.kind === 'done' || event.kind === 'failed') over();
  });
  const told = <K extends LearnEvent<unknown>['kind']>(kind: K) =>
    events.filter((event): event is LearnEvent<unknown> & { kind: K } => event.kind === kind);
  const opened = training;
  const ask = (x: number): Promise<number> =>
    opened.use((model, meta) => lesson.answer(model as Linear, meta, x));
  return { training, snapshots, told, ended, ask };
}

test('a lesson is trained to its end, and tells how it went', async () => {
  const { training, snapshots, told, ended } = await open();
  expect(training.opened).toMatchObject({
    ...{ parameters: 2, stepsPerEpoch: 4, steps: 160, monitor: 'error', mode: 'min' },
    baseline: { metrics: { error: 1 } },
    device: { kind: 'cpu' },
  });
  expect(told('report')).toEqual([]);
  await training.follow(0.5);
  training.resume();
  await ended;
  await training.pause();
  const reports = told('report');
  expect(reports.at(-1)!.report.step).toBe(160);
  expect(reports.filter(({ report }) => report.metrics)).toHaveLength(10);
  const [{ step, best, test }] = told('done');
  expect([step, told('done').length]).toEqual([160, 1]);
  expect(test.error).toBeLessThan(1e-3);
  expect(test.error).toBeCloseTo(best!.value, 6);

  // At 0, 1/64, 1/16, 1/4 and 1/2 of 160, and at the end.
  expect(told('snapshot').map(({ step }) => step)).toEqual([0, 3, 10, 40, 80, 160]);
  const answers = [];
  for (const at of [0, 10, 160]) {
    const { model, about } = (await snapshots.restore(at))!;
    answers.push(await lesson.answer(model as Linear, about.meta, 0.5));
  }
  const off = answers.map((y) => Math.abs(y - 2));
  expect(off[0]).toBeGreaterThan(off[1]);
  expect(off[1]).toBeGreaterThan(off[2]);
  expect(off[2]).toBeLessThan(0.02);
  const shown = told('shown');
  expect(shown[0]).toMatchObject({ step: 0, answer: { value: answers[0] } });
  expect(shown.at(-1)!.answer).toEqual({ value: answers[2] });
});

test('it answers between two steps, rests, and goes on', async () => {
  const { training, told, ended, ask } = await open();
  training.resume();
  const early = await ask(0.5);
  await training.pause();
  expect(told('done')).toEqual([]);
  const resting = told('report').length;
  const { step, bytes } = await training.save();
  await training.follow(0.5);
  expect(step).toBe(told('shown').at(-1)!.step);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(told('report')).toHaveLength(resting);
  training.resume();
  await ended;
  const late = await ask(0.5);
  expect(Math.abs(late - 2)).toBeLessThan(Math.abs(early - 2));

  const given = new Snapshots<string>();
  given.keep('given', line, bytes);
  const { model, about } = (await given.restore('given'))!;
  expect(about.task).toBe('line');
  const then = await lesson.answer(model as Linear, about.meta, 0.5);
  expect(Math.abs(then - 2)).toBeGreaterThan(Math.abs(late - 2));
  given.clear();
  expect(await given.restore('given')).toBeUndefined();
});

test('an input without an answer is refused, and training goes on; a file that does not fit is named', async () => {
  const { training, snapshots, told, ended, ask } = await open();
  await expect(ask(NaN)).rejects.toThrow('x is no number');
  await training.follow(NaN);
  expect(told('shown')[0].answer).toMatchObject({ problem: { message: 'x is no number' } });
  training.resume();
  await ended;
  expect(told('failed')).toEqual([]);
  snapshots.keep('given', line, new Uint8Array([1, 2, 3]));
  await expect(snapshots.restore('given')).rejects.toThrow(/checkpoint/);
});

test.each([
  { all: 'alike', figures: [1, 1, 1, 1, 1, 1, 1, 1, 1, 1], best: { step: 160, value: 1 } },
  { all: 'worse later', figures: [3, 1, 1, 2, 2, 3, 3, 3, 3, 2], best: { step: 32, value: 1 } },
  { all: 'better once', figures: [3, 2, 2, 1, 2, 2, 2, 2, 2, 2], best: { step: 64, value: 1 } },
])(
  'the last model is taken where it is as good as the best, and else the best: $all',
  async ({ figures, best }) => {
    const { measured, lesson } = figuresOf(figures);
    const { training, told, ended } = await open(lesson);
    training.resume();
    await ended;
    const [done] = told('done');
    expect([done.step, done.best]).toEqual([160, best]);
    expect(done.test.error).toBeCloseTo(measured[best.step / 16 - 1], 6);
    expect(measured).toHaveLength(10);
    // The file, and what tells of it, are of that model too.
    const { step, bytes } = await training.save();
    expect(step).toBe(best.step);
    const kept = new Snapshots<string>();
    kept.keep('kept', line, bytes);
    const { model, about } = (await kept.restore('kept'))!;
    expect((await measure(model as Linear)).error).toBeCloseTo(done.test.error, 6);
    expect(about.best).toMatchObject(best);
    kept.clear();
  },
);
