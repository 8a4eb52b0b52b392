import { openDevice } from '../../src/index';
import type { Device } from '../../src/index';
import type { Module } from '../../src/nn/index';
import type { About, Example } from '../tasks/example';
import { restoreExample } from '../tasks/example';

/** A model that is no longer trained. */
interface Kept {
  readonly example: Example;
  readonly bytes: Uint8Array<ArrayBuffer>;
  restored?: { readonly model: Module; readonly about: About };
}

/**
 * Models at rest, by name. They answer on the CPU, whatever trains: at once, without shaders to wait for.
 */
export class Snapshots<Name> {
  readonly #kept = new Map<Name, Kept>();
  #device: Promise<Device> | undefined;

  keep(name: Name, example: Example, bytes: Uint8Array<ArrayBuffer>): void {
    this.forget(name);
    this.#kept.set(name, { example, bytes });
  }

  bytes(name: Name): Uint8Array<ArrayBuffer> | undefined {
    return this.#kept.get(name)?.bytes;
  }

  /**
   * The model of that name, in evaluation mode.
   *
   * @throws CheckpointError for bytes that are damaged or do not fit the example.
   */
  async restore(name: Name): Promise<{ model: Module; about: About } | undefined> {
    const kept = this.#kept.get(name);
    if (!kept) return undefined;
    this.#device ??= openDevice('cpu');
    const device = await this.#device;
    // Another may have taken its name while the device came.
    if (this.#kept.get(name) !== kept) return this.restore(name);
    return (kept.restored ??= restoreExample(kept.example, device, kept.bytes));
  }

  forget(name: Name): void {
    this.#kept.get(name)?.restored?.model.dispose();
    this.#kept.delete(name);
  }

  /** @param which are forgotten; all when left out. */
  clear(which: (name: Name) => boolean = () => true): void {
    for (const name of [...this.#kept.keys()]) if (which(name)) this.forget(name);
  }
}
