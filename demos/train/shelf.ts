import { messageOf } from '../../src/io/reason';
import { RunStorage } from './run_storage';
import type { KeptState, StoredRun } from './protocol';
import type { SavedRun } from './run_file';

/** Where runs are kept, or why they are not: that may change while the page is open. */
export class Shelf {
  #storage: Promise<RunStorage | string> = Promise.resolve(
    'It is not known yet whether another tab holds the runs.',
  );

  /** Whether runs may be kept from now on: why not, or null. True if they are, and were not before. */
  async mayKeep(refusal: string | null): Promise<boolean> {
    const before = this.#storage;
    const now = before.then(async (kept) => {
      if (refusal === null) return typeof kept === 'string' ? RunStorage.open() : kept;
      if (typeof kept !== 'string') await kept.close();
      return refusal;
    });
    this.#storage = now;
    return typeof (await now) !== 'string' && typeof (await before) === 'string';
  }

  /** Never rejects. */
  async save(saved: SavedRun): Promise<KeptState> {
    try {
      const storage = await this.#storage;
      if (typeof storage === 'string') return { reason: storage };
      await storage.save(saved);
      return { step: saved.step };
    } catch (error) {
      return { reason: reasonOf(error) };
    }
  }

  /** A run, the open one if no other is named; undefined for none. Rejects for what cannot be read. */
  async load(id?: string): Promise<SavedRun | undefined> {
    return (await this.#kept())?.load(id);
  }

  async others(named: ReadonlySet<string>): Promise<StoredRun[]> {
    return (await (await this.#kept())?.others(named)) ?? [];
  }

  async remove(id: string): Promise<void> {
    await (await this.#kept())?.remove(id);
  }

  async release(): Promise<void> {
    await (await this.#kept())?.release();
  }

  async #kept(): Promise<RunStorage | undefined> {
    const storage = await this.#storage;
    return typeof storage === 'string' ? undefined : storage;
  }
}

export function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'QuotaExceededError') {
    return 'The storage of this browser is full: remove runs that are no longer needed.';
  }
  return messageOf(error);
}
