import { openDB } from 'idb';
import type { DBSchema, IDBPDatabase } from 'idb';

import { exportTuning, importTuning } from '../../src/index';
import type { Tuning } from '../../src/index';
import type { TextMark } from '../../src/train/index';
import { savedRun } from './run_file';
import type { SavedRun } from './run_file';

/** The run last saved; texts are apart, for they are large and stay the same. */
interface Schema extends DBSchema {
  runs: { key: string; value: Omit<SavedRun, 'source'> & { name: string } };
  texts: { key: string; value: string };
  /** What trials found on the adapters of this machine. */
  tuning: { key: string; value: Tuning };
}

const DATABASE = 'lethe-studio';
const LATEST = 'latest';

/**
 * Keeps the latest run in this browser. A save is one transaction: the run before stays until it is
 * whole. Only the tab that holds the lock (lock.ts) has a keeper.
 */
export class Keeper {
  readonly #database: IDBPDatabase<Schema>;

  private constructor(database: IDBPDatabase<Schema>) {
    this.#database = database;
  }

  /** The keeper, or why there is none here. */
  static async open(): Promise<Keeper | string> {
    try {
      const database = await openDB<Schema>(DATABASE, 1, {
        upgrade(created) {
          created.createObjectStore('runs');
          created.createObjectStore('texts');
          created.createObjectStore('tuning');
        },
      });
      importTuning((await database.get('tuning', LATEST)) ?? {});
      return new Keeper(database);
    } catch (error) {
      return `This browser gives the page no storage (${String(error)}).`;
    }
  }

  /** Rejects when the browser refuses, because its storage is full for example. */
  async save({ source, ...rest }: SavedRun): Promise<void> {
    const key = keyOf(rest.mark);
    const known = await this.#database.getKey('texts', key);
    const change = this.#database.transaction(['runs', 'texts', 'tuning'], 'readwrite');
    const texts = change.objectStore('texts');
    // Failures come out of `done`.
    const writes: Promise<unknown>[] = [
      change.objectStore('runs').put({ ...rest, name: source.name }, LATEST),
      change.objectStore('tuning').put(exportTuning(), LATEST),
    ];
    if (known === undefined) writes.push(texts.clear(), texts.put(source.text, key));
    await Promise.all([...writes, change.done]);
  }

  /** The run saved last, if there is one. Rejects for what cannot be read. */
  async load(): Promise<SavedRun | undefined> {
    const run = await this.#database.get('runs', LATEST);
    const text = run && (await this.#database.get('texts', keyOf(run.mark)));
    if (text === undefined) return undefined;
    const { name, settings, journal, checkpoint } = run!;
    return savedRun(
      { source: { name, text }, settings, journal },
      checkpoint,
      'the run in this browser',
    );
  }

  /** Forgets it. */
  async clear(): Promise<void> {
    const change = this.#database.transaction(['runs', 'texts'], 'readwrite');
    const stores = [change.objectStore('runs'), change.objectStore('texts')];
    await Promise.all([...stores.map((store) => store.clear()), change.done]);
  }
}

function keyOf({ length, hash }: TextMark): string {
  return `${length} ${hash}`;
}
