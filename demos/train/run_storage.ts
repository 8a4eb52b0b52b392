import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase, IDBPTransaction, StoreNames } from 'idb';

import { exportTuning, importTuning } from '../../src/index';
import type { Tuning } from '../../src/index';
import type { TextMark } from '../../src/train/index';
import { after } from '../shared/after';
import { newId, savedRun } from './run_file';
import type { SavedRun } from './run_file';
import type { StoredRun } from './protocol';

type Bytes = SavedRun['checkpoint'];
/** `text`: the key of its text. */
type Described = Omit<SavedRun, 'source' | 'id' | 'checkpoint' | 'best'> & {
  name: string;
  text: string;
};

/**
 * Checkpoints and texts are apart from what describes a run, which is read to list them; texts are
 * shared besides.
 */
interface Schema extends DBSchema {
  runs: { key: string; value: Described; indexes: { text: string } };
  checkpoints: { key: string; value: Bytes };
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
/** Attempts to open the storage, and milliseconds apart. */
const MAX_ATTEMPTS = 5;
const ATTEMPT_INTERVAL_MS = 250;
/** What a change may touch. */
const STORES = ['runs', 'checkpoints', 'texts', 'tuning', 'state'] as const;

/**
 * The runs that are kept in this browser: the one that is open, and those before it. A save is one transaction, and
 * replaces what the same run was before. A run that is left without a step of training is forgotten.
 * Only the tab that holds the lock (lock.ts) has one open.
 */
export class RunStorage {
  #database: Promise<IDBPDatabase<Schema>> | undefined;

  private constructor() {}

  /** Resolves to why there is none here, where the browser refuses. */
  static async open(): Promise<RunStorage | string> {
    const storage = new RunStorage();
    for (let attempt = 1; ; attempt++) {
      try {
        const database = await storage.#open();
        importTuning((await database.get('tuning', LATEST)) ?? {});
        return storage;
      } catch (error) {
        if (attempt === MAX_ATTEMPTS || !mayPass(error)) {
          return `This browser gives the page no storage (${String(error)}).`;
        }
        await storage.close().catch(() => {});
        await after(ATTEMPT_INTERVAL_MS);
      }
    }
  }

