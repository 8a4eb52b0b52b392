import { RecordingError } from '../errors';
import type { DeviceBuffer } from './backend';
import { bytesPerElement } from './dtype';

/** What a backend notes at a buffer for the sake of recordings. */
export interface Recordable extends DeviceBuffer {
  /** What it is a part of. */
  whole?: Recordable;
  /** The recording that owns its memory. */
  owner?: Owner;
  /** Recordings of others' making that use it. */
  users?: Set<{ stale: boolean }>;
}

interface Owner {
  readonly closed: boolean;
  put(buffer: Recordable): void;
}

/**
 * The commands of one recording, and the memory that they use between them: it is reused within the
 * recording, and kept from everyone else until the recording is freed, since a replay writes to it.
 */
export class Recorder<B extends Recordable, C> implements Owner {
  readonly commands: C[] = [];
  /** True once a buffer that the commands use, and that was made outside, was freed or moved. */
  stale = false;
  closed = false;
  readonly #owned = new Set<B>();
  readonly #idle = new Map<string, B[]>();
  readonly #used = new Set<Recordable>();

  /** Bytes that it owns. */
  get bytes(): number {
    let bytes = 0;
    for (const { dtype, length } of this.#owned) bytes += length * bytesPerElement(dtype);
    return bytes;
  }

  /** Memory of this kind that an earlier command no longer needs. */
  take(kind: string): B | undefined {
    return this.#idle.get(kind)?.pop();
  }

  own(buffer: B): void {
    buffer.owner = this;
    this.#owned.add(buffer);
  }

  put(buffer: Recordable): void {
    const kind = kindOf(buffer);
    const list = this.#idle.get(kind);
    if (list) list.push(buffer as B);
    else this.#idle.set(kind, [buffer as B]);
  }

  /** To be called with every buffer that a command binds. */
  use(bound: Recordable): void {
    const buffer = bound.whole ?? bound;
    if (buffer.owner === (this as Owner)) return;
    this.#used.add(buffer);
    (buffer.users ??= new Set()).add(this);
  }

  /** @throws RecordingError when the commands would reach into memory that was freed, or left. */
  check(): void {
    if (this.closed) throw new RecordingError('replay: the recorded step was disposed');
    if (!this.stale) return;
    throw new RecordingError(
      'replay: a tensor that the recorded step uses was freed since, or moved by an optimiser; ' +
        'record the step again',
    );
  }

  /** Ends it. Gives back the memory that no tensor holds; what one does goes its own way. */
  close(): B[] {
    this.closed = true;
    const idle = [...this.#idle.values()].flat();
    for (const buffer of this.#owned) buffer.owner = undefined;
    for (const buffer of this.#used) buffer.users?.delete(this);
    this.#owned.clear();
    this.#idle.clear();
    this.#used.clear();
    this.commands.length = 0;
    return idle;
  }
}

/** Buffers of one kind can stand for each other. */
export function kindOf({ dtype, length }: DeviceBuffer): string {
  return `${dtype}${length}`;
}

/** To be called when a buffer is freed, or nothing is kept up in it any more. */
export function markStale(buffer: Recordable): void {
  for (const user of (buffer.whole ?? buffer).users ?? []) user.stale = true;
}

/** @throws RecordingError when a step that is being recorded does what a replay cannot repeat. */
export function refuse(recorder: object | undefined, what: string): void {
  if (!recorder) return;
  throw new RecordingError(
    `record: the step ${what} while it runs, which a replay cannot repeat; do that before or after ` +
      'the step, on tensors that stay',
  );
}
