/** Which text the studio takes, when one comes late. */
import { beforeEach, expect, test, vi } from 'vitest';

import { source } from '../../demos/train/form';
import { phase } from '../../demos/train/store';
import { fileProblem, reading, setText, takeBundled, takeFile } from '../../demos/train/text_store';
import { TEXTS } from '../../demos/train/texts';

const worker = vi.hoisted(() => ({ readFile: vi.fn<() => Promise<unknown>>() }));
vi.mock('../../demos/shared/worker_link', () => ({
  WorkerLink: class {
    connect = () => ({ ...worker, take: () => new Promise(() => {}) });
    answered = (work: unknown) => work;
  },
}));

/** A text of the studio that comes when it is told to. */
function late() {
  let come!: (text: string) => void;
  const text = new Promise<string>((resolve) => (come = resolve));
  return { come, taken: takeBundled({ ...TEXTS[1], load: () => text }) };
}

beforeEach(() => {
  phase.value = 'idle';
  setText('mine', 'my text');
});

test('a text that comes late does not take the place of a newer choice', async () => {
  const { come, taken } = late();
  setText('newer', 'chosen since');
  come('late');
  await taken;
  expect(source.value).toEqual({ name: 'newer', text: 'chosen since' });
});

test.each(['text', 'file'])('a %s that comes late is not set under an open run', async (what) => {
  const { come, taken } = what === 'text' ? late() : lateFile();
  phase.value = 'running';
  come('late');
  await taken;
  expect([source.value.name, reading.value]).toEqual(['mine', null]);
});

function lateFile() {
  let come!: (text: string) => void;
  const read = new Promise<string>((resolve) => (come = resolve));
  worker.readFile.mockReturnValueOnce(read.then((text) => ({ text, statistics: {} })));
  return { come, taken: takeFile(new File(['late'], 'late.txt')) };
}

test('a file that is refused takes the place of a text that is awaited', async () => {
  const { come, taken } = late();
  expect(reading.value).toBe(TEXTS[1].name);
  await takeFile(new File([], 'empty.txt'));
  expect([reading.value, fileProblem.value]).toEqual([null, expect.stringContaining('empty.txt')]);
  come('late');
  await taken;
  expect([source.value.name, reading.value]).toEqual(['mine', null]);
});
