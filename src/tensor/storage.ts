import type { Backend, DeviceBuffer } from '../backend/backend';

/** A buffer and how many tensors see it. @internal */
export class Storage {
  #buffer: DeviceBuffer;
  #root: Storage;
  #free: () => void;
  #version = 0;
  #users = 0;
  /** Parts of it that are in use. */
  #parts = 0;

  constructor(buffer: DeviceBuffer, free: () => void, root?: Storage) {
    this.#buffer = buffer;
    this.#root = root ?? this;
    this.#free = free;
  }

  get buffer(): DeviceBuffer {
    return this.#buffer;
  }

  /** What it is a part of; itself, where it is whole. */
  get root(): Storage {
    return this.#root;
  }

  /** Grows with every change in place, of a whole also with those of its parts. */
  get version(): number {
    return this.#version;
  }

  /**
   * To be called with every change in place. Parts that are changed in place do not overlap. A part does not hear
   * of a change of the whole: who makes one is to tell the parts that a graph may have saved.
   */
  change(): void {
    this.#version++;
    if (this.#root !== this) this.#root.#version++;
  }

  /** Whether one tensor alone sees it. */
  get exclusive(): boolean {
    return this.#root === this && this.#users === 1;
  }

  /** A part, from `offset` on; the whole stays as long as it. */
  part(backend: Backend, offset: number, length: number): Storage {
    const buffer = backend.part(this.#buffer, offset, length);
    return new Storage(buffer, this.#holdForPart(), this.#root);
  }

  /**
   * Becomes the part of `whole` from `offset` on, which has its `length` values already; all tensors that see it
   * see it there. A step that was recorded with it where it was is stale.
   *
   * @returns false where it stays, as it has parts of its own that are in use, or another length.
   */
  moveInto(whole: Storage, backend: Backend, offset: number, length: number): boolean {
    if (this.#parts > 0 || this.#buffer.length !== length) return false;
    const free = this.#free;
    backend.moved(this.#buffer);
    this.#buffer = backend.part(whole.#buffer, offset, length);
    this.#free = whole.#holdForPart();
    this.#root = whole.#root;
    free();
    return true;
  }

  /** Keeps it for a part, until what is returned is called. */
  #holdForPart(): () => void {
    this.acquire();
    this.#parts++;
    return () => {
      this.#parts--;
      this.release();
    };
  }

  acquire(): void {
    this.#users++;
  }

  release(): void {
    if (--this.#users === 0) this.#free();
  }
}
