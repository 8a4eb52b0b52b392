import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';

import { exportTuning, importTuning } from '../../src/index';
import type { Tuning } from '../../src/index';
import type { TextMark } from '../../src/train/index';
import { newId, savedRun } from './run_file';
import type { SavedRun } from './run_file';
import type { StoredRun } from './protocol';

/** Texts are apart from runs, for they are large, stay the same, and are shared. */
interface Schema extends DBSchema {
  runs: {
    key: string;
    /** `text`: the key of its text. */
    value: Omit<SavedRun, 'source' | 'id'> & { name: string; text: string };
    indexes: { text: string };
  };
  texts: { key: string; value: string };
  /** What trials found on the adapters of this machine. */
  tuning: { key: string; value: Tuning };
  /** The key of the run that is open, under `OPEN`. */
  state: { key: string; value: string };
}

const DATABASE = 'lethe-studio';
/** Of the tuning; in version 1, of the one run that was kept. */
const LATEST = 'latest';
const OPEN = 'open';

/**
 * Keeps runs in this browser: the one that is open, and those before it. A save is one transaction, and
 * only ever replaces what the same run was before. Only the tab that holds the lock (lock.ts) has a keeper.
 */
export class Keeper {
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  private constructor() {}

  /** The keeper, or why there is none here. */
  static async open(): Promise<Keeper | string> {
    const keeper = new Keeper();
    try {
      const database = await keeper.#open();
      importTuning((await database.get('tuning', LATEST)) ?? {});
      return keeper;
    } catch (error) {
      return `This browser gives the page no storage (${String(error)}).`;
    }
  }

  /** The database, opened anew where the browser has closed it. */
  #open(): Promise<IDBPDatabase<Schema>> {
    const gone = () => (this.#database = undefined);
    this.#database ??= openDB<Schema>(DATABASE, 2, {
      upgrade: (database, before, _, change) =>
        void upgrade(database, before, change).catch(() => change.abort()),
      terminated: gone,
    }).catch((error: unknown) => {
      gone();
      throw error;
    });
    return this.#database;
  }

  /** Rejects when the browser refuses, because its storage is full for example. */
  async save({ source, id, ...rest }: SavedRun): Promise<void> {
    const text = keyOf(rest.mark);
    const change = (await this.#open()).transaction(
      ['runs', 'texts', 'tuning', 'state'],
      'readwrite',
    );
    const texts = change.objectStore('texts');
    const store = async () => {
      const writes: Promise<unknown>[] = [
        change.objectStore('runs').put({ ...rest, name: source.name, text }, id),
        change.objectStore('tuning').put(exportTuning(), LATEST),
        change.objectStore('state').put(id, OPEN),
      ];
      if ((await texts.getKey(text)) === undefined) writes.push(texts.put(source.text, text));
      await Promise.all(writes);
    };
    await whole(change, store);
  }

  /** A run, the open one if no other is named; undefined where there is none. Rejects for a damaged one. */
  async load(id?: string): Promise<SavedRun | undefined> {
    const database = await this.#open();
    const key = id ?? (await database.get('state', OPEN));
    const run = key === undefined ? undefined : await database.get('runs', key);
    const text = run && (await database.get('texts', run.text));
    if (text === undefined) return undefined;
    const { name, settings, journal, checkpoint } = run!;
    const description = { source: { name, text }, settings, journal };
    return { ...savedRun(description, checkpoint, 'the run in this browser'), id: key! };
  }

  /** No run is open any more; the one that was stays with the others. */
  async release(): Promise<void> {
    await (await this.#open()).delete('state', OPEN);
  }

  /** Forgets a run, and its text where no other run has it. */
  async remove(id: string): Promise<void> {
    const change = (await this.#open()).transaction(['runs', 'texts', 'state'], 'readwrite');
    const [runs, state] = [change.objectStore('runs'), change.objectStore('state')];
    const remove = async () => {
      const run = await runs.get(id);
      await runs.delete(id);
      if (run && (await runs.index('text').count(run.text)) === 0) {
        await change.objectStore('texts').delete(run.text);
      }
      if ((await state.get(OPEN)) === id) await state.delete(OPEN);
    };
    await whole(change, remove);
  }

  /** The runs that are not among those named. One that never trained is forgotten instead. */
  async others(named: ReadonlySet<string>): Promise<StoredRun[]> {
    const database = await this.#open();
    const found: StoredRun[] = [];
    for (const id of await database.getAllKeys('runs')) {
      if (named.has(id)) continue;
      const { name, settings, journal, step } = (await database.get('runs', id))!;
      if (step === 0) await this.remove(id);
      else found.push({ id, text: name, settings, journal, step });
    }
    return found;
  }
}

/** Does `work` in its transaction: all of it, or nothing. Rejects with what went wrong at first. */
async function whole(
  change: { readonly done: Promise<void>; abort(): void },
  work: () => Promise<void>,
): Promise<void> {
  change.done.catch(() => {});
  try {
    await work();
  } catch (error) {
    try {
      change.abort();
    } catch {
      // It was aborted already, and knows why.
      await change.done;
    }
    throw error;
  }
  await change.done;
}

async function upgrade(
  database: IDBPDatabase<Schema>,
  before: number,
  change: IDBPTransaction<Schema, StoreNames<Schema>[], 'versionchange'>,
): Promise<void> {
  if (before < 1) {
    database.createObjectStore('runs');
    database.createObjectStore('texts');
    database.createObjectStore('tuning');
  }
  const state = database.createObjectStore('state');
  const runs = change.objectStore('runs');
  runs.createIndex('text', 'text');
  const latest = await runs.get(LATEST);
  if (!latest) return;
  const id = newId();
  await runs.put({ ...latest, text: keyOf(latest.mark) }, id);
  await runs.delete(LATEST);
  await state.put(id, OPEN);
}

function keyOf({ length, hash }: TextMark): string {
  return `${length} ${hash}`;
}
