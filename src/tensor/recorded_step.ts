import type { Backend, DeviceBuffer, Recording } from '../backend/backend';
import type { DType } from '../backend/dtype';
import { ArgumentError, RecordingError, ShapeError } from '../errors';
import { copy, copyOf } from '../kernels/copy';
import { scope } from './scope';
import { formatShape, sameShape } from './shape';
import type { Shape } from './shape';
import type { Storage } from './storage';
import { checkValues, exactArray } from './values';

/** What a recorded step needs of its inputs; `Tensor` is one, and stands above it. */
export interface StepTensor {
  /** The element type. */
  readonly dtype: DType;
  /** The lengths of its dimensions; empty for a scalar. */
  readonly shape: Shape;
  /** Elements. */
  readonly size: number;
  /** @internal */
  readonly buffer: DeviceBuffer;
  /** @internal */
  readonly storage: Storage;
  /** @internal */
  readonly ids: Int32Array | undefined;
  /** Replaces the values: as many as `size`, in row-major order. */
  write(values: ArrayLike<number>): void;
  /** @internal */
  bumpVersion(): void;
  /** @internal */
  shares(other: StepTensor): boolean;
}

/** What a recording notes besides commands. */
export interface Notes {
  /** Refuse what the host can see is wrong with the values of this replay. */
  readonly checks: (() => void)[];
  /** Tensors that the step changes in place. */
  readonly changed: Set<{ bumpVersion(): void }>;
  /** Tensors that were made outside of the recording, for it alone. */
  readonly constants: { dispose(): void }[];
  /** Whether the step asked for a value, whose promise nobody may await. */
  reads: boolean;
  /** Whether a list of lengths went into it, which replays cannot change. */
  keepsLengths: boolean;
}

/** A new value for an input of a recorded step. */
export type StepInput = StepTensor | ArrayLike<number>;

/**
 * A step that ran once, and whose commands can be given again: no graph, no allocation, no JavaScript
 * of the step. `device.record` makes it.
 */
export class RecordedStep<T> {
  /**
   * What the step returned. Its tensors keep their memory, and every replay writes new values there.
   * Read them, or copy them, before the next one.
   */
  readonly result: T;
  readonly #backend: Backend;
  readonly #inputs: readonly StepTensor[];
  readonly #recording: Recording;
  readonly #notes: Notes;
  readonly #forget: (step: RecordedStep<T>) => void;

  /** @param forget hears of the end. @internal */
  constructor(
    backend: Backend,
    step: () => T,
    inputs: readonly StepTensor[],
    notes: Notes,
    forget: (step: RecordedStep<T>) => void,
  ) {
    this.#backend = backend;
    this.#inputs = inputs;
    this.#notes = notes;
    this.#forget = forget;
    let result: { value: T } | undefined;
    try {
      this.#recording = backend.record(() => {
        const value = scope(() => synchronous(step()));
        result = { value };
      });
    } catch (error) {
      this.#freeConstants();
      throw error;
    }
    if (notes.reads) {
      this.#recording.free();
      this.#freeConstants();
      throw new RecordingError(
        'record: the step reads a value while it runs, which a replay cannot repeat; return the tensor, and ' +
          'read it after the step (a Trainer reports the loss in its events)',
      );
    }
    this.result = result!.value;
  }

  /** Whether a list of lengths is a part of it. @internal */
  get keepsLengths(): boolean {
    return this.#notes.keepsLengths;
  }

  /** Dispatches of a replay (on the CPU, kernels). */
  get dispatches(): number {
    return this.#recording.dispatches;
  }

  /** Bytes of the memory that it keeps for its replays; 0 after `dispose()`. */
  get bytes(): number {
    return this.#recording.bytes;
  }

  /** True once something that the step uses was freed, or moved by an optimiser: it must be recorded anew. */
  get stale(): boolean {
    return this.#recording.stale;
  }

  /**
   * Runs the step again, on new values of its inputs, if they are given, one for each. What else has
   * changed since in tensors that the step reads is read anew too. What is refused leaves all inputs as they are.
   *
   * @throws ShapeError when a value has another shape than the input that the step was recorded with.
   * @throws ArgumentError for a value that an input of integers does not hold.
   * @throws IndexError for an id out of range that the host wrote.
   * @throws RecordingError when something that the step uses was freed or moved, or after `dispose()`.
   */
  replay(...values: readonly StepInput[]): void {
    if (values.length > 0 && values.length !== this.#inputs.length) {
      throw new ArgumentError(
        `replay: ${values.length} values are given; the step was recorded with ` +
          `${this.#inputs.length} inputs`,
      );
    }
    if (this.stale) {
      throw new RecordingError(
        'replay: a tensor that the recorded step uses was freed since, or moved by an optimiser; ' +
          'record the step again',
      );
    }
    const given = values.map((value, i) => inputOf(this.#inputs[i], value, i));
    this.#check(given);
    given.forEach((value, i) => give(this.#backend, this.#inputs[i], value));
    for (const tensor of this.#notes.changed) tensor.bumpVersion();
    this.#recording.replay();
  }

  /** Looks at what the host knows of the inputs with these values, of which none is written yet. */
  #check(values: readonly StepInput[]): void {
    const undo = values.map((value, i) => {
      const { storage } = this.#inputs[i];
      if (!('shape' in value)) return storage.supposeIds(value);
      return value.storage === storage ? () => {} : storage.supposeIds(value.ids);
    });
    try {
      for (const check of this.#notes.checks) check();
    } finally {
      for (const one of undo.reverse()) one();
    }
  }

  /** Frees the memory that the step used between its commands. */
  dispose(): void {
    this.#recording.free();
    this.#freeConstants();
    this.#forget(this);
  }

  #freeConstants(): void {
    for (const constant of this.#notes.constants.splice(0)) constant.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function synchronous<T>(result: T): T {
  if (!(result instanceof Promise)) return result;
  result.catch(() => {});
  throw new RecordingError(
    'record: the step is async; what it waits for (reading a value) cannot be replayed: read after it',
  );
}

/** `value`, in the input's element type. */
function inputOf(input: StepTensor, value: StepInput, i: number): StepInput {
  const remedy = 'record another step for that shape';
  if (!('shape' in value)) {
    checkValues(`replay: input ${i}`, value);
    if (value.length === input.size) return exactArray(`replay: input ${i}`, input.dtype, value);
    throw new ShapeError(
      `replay: input ${i} has ${value.length} values; the step was recorded with shape ` +
        `${formatShape(input.shape)}; ${remedy}`,
    );
  }
  if (sameShape(value.shape, input.shape) && value.dtype === input.dtype) return value;
  throw new ShapeError(
    `replay: input ${i} is ${value.dtype} of shape ${formatShape(value.shape)}; the step was ` +
      `recorded with ${input.dtype} of shape ${formatShape(input.shape)}; ${remedy}`,
  );
}

function give(backend: Backend, input: StepTensor, value: StepInput): void {
  if (!('shape' in value)) {
    input.write(value);
    return;
  }
  if (value.storage === input.storage) return;
  input.storage.keepIds(value.ids);
  input.bumpVersion();
  const from = (source: DeviceBuffer, target_: DeviceBuffer): void =>
    backend.run(copy, { source, target_ }, copyOf(input.size));
  if (!value.shares(input)) {
    from(value.buffer, input.buffer);
    return;
  }
  // A kernel does not read one part of a buffer and write another.
  const between = backend.alloc(input.dtype, input.size);
  from(value.buffer, between);
  from(between, input.buffer);
  backend.free(between);
}
