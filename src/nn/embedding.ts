import type { DType } from '../backend/dtype';
import { embedding, oneHot } from '../ops/indexing';
import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { checkSizes } from './check';
import { defaultRandom, normal, parameter } from './init';
import type { InitOptions } from './init';
import { Module } from './module';
import type { Layer } from './module';

/** A row of learned numbers for each id. Weight of [ids, width], normal at first, as in PyTorch. */
export class Embedding extends Module implements Layer {
  readonly weight: Tensor;

  constructor(
    device: Device,
    numEmbeddings: number,
    embeddingDim: number,
    { random = defaultRandom(), dtype }: InitOptions = {},
  ) {
    super();
    checkSizes('Embedding', { numEmbeddings, embeddingDim });
    const shape = [numEmbeddings, embeddingDim];
    this.weight = parameter(device, shape, normal(shape, 1, random), dtype);
  }

  /** ids (i32) of [...] to [..., width]. */
  forward(ids: Tensor): Tensor {
    return embedding(ids, this.weight);
  }
}

/** A 1 at the id, else 0: the input of min-char-rnn. No parameters. */
export class OneHot extends Module implements Layer {
  readonly size: number;
  readonly #dtype: DType;

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
}
