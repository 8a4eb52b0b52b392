/** Runs of the studio's worker, without a page: their end, and what they say of their text. */
import { expect, onTestFinished, test, vi } from 'vitest';

import { whyAtEnd } from '../../demos/train/run_end';
import { openRun, resumeRun } from '../../demos/train/open_run';
import type { RunEvent, RunSettings, TextSource } from '../../demos/train/protocol';
import type { Run } from '../../demos/train/run';
import { decodeRunFile, runWithText } from '../../demos/train/run_file';
import type { BareCheckpoint, SavedRun } from '../../demos/train/run_file';
import { openDevice } from '../../src/index';
import { CharTrainer, markText, readCheckpoint, saveCheckpoint } from '../../src/train/index';

const TEXT = 'to be or not to be, that is the question. '.repeat(8);
const TRAIN = { cell: 'gru', hidden: 4, embedding: 0, batch: 2, seq: 8 } as const;
const SETTINGS: RunSettings = { train: TRAIN, device: 'cpu', temperature: 0.8 };
const SOURCE: TextSource = { name: 'hamlet.txt', text: TEXT };

/** A run as the command line has left it, opened in the studio. */
async function theirs(steps: number, done: number): Promise<SavedRun> {
  const device = await openDevice('cpu');
  const trainer = new CharTrainer(device, TEXT, { ...TRAIN, steps, schedule: 'cosine' });
  for (let step = 0; step < done; step++) await trainer.trainStep();
  await trainer.report();
  const mark = { ...markText(TEXT, 'texts/hamlet.txt'), encoding: 'windows-1252' };
  const bytes = await saveCheckpoint(trainer, mark);
  device.dispose();
  return runWithText(decodeRunFile(bytes, 'theirs') as BareCheckpoint, SOURCE);
}

/** The run, and the kinds of what it tells. */
async function opened(
  make: (start: Parameters<typeof openRun>[0]) => Promise<Run>,
  settings: RunSettings,
): Promise<{ run: Run; told: RunEvent['kind'][] }> {
  const told: RunEvent['kind'][] = [];
  const run = await make({
    ...{ id: 'a run', source: SOURCE, settings },
    listen: ({ kind }) => told.push(kind),
    save: () => Promise.resolve(),
  });
  onTestFinished(() => run.close());
  return { run, told };
}

async function stepOf(run: Run): Promise<number> {
  return (await run.snapshot()).step;
}

async function trainedOn(run: Run, told: readonly string[]): Promise<number> {
  const before = told.filter((kind) => kind === 'stopped').length;
  run.resume();
  // A run without end would be well past it.
  for (let i = 0; i < 50 && told.filter((kind) => kind === 'stopped').length === before; i++) {
    await run.look(() => new Promise((resolve) => setTimeout(resolve, 2)));
  }
  await run.pause();
  return stepOf(run);
}

test('a run rests at its end, and does not go on from there', async () => {
  const { run, told } = await opened(openRun, { ...SETTINGS, stopAfter: 3 });
  expect(await trainedOn(run, told)).toBe(3);
  expect(await trainedOn(run, told)).toBe(3);
  await run.step();
  expect(await trainedOn(run, told)).toBe(4);
});

test('a run of the command line that is done does not go on past its end', async () => {
  const saved = await theirs(4, 4);
  expect(saved.settings.stopAfter).toBe(4);
  const resume = (start: Parameters<typeof openRun>[0]) => resumeRun(saved, start);
  const done = await opened(resume, { ...saved.settings, device: 'cpu' });
  expect(await trainedOn(done.run, done.told)).toBe(4);
  const longer = { ...saved.settings, train: { ...saved.settings.train, steps: 6 }, stopAfter: 6 };
  const more = await opened(resume, { ...longer, device: 'cpu' });
  expect(await trainedOn(more.run, more.told)).toBe(6);
});

test('coming to rest it writes what it has learnt by then, unless its last sample took long', async () => {
  let [now, tick] = [0, 0];
  const clock = vi.spyOn(performance, 'now').mockImplementation(() => (now += tick));
  onTestFinished(() => clock.mockRestore());
  const { run } = await opened(openRun, SETTINGS);
  const written = () =>
    run.journal.samples.filter(({ automatic }) => automatic).map(({ step }) => step);
  await run.step();
  expect(written()).toEqual([1]);
  await run.step();
  expect(written()).toEqual([2]);
  tick = 400;
  await run.step();
  tick = 0;
  await run.step();
  expect(written()).toEqual([3]);
});

test('the page says why a run does not go on', () => {
  const at = (step: number, stopAfter: number, train: RunSettings['train'] = {}) =>
    whyAtEnd({ ...SETTINGS, train: { ...TRAIN, ...train }, stopAfter }, step);
  expect(at(2999, 3000)).toBeNull();
  expect(at(3000, 3000)).toMatch(/^The run stands at step 3,000 and was to stop after 3,000: /);
  expect(at(5000, 3000)).toContain('later step');
  expect(at(5000, 0)).toBeNull();
  const short = { schedule: 'cosine', scheduleSteps: 100 } as const;
  expect(at(50, 0, short)).toBeNull();
  expect(at(100, 0, short)).toMatch(
    /^The cosine schedule has ended, and the rate at step 100 is 0/,
  );
  expect(at(100, 0, { ...short, lr: 0 })).toBeNull();
});

test('a run that goes on keeps what its checkpoint says of the text', async () => {
  const saved = await theirs(4, 2);
  const resume = (start: Parameters<typeof openRun>[0]) => resumeRun(saved, start);
  const { run } = await opened(resume, { ...saved.settings, device: 'cpu' });
  await run.step();
  const { checkpoint, mark } = await run.snapshot();
  expect(mark).toMatchObject({ source: 'texts/hamlet.txt', encoding: 'windows-1252' });
  expect(readCheckpoint(checkpoint).header.text).toEqual(mark);
});

test('a new run says in which encoding its text was read', async () => {
  const make = (start: Parameters<typeof openRun>[0]) =>
    openRun({ ...start, source: { ...SOURCE, encoding: 'windows-1252' } });
  const { run } = await opened(make, SETTINGS);
  const { mark } = await run.snapshot();
  expect(mark).toEqual({ ...markText(TEXT, SOURCE.name), encoding: 'windows-1252' });
});
