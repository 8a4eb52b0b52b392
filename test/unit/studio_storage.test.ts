/** What the studio keeps in IndexedDB, in one that lives in memory. */
import 'fake-indexeddb/auto';
import { IDBFactory, IDBObjectStore } from 'fake-indexeddb';
import { openDB } from 'idb';
import { afterEach, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest';

import { EMPTY } from '../../demos/train/journal';
import { RunStorage } from '../../demos/train/run_storage';
import type { SavedRun } from '../../demos/train/run_file';
import { Shelf } from '../../demos/train/shelf';
import { openDevice } from '../../src/index';
import { CharTrainer, markText, saveCheckpoint } from '../../src/train/index';

const TEXT = 'to be or not to be, that is the question. '.repeat(8);
const NAME = 'lethe-studio';

/** By step. */
const runs: SavedRun[] = [];

beforeAll(async () => {
  const device = await openDevice('cpu');
  const train = { cell: 'gru', hidden: 4, embedding: 0, batch: 2, seq: 8 } as const;
  const trainer = new CharTrainer(device, TEXT, train);
  const mark = markText(TEXT, 'hamlet');
  for (let step = 0; step < 3; step++) {
    const checkpoint = await saveCheckpoint(trainer, mark);
    runs.push({
      ...{ id: `run ${step}`, source: { name: 'hamlet', text: TEXT }, journal: EMPTY, mark, step },
      settings: { train: trainer.config, device: 'cpu', temperature: 0.8, stopAfter: 0 },
      checkpoint,
    });
    await trainer.trainStep();
  }
  device.dispose();
});

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});
afterEach(() => vi.restoreAllMocks());

async function storage(): Promise<RunStorage> {
  const kept = await RunStorage.open();
  if (typeof kept === 'string') throw new Error(kept);
  onTestFinished(() => kept.close());
  return kept;
}

const listed = async (kept: RunStorage, named: readonly string[] = []) =>
  (await kept.others(new Set(named))).map(({ id }) => id);

test('what is saved comes back, and is listed without its checkpoint being read', async () => {
  const kept = await storage();
  for (const run of runs.slice(1)) await kept.save(run);
  expect(await kept.load()).toEqual(runs[2]);
  expect(await kept.load('run 1')).toEqual(runs[1]);
  expect(await kept.load('run 7')).toBeUndefined();
  const read = vi.spyOn(IDBObjectStore.prototype, 'get');
  expect(await listed(kept)).toEqual(['run 1', 'run 2']);
  const results = read.mock.results.map(({ value }) => (value as IDBRequest).result as unknown);
  expect(results).toHaveLength(2);
  for (const result of results) {
    expect(Object.values(result as object).some((value) => value instanceof Uint8Array)).toBe(
      false,
    );
  }
});

test('the best model is kept beside the last, written when it changes, and forgotten with the run', async () => {
  const kept = await storage();
  const best = (step: number) => ({ step, loss: 3 - step, checkpoint: runs[step].checkpoint });
  const bestAt = (step: number): SavedRun => {
    const { loss } = best(step);
    const journal = { ...EMPTY, best: { step, loss } };
    return { ...runs[2], journal, best: best(step) };
  };
  await kept.save(bestAt(1));
  expect(await kept.load()).toEqual(bestAt(1));
  const written = vi.spyOn(IDBObjectStore.prototype, 'put');
  await kept.save(bestAt(1));
  const keys = () => written.mock.calls.map(([, key]) => key);
  expect(keys()).not.toContain('run 2 best');
  await kept.save(bestAt(2));
  expect(keys()).toContain('run 2 best');
  expect(await kept.load()).toEqual(bestAt(2));
  // The run went back, and came to another best at the same step.
  const checkpoint = runs[0].checkpoint;
  const better = { ...bestAt(2), best: { step: 2, loss: 0.5, checkpoint } };
  better.journal = { ...EMPTY, best: { step: 2, loss: 0.5 } };
  await kept.save(better);
  expect((await kept.load())?.best?.checkpoint).toEqual(checkpoint);
  await kept.remove('run 2');
  await kept.save(runs[2]);
  expect((await kept.load())?.best).toBeUndefined();
});