  /** The database, opened anew where the browser has closed it. */
  #open(): Promise<IDBPDatabase<Schema>> {
    const gone = () => (this.#database = undefined);
    this.#database ??= openDB<Schema>(DATABASE, 3, {
      upgrade: (database, before, _, change) =>
        void upgrade(database, before, change).catch(() => change.abort()),
      terminated: gone,
    }).catch((error: unknown) => {
      gone();
      throw error;
    });
    return this.#database;
  }

  /** To be opened by another. */
  async close(): Promise<void> {
    (await this.#database)?.close();
    this.#database = undefined;
  }

  /** Rejects when the browser refuses, because its storage is full for example. */
  async save({ source, id, checkpoint, best, ...rest }: SavedRun): Promise<void> {
    const text = keyOf(rest.mark);
    const change = (await this.#open()).transaction(STORES, 'readwrite');
    const texts = change.objectStore('texts');
    const store = async () => {
      await leave(change, id);
      const before = await change.objectStore('runs').get(id);
      const writes: Promise<unknown>[] = [
        change.objectStore('runs').put({ ...rest, name: source.name, text }, id),
        change.objectStore('checkpoints').put(checkpoint, id),
        change.objectStore('tuning').put(exportTuning(), LATEST),
        change.objectStore('state').put(id, OPEN),
      ];
      const kept = before?.journal.best;
      // A run that went back may reach the same step with another model.
      if (best && (best.step !== kept?.step || best.loss !== kept.loss)) {
        writes.push(change.objectStore('checkpoints').put(best.checkpoint, bestOf(id)));
      }
      if ((await texts.getKey(text)) === undefined) writes.push(texts.put(source.text, text));
      await Promise.all(writes);
    };
    await whole(change, store);
  }

  /** A run, the open one if no other is named; undefined where there is none. Rejects for a damaged one. */
  async load(id?: string): Promise<SavedRun | undefined> {
    const look = (await this.#open()).transaction(STORES);
    const key = id ?? (await look.objectStore('state').get(OPEN));
    if (key === undefined) return undefined;
    const run = await look.objectStore('runs').get(key);
    const checkpoints = look.objectStore('checkpoints');
    const [checkpoint, best] = [await checkpoints.get(key), await checkpoints.get(bestOf(key))];
    const text = run && (await look.objectStore('texts').get(run.text));
    if (text === undefined || !checkpoint) return undefined;
    const { name, settings, journal } = run!;
    const description = { source: { name, text }, settings, journal };
    return { ...savedRun(description, checkpoint, 'the run in this browser', best), id: key };
  }

  /** No run is open any more; the one that was stays with the others, if it was trained. */
  async release(): Promise<void> {
    const change = (await this.#open()).transaction(STORES, 'readwrite');
    await whole(change, async () => {
      await leave(change);
      await change.objectStore('state').delete(OPEN);
    });
  }

  /** Forgets a run, and its text where no other run has it. */
  async remove(id: string): Promise<void> {
    const change = (await this.#open()).transaction(STORES, 'readwrite');
    await whole(change, async () => {
      await forget(change, id);
      const state = change.objectStore('state');
      if ((await state.get(OPEN)) === id) await state.delete(OPEN);
    });
  }

  /** The runs that are not among those named. */
  async others(named: ReadonlySet<string>): Promise<StoredRun[]> {
    const database = await this.#open();
    const found: StoredRun[] = [];
    for (const id of await database.getAllKeys('runs')) {
      if (named.has(id)) continue;
      const { name, mark, settings, journal, step } = (await database.get('runs', id))!;
      found.push({ id, text: name, textLength: mark.length, settings, journal, step });
    }
    return found;
  }
}

/** True for what a browser may answer while it still closes what the page before had open. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof DOMException)) return false;
  return ['AbortError', 'InvalidStateError', 'UnknownError'].includes(error.name);
}

type Change = IDBPTransaction<Schema, typeof STORES, 'readwrite'>;

/** To be called as `next`, or none, takes the place of the open run. */
async function leave(change: Change, next?: string): Promise<void> {
  const open = await change.objectStore('state').get(OPEN);
  if (open === undefined || open === next) return;
  const run = await change.objectStore('runs').get(open);
  if (run?.step === 0) await forget(change, open);
}

async function forget(change: Change, id: string): Promise<void> {
  const runs = change.objectStore('runs');
  const run = await runs.get(id);
  await runs.delete(id);
  await change.objectStore('checkpoints').delete(id);
  await change.objectStore('checkpoints').delete(bestOf(id));
  if (run && (await runs.index('text').count(run.text)) === 0) {
    await change.objectStore('texts').delete(run.text);
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
  const runs = change.objectStore('runs');
  if (before < 2) {
    const state = database.createObjectStore('state');
    runs.createIndex('text', 'text');
    const latest = await runs.get(LATEST);
    if (latest) {
      const id = newId();
      await runs.put({ ...latest, text: keyOf(latest.mark) }, id);
      await runs.delete(LATEST);
      await state.put(id, OPEN);
    }
  }
  // Before version 3 a run held its checkpoint.
  const checkpoints = database.createObjectStore('checkpoints');
  for (let at = await runs.openCursor(); at; at = await at.continue()) {
    const { checkpoint, ...described } = at.value as Described & { checkpoint: Bytes };
    await checkpoints.put(checkpoint, at.key);
    await at.update(described);
  }
}

/** The key of a run's best checkpoint. */
function bestOf(id: string): string {
  return `${id} best`;
}

function keyOf({ length, hash }: TextMark): string {
  return `${length} ${hash}`;
}
