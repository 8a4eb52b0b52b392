import type { DType } from '../backend/dtype';
import { ArgumentError, ShapeError } from '../errors';
import { embedding, oneHot } from '../ops/indexing';
import type { SequenceInput } from '../ops/scan_input';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import type { Device } from '../tensor/device';
import { disown, scope } from '../tensor/scope';
import { formatShape, numel } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { Tensor, tensor } from '../tensor/tensor';
import { checkParameters, checkSizes } from './check';
import { defaultRandom, INIT_OPTIONS, normal, parameter } from './init';
import type { InitOptions } from './init';
import { Module } from './module';
import type { Layer, StateValue } from './module';

/** What `Embedding` takes. */
export interface EmbeddingOptions extends InitOptions {
  /** Values of the weight, row-major, in place of drawn ones. */
  weight?: ArrayLike<number>;
}

const EMBEDDING_OPTIONS: OptionNames<EmbeddingOptions> = { ...INIT_OPTIONS, weight: true };

/** What `Embedding.fromPretrained` takes. */
export interface PretrainedOptions {
  /** Whether the rows stay as they are in training; true when left out, as in PyTorch. */
  freeze?: boolean;
  /** Of the elements; f32 when left out. */
  dtype?: DType;
}

const PRETRAINED_OPTIONS: OptionNames<PretrainedOptions> = { freeze: 'boolean', dtype: true };

/**
 * A row of learned numbers for each id. Weight of [ids, width], normal at first, as in PyTorch.
 *
 * @example
 * ```ts
 * import { openDevice, tensor } from 'lethe';
 * import { Embedding } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const embedding = new Embedding(device, 100, 16);
 * const ids = tensor(device, [3, 14, 15], [3, 1], { dtype: 'i32' }); // [time, batch]
 * console.log(embedding.forward(ids).shape); // [ 3, 1, 16 ]
 * ```
 */
export class Embedding extends Module implements Layer {
  /** [ids, width] A row for each id. */
  readonly weight: Tensor;

  /**
   * @throws ArgumentError for a size below 1.
   * @throws ShapeError when the values given do not fill the weight.
   * @throws OutOfMemoryError when the weight does not fit into a buffer of the device.
   */
  constructor(
    device: Device,
    numEmbeddings: number,
    embeddingDim: number,
    options: EmbeddingOptions = {},
  ) {
    super();
    checkOptions('Embedding', options, EMBEDDING_OPTIONS);
    const { random = defaultRandom(), dtype, weight } = options;
    const shape = [numEmbeddings, embeddingDim];
    checkParameters('Embedding', device, dtype, { numEmbeddings, embeddingDim }, { weight: shape });
    if (weight) checkRows('Embedding: weight', shape, weight);
    this.weight = parameter(device, shape, weight ?? normal(shape, 1, random), dtype);
  }

  /**
   * An embedding of rows that are known, as `readWordVectors` of `lethe/data` reads them; as PyTorch's
   * `Embedding.from_pretrained`. One that is frozen has no gradient, and is saved with the model all the same. An
   * optimiser takes what learns when it is made: to unfreeze, set `weight.requiresGrad` and make it anew.
   *
   * @param rows [ids, width] on the host.
   * @throws ArgumentError for anything but a shape and its values.
   * @throws ShapeError unless `rows` has two dimensions, from 1, and values that fill them.
   * @throws OutOfMemoryError when they do not fit into a buffer of the device.
   */
  static fromPretrained(
    device: Device,
    rows: Exclude<StateValue, Tensor>,
    options: PretrainedOptions = {},
  ): Embedding {
    const owner = 'Embedding.fromPretrained';
    checkOptions(owner, options, PRETRAINED_OPTIONS);
    const { shape, data } = (rows ?? {}) as Partial<typeof rows>;
    if (!Array.isArray(shape) || typeof data?.length !== 'number' || rows instanceof Tensor) {
      throw new ArgumentError(
        `${owner}: rows = ${describeValue(rows)}; { shape: [ids, width], data } is needed; of a tensor, its shape and data()`,
      );
    }
    checkRows(`${owner}: rows`, shape, data);
    const { freeze = true, dtype } = options;
    const [ids, width] = shape as Shape;
    const made = new Embedding(device, ids, width, { weight: data, dtype });
    made.weight.requiresGrad = !freeze;
    return made;
  }

  /** ids (i32) of [...] to [..., width]. */
  forward(ids: Tensor): Tensor {
    return embedding(ids, this.weight);
  }

  /**
   * The input of a recurrent layer for ids of [time, batch]: an `EmbeddingInput` where that is less work
   * than `forward`.
   */
  asInput(ids: Tensor): SequenceInput {
    return this.weight.shape[0] <= ids.size ? { ids, rows: this.weight } : this.forward(ids);
  }
}

function checkRows(owner: string, shape: Shape, { length }: ArrayLike<number>): void {
  if (shape.length === 2 && length > 0 && length === numel(shape)) return;
  throw new ShapeError(
    `${owner} has ${length} values of shape ${formatShape(shape)}; [ids, width] is needed`,
  );
}

/** A 1 at the id, else 0: the input of min-char-rnn. No parameters. */
export class OneHot extends Module implements Layer {
  /** Ids: the width of what it gives. */
  readonly size: number;
  readonly #dtype: DType;
  #identity: Tensor | undefined;

  constructor(size: number, dtype: DType = 'f32') {
    super();
    checkSizes('OneHot', { size });
    this.size = size;
    this.#dtype = dtype;
  }

  /** ids (i32) of [...] to [..., size]. */
  forward(ids: Tensor): Tensor {
    return oneHot(ids, this.size, this.#dtype);
  }

  /**
   * The input of a recurrent layer for ids of [time, batch]: an `EmbeddingInput` where that is less work
   * than `forward`.
   */
  asInput(ids: Tensor): SequenceInput {
    if (this.size > ids.size) return this.forward(ids);
    if (this.#identity?.device !== ids.device) {
      this.#identity?.dispose();
      // Made once, though a step may be under way that is recorded.
      this.#identity = ids.device.unrecorded(() => {
        const every = Int32Array.from({ length: this.size }, (_, id) => id);
        const all = tensor(ids.device, every, [this.size], { dtype: 'i32' });
        return scope(() => this.forward(all));
      });
      disown(this.#identity);
    }
    return { ids, rows: this.#identity };
  }

  override dispose(): void {
    this.#identity?.dispose();
    this.#identity = undefined;
  }
}