test('a browser that refuses to open it at first is asked again, and one that goes on is believed', async () => {
  await (await storage()).save(runs[1]);
  const refused = (): never => {
    throw new DOMException('Internal error opening backing store', 'UnknownError');
  };
  vi.spyOn(globalThis, 'setTimeout').mockImplementation((go) => {
    go();
    return 0 as unknown as ReturnType<typeof setTimeout>;
  });
  const asked = vi.spyOn(indexedDB, 'open');
  asked.mockImplementationOnce(refused).mockImplementationOnce(refused);
  expect(await (await storage()).load()).toEqual(runs[1]);
  expect(asked).toHaveBeenCalledTimes(3);
  asked.mockReset().mockImplementation(refused);
  expect(await RunStorage.open()).toContain('Internal error opening backing store');
  expect(asked).toHaveBeenCalledTimes(5);
  // A newer page has been here: that does not pass.
  asked.mockReset().mockImplementation(() => {
    throw new DOMException('the version is higher', 'VersionError');
  });
  expect(await RunStorage.open()).toContain('the version is higher');
  expect(asked).toHaveBeenCalledTimes(1);
});

test('to list runs takes none away', async () => {
  const kept = await storage();
  await kept.save(runs[0]);
  await listed(kept);
  expect(await kept.load('run 0')).toEqual(runs[0]);
});

test('a run that is left without a step of training is forgotten, with its text', async () => {
  const kept = await storage();
  await kept.save(runs[0]);
  await kept.save(runs[0]);
  expect(await kept.load()).toEqual(runs[0]);
  await kept.save(runs[1]);
  expect(await kept.load('run 0')).toBeUndefined();
  await kept.release();
  expect(await kept.load()).toBeUndefined();
  expect(await listed(kept)).toEqual(['run 1']);
  await kept.remove('run 1');
  await kept.save(runs[0]);
  await kept.release();
  await kept.close();
  const database = await openDB(NAME);
  for (const store of ['runs', 'checkpoints', 'texts', 'state']) {
    expect(await database.count(store), store).toBe(0);
  }
  database.close();
});

/** As versions 1 and 2 of the database had a run: with its checkpoint inside. */
const asBefore = ({ source, id: _, ...rest }: SavedRun) => ({ ...rest, name: source.name });
const KEY = () => `${runs[0].mark.length} ${runs[0].mark.hash}`;

test('runs of version 2 are there still', async () => {
  const before = await openDB(NAME, 2, {
    upgrade(database) {
      const store = database.createObjectStore('runs');
      for (const name of ['texts', 'tuning', 'state']) database.createObjectStore(name);
      store.createIndex('text', 'text');
    },
  });
  for (const run of runs) await before.put('runs', { ...asBefore(run), text: KEY() }, run.id);
  await before.put('texts', TEXT, KEY());
  await before.put('state', 'run 1', 'open');
  before.close();

  const kept = await storage();
  expect(await kept.load()).toEqual(runs[1]);
  for (const run of runs) expect(await kept.load(run.id)).toEqual(run);
  expect(await listed(kept, ['run 0'])).toEqual(['run 1', 'run 2']);
  await kept.remove('run 2');
  expect(await kept.load('run 2')).toBeUndefined();
});

test('the run of version 1 is the open one', async () => {
  const before = await openDB(NAME, 1, {
    upgrade(database) {
      for (const name of ['runs', 'texts', 'tuning']) database.createObjectStore(name);
    },
  });
  await before.put('runs', asBefore(runs[2]), 'latest');
  await before.put('texts', TEXT, KEY());
  before.close();

  const kept = await storage();
  const run = await kept.load();
  expect(run).toEqual({ ...runs[2], id: run!.id });
  expect(await listed(kept)).toEqual([run!.id]);
});

test('the storage is opened once, however often the shelf may keep, and closed when it may not', async () => {
  const opening = vi.spyOn(RunStorage, 'open');
  const shelf = new Shelf();
  const answers = await Promise.all([shelf.mayKeep(null), shelf.mayKeep(null)]);
  expect(answers).toEqual([true, false]);
  expect(opening).toHaveBeenCalledOnce();
  expect(await shelf.save(runs[1])).toEqual({ step: 1 });
  expect(await shelf.mayKeep('another tab')).toBe(false);
  expect(await shelf.save(runs[1])).toEqual({ reason: 'another tab' });
  // Nobody holds the database any more.
  const deleted = indexedDB.deleteDatabase(NAME);
  const blocked = vi.fn();
  deleted.onblocked = blocked;
  await vi.waitFor(() => expect(deleted.readyState).toBe('done'));
  expect(blocked).not.toHaveBeenCalled();
  expect(await shelf.mayKeep(null)).toBe(true);
  await shelf.mayKeep('over');
});
