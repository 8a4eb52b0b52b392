import { ArgumentError } from '../../src/errors';
import { answer } from '../shared/answer';
import { serve } from '../shared/endpoint';
import { Mutex } from '../shared/mutex';
import { problemOf } from '../shared/problem';
import type { Problem } from '../shared/problem';
import type { Lesson } from './lesson';
import type { KeptListener, LearnService, Which } from './protocol';
import { Snapshots } from './snapshots';
import { Training } from './training';
import type { Work } from './training';

type ModelName = number | 'given' | `before ${string}`;

/** By name. Their code is loaded when they are chosen. */
export type Lessons = Readonly<Record<string, () => Promise<Lesson>>>;

/** Makes a worker serve these lessons. */
export function serveLessons(lessons: Lessons): void {
  const { service, fail } = lessonService(lessons);
  // A step that was under way when its device went away.
  self.addEventListener('unhandledrejection', (event) => {
    event.preventDefault();
    fail(problemOf(event.reason));
  });
  serve(service);
}

/** What a worker with these lessons does; `fail` ends the training that is open, and tells why. */
export function lessonService(lessons: Lessons): {
  service: LearnService<unknown, unknown, unknown>;
  fail: (problem: Problem) => void;
} {
  const mutex = new Mutex();
  const models = new Snapshots<ModelName>();
  let lesson: Lesson | undefined;
  let lessonName = '';
  let training: Training | undefined;

  const chosen = (): Lesson => {
    if (lesson) return lesson;
    throw new ArgumentError('no lesson is chosen; call choose first');
  };
  const current = (): Training => {
    if (training) return training;
    throw new ArgumentError('nothing is in training; open it first');
  };
  const close = async (kept: KeptListener | null): Promise<void> => {
    const before = training;
    training = undefined;
    if (kept && before) {
      try {
        const { step, bytes } = await before.save();
        models.keep(nameOf('before'), before.example, bytes);
        kept(step);
      } catch {
        // Its device went away, and its parameters with it: the model that was kept earlier stays.
      }
    }
    models.clear((name) => typeof name === 'number');
    await before?.close();
  };
  /** Each lesson has a model of the training before. */
  const nameOf = (which: Exclude<Which, 'now'>): ModelName =>
    which === 'before' ? `before ${lessonName}` : which;
  /** One after the other: what is open must not change under way. */
  const alone = <T>(work: () => Promise<T>) => answer(() => mutex.runExclusive(work));
  const missing = (which: Which): ArgumentError =>
    new ArgumentError(`there is no model ${which}; there are those that were told as snapshots`);

  /** Between two steps, where the model is in training. */
  async function using<T>(which: Which, work: Work<T>): Promise<T> {
    if (which === 'now') return current().use(work);
    const found = await models.restore(nameOf(which));
    if (!found) throw missing(which);
    return work(found.model, found.about.meta);
  }

  const service: LearnService<unknown, unknown, unknown> = {
    choose: (name, kept) =>
      alone(async () => {
        if (!Object.hasOwn(lessons, name)) {
          const names = Object.keys(lessons).join(', ');
          throw new ArgumentError(`there is no lesson ${name}; there are ${names}`);
        }
        // What is asked from here on, of the lesson before, is refused.
        lesson = undefined;
        models.forget('given');
        await close(kept);
        lesson = await lessons[name]();
        lessonName = name;
        return null;
      }),

    use: (name, bytes) =>
      alone(async () => {
        const example = chosen().example(undefined);
        if (name !== lessonName) {
          throw new ArgumentError(`the lesson ${name} is no longer chosen; ${lessonName} is`);
        }
        const before = models.bytes('given');
        models.keep('given', example, new Uint8Array(bytes));
        try {
          const { model, about } = (await models.restore('given'))!;
          return { parameters: model.parameterCount(), best: about.best ?? null };
        } catch (error) {
          models.forget('given');
          if (before) models.keep('given', example, before);
          throw error;
        }
      }),

    find: (settings) => alone(async () => chosen().found?.(settings) ?? null),

    open: (options, listener, kept) =>
      alone(async () => {
        await close(kept);
        training = await Training.open(chosen(), options, models, listener);
        return training.opened;
      }),

    resume: () => training?.resume(),
    pause: async () => training?.pause(),

    ask: (input, which) =>
      answer(async () => {
        const from = chosen();
        return using(which, (model, meta) => from.answer(model, meta, input));
      }),

    gradient: (input, output, which) =>
      answer(async () => {
        const from = chosen();
        return using(
          which,
          async (model, meta) => (await from.gradient?.(model, meta, input, output)) ?? null,
        );
      }),

    follow: async (input) => training?.follow(input),

    save: (which) =>
      answer(async () => {
        chosen();
        if (which === 'now') return (await current().save()).bytes;
        const bytes = models.bytes(nameOf(which));
        if (!bytes) throw missing(which);
        return bytes;
      }),

    close: () => mutex.runExclusive(() => close(null)),
  };
  return { service, fail: (problem) => training?.fail(problem) };
}
