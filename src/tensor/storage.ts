import type { Backend, DeviceBuffer } from '../backend/backend';

/** A buffer and how many tensors see it. @internal */
export class Storage {
  #buffer: DeviceBuffer;
  #root: Storage;
  #free: () => void;
  #version = 0;
  #users = 0;
  /** The host's copy of ids, where it wrote them; a part has a piece of that of the whole. */
  #ids: Int32Array | undefined;
  /** Of a whole: how often a kernel made ids, in it or in a part. */
  #made = 0;
  /** That count of the whole, as the host last wrote all of this. */
  #written = 0;
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

  /** Ids as the host wrote them, to be checked before any kernel runs; undefined where it does not know what is there. */
  get ids(): Int32Array | undefined {
    const root = this.#root;
    const written = this.#written === root.#made || root.#written === root.#made;
    return written ? this.#ids : undefined;
  }

  /** Of a whole: the ids that the host wrote first, a copy, kept up from now on. */
  startIds(values: Int32Array): void {
    this.#ids = values;
  }

  /** To be called as ids are written from its beginning on; undefined stands for those that a kernel made. */
  keepIds(values: ArrayLike<number> | undefined): void {
    if (!values) {
      this.#root.#made++;
      return;
    }
    this.#ids?.set(values);
    // Some of them alone do not tell what the others are.
    if (values.length === this.#buffer.length) this.#written = this.#root.#made;
  }

  /** As `keepIds`, of ids that are not written yet; what it returns takes that back. */
  supposeIds(values: ArrayLike<number> | undefined): () => void {
    const root = this.#root;
    const [written, made] = [this.#written, root.#made];
    const ids = this.#ids?.slice(0, values?.length ?? 0);
    this.keepIds(values);
    return () => {
      if (ids) this.#ids!.set(ids);
      root.#made = made;
      this.#written = written;
    };
  }

  /** Whether one tensor alone sees it. */
  get exclusive(): boolean {
    return this.#root === this && this.#users === 1;
  }

  /** A part, from `offset` on; the whole stays as long as it. */
  part(backend: Backend, offset: number, length: number): Storage {
    const buffer = backend.part(this.#buffer, offset, length);
    const part = new Storage(buffer, this.#holdForPart(), this.#root);
    part.#ids = this.#ids?.subarray(offset, offset + length);
    return part;
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
