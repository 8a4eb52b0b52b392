/** What a worker with lessons keeps of a training that is closed, and what it refuses while another is taken up. */
import { openDevice } from 'lethe';
import type { Linear } from 'lethe/nn';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import type { Lesson } from '../../demos/learn/lesson';
import type { LearnEvent } from '../../demos/learn/protocol';
import { lessonService } from '../../demos/learn/serve';
import type { Lessons } from '../../demos/learn/serve';
import { Training } from '../../demos/learn/training';
import type { Answer } from '../../demos/shared/answer';
import { restoreExample } from '../../demos/tasks/example';
import { figuresOf, lesson, measure } from '../setup/line_lesson';

const asLesson = lesson as unknown as Lesson;
let lessons: Lessons;
let worker: ReturnType<typeof lessonService>;

beforeEach(() => {
  lessons = {
    line: async () => asLesson,
    other: async () => asLesson,
    broken: async () => {
      throw new Error('its code did not load');
    },
  };
  worker = lessonService(lessons);
});
afterEach(async () => {
  vi.restoreAllMocks();
  await worker.service.close();
});

function valueOf<T>(found: Answer<T>): T {
  if ('problem' in found) throw new Error(found.problem.message);
  return found.value;
}

/** Opens a training and takes it to its end, or fails it before the first step. */
async function trained({ fails = false, kept = null as ((step: number) => void) | null } = {}) {
  let over!: () => void;
  const ended = new Promise<void>((resolve) => (over = resolve));
  const hear = (event: LearnEvent<unknown>) => {
    if (event.kind === 'done' || event.kind === 'failed') over();
  };
  valueOf(await worker.service.open({ device: 'cpu' }, hear, kept));
  if (fails) worker.fail({ kind: 'lost', message: 'The GPU device was lost.' });
  else worker.service.resume();
  await ended;
}

test('the model of a training is kept for its lesson, and the step that it is of is told', async () => {
  const { service } = worker;
  const steps: number[] = [];
  valueOf(await service.choose('line', null));
  await trained();
  const now = valueOf(await service.ask(0.5, 'now'));
  valueOf(await service.choose('other', (step) => steps.push(step)));
  expect(steps).toEqual([160]);
  expect(await service.ask(0.5, 'before')).toHaveProperty('problem');
  valueOf(await service.choose('line', (step) => steps.push(step)));
  expect(valueOf(await service.ask(0.5, 'before'))).toBeCloseTo(now as number, 5);
  // Nothing was in training.
  expect(steps).toEqual([160]);
});

test('a finished training whose best model came early is kept as that, and told so', async () => {
  const { measured, lesson: early } = figuresOf([3, 2, 1, 2, 2, 2, 2, 2, 2, 2]);
  worker = lessonService({ line: async () => early });
  const { service } = worker;
  valueOf(await service.choose('line', null));
  await trained();
  const steps: number[] = [];
  await trained({ fails: true, kept: (step) => steps.push(step) });
  expect(steps).toEqual([48]);
  const bytes = valueOf(await service.save('before'));
  const device = await openDevice('cpu');
  const { model } = restoreExample(early.example(), device, bytes);
  expect((await measure(model as Linear)).error).toBeCloseTo(measured[2], 6);
  device.dispose();
});

test('a model that cannot be saved is not told as kept, and the one kept earlier stays', async () => {
  const { service } = worker;
  const steps: number[] = [];
  valueOf(await service.choose('line', null));
  await trained();
  await trained({ fails: true, kept: (step) => steps.push(step) });
  const first = valueOf(await service.ask(0.5, 'before'));
  vi.spyOn(Training.prototype, 'save').mockRejectedValueOnce(new Error('the device is lost'));
  await trained({ kept: (step) => steps.push(step) });
  expect(steps).toEqual([160]);
  expect(valueOf(await service.ask(0.5, 'before'))).toBe(first);
});

test('while another lesson is taken up, nothing of the one before is given away', async () => {
  const { service } = worker;
  valueOf(await service.choose('line', null));
  await trained();
  const bytes = valueOf(await service.save('now'));
  valueOf(await service.use('line', bytes));
  expect(valueOf(await service.save('given'))).toEqual(bytes);
  let kept = false;
  const choice = service.choose('other', () => (kept = true));
  await Promise.resolve();
  const early = ['given', 'now', 'before', 0] as const;
  const answers = early.flatMap((which) => [service.save(which), service.ask(0.5, which)]);
  expect(kept).toBe(false);
  for (const found of await Promise.all(answers)) expect(found).toHaveProperty('problem');
  valueOf(await choice);
  expect(kept).toBe(true);
});

test('where the code of a lesson does not load, none is chosen', async () => {
  const { service } = worker;
  valueOf(await service.choose('line', null));
  await trained();
  const bytes = valueOf(await service.save('now'));
  const steps: number[] = [];
  expect(await service.choose('broken', (step) => steps.push(step))).toMatchObject({
    problem: { message: 'its code did not load' },
  });
  for (const refused of [
    await service.use('line', bytes),
    await service.ask(0.5, 'before'),
    await service.open({ device: 'cpu' }, () => {}, null),
  ]) {
    expect('problem' in refused && refused.problem.message).toContain('no lesson is chosen');
  }
  // What it had learnt is kept all the same.
  expect(steps).toEqual([160]);
  valueOf(await service.choose('line', null));
  expect(await service.ask(0.5, 'before')).toHaveProperty('value');
});

test('a training that is closed is not kept', async () => {
  const { service } = worker;
  valueOf(await service.choose('line', null));
  await trained();
  await service.close();
  expect(await service.ask(0.5, 'before')).toHaveProperty('problem');
});
