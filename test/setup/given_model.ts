/** The trained models that come along with the page of shapes. */
import { readFile } from 'node:fs/promises';

import { onTestFinished } from 'vitest';

import type { Lesson } from '../../demos/learn/lesson';
import { restoreExample } from '../../demos/tasks/example';
import { openDevice } from '../../src/node';

/** The file of a task's model. */
export const givenBytes = async (name: string): Promise<Uint8Array<ArrayBuffer>> =>
  new Uint8Array(
    await readFile(new URL(`../../demos/shapes/models/${name}.safetensors`, import.meta.url)),
  );

/** A task's model until the test has ended; `ask` gives its answer. */
export async function givenModel<Reply>(
  name: string,
  lesson: Lesson<never, never, Reply, never, never>,
) {
  const device = await openDevice('cpu');
  onTestFinished(() => device.dispose());
  const bytes = await givenBytes(name);
  const { model, about } = restoreExample(lesson.example(undefined), device, bytes);
  const ask = (input: unknown): Promise<Reply> =>
    lesson.answer(model as never, about.meta as never, input as never);
  return { model, meta: about.meta, device, ask };
}
