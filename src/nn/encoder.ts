import { checkOptions, describeValue, nearestName } from '../options';
import type { OptionNames } from '../options';
import { ArgumentError } from '../errors';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import type { Generator } from '../tensor/generator';
import { scope } from '../tensor/scope';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Cell, CellOptions, RecurrentState } from './cells/cell';
import { CELLS } from './cells/registry';
import type { CellName } from './cells/registry';
import { Dropout } from './dropout';
import { Embedding } from './embedding';
import { defaultRandom, INIT_OPTIONS } from './init';
import type { InitOptions } from './init';
import type { RecurrentResult } from './layer_options';
import { Module } from './module';
import { Recurrent } from './recurrent';
import type { ForwardOptions } from './recurrent_input';

/** Layers of any cell of `CELLS`. */
export type AnyRecurrent = Recurrent<Cell, RecurrentState, CellOptions>;

/** What an encoder and a decoder have in common. */
export interface CoderOptions extends InitOptions {
  /** A key of `CELLS`: gru when left out. */
  cell?: CellName;
  /** Recurrent layers, one upon the other; 1 when left out. */
  numLayers?: number;
  /** Of the embedded ids, between layers, and of what the last layer gives; needs `generator`. */
  dropout?: number;
  /** What dropout draws from. */
  generator?: Generator;
}

export const CODER_OPTIONS: OptionNames<CoderOptions> = {
  cell: true,
  numLayers: true,
  dropout: true,
  generator: true,
  ...INIT_OPTIONS,
};

/** What `Encoder` takes. */
export interface EncoderOptions extends CoderOptions {
  /** Whether a second set of layers reads from the end; false when left out. */
  bidirectional?: boolean;
}

const ENCODER_OPTIONS: OptionNames<EncoderOptions> = { bidirectional: 'boolean', ...CODER_OPTIONS };

/** Reads a sequence of ids: an embedding, and recurrent layers. */
export class Encoder extends Module {
  /** Of the ids that are read. */
  readonly embedding: Embedding;
  /** The recurrent layers. */
  readonly rnn: AnyRecurrent;
  /** Of the embedded ids and of what the last layer gives; undefined where there is none. */
  readonly dropout: Dropout | undefined;

  /** @throws ArgumentError for a size below 1, an unknown cell, or dropout without a generator. */
  constructor(
    device: Device,
    numEmbeddings: number,
    embeddingDim: number,
    hiddenSize: number,
    options: EncoderOptions = {},
  ) {
    super();
    checkDevice('Encoder', device);
    checkOptions('Encoder', options, ENCODER_OPTIONS);
    const { random = defaultRandom(), dtype, bidirectional } = options;
    this.dropout = dropoutOf(options);
    this.embedding = new Embedding(device, numEmbeddings, embeddingDim, { random, dtype });
    this.rnn = layersOf('Encoder', device, embeddingDim, hiddenSize, {
      ...options,
      random,
      bidirectional,
    });
  }

  /** Width of the output, of both directions together: what attention has for `keySize`. */
  get outputSize(): number {
    return this.rnn.outputSize;
  }

  /**
   * @param ids i32, [time, batch].
   * @param options `lengths`: as recurrent layers take them.
   * @returns the output, [time, batch, outputSize], and each part of the state, [layers directions, batch, hidden].
   */
  forward(ids: Tensor, options: Pick<ForwardOptions, 'lengths'> = {}): RecurrentResult<Tensor> {
    checkOptions('Encoder.forward', options, { lengths: true });
    checkTensor('Encoder', 'ids', ids);
    const { embedding, rnn, dropout } = this;
    return scope(() => {
      const x = dropout ? dropout.forward(embedding.forward(ids)) : embedding.asInput(ids);
      const { output, state } = rnn.run(x, undefined, options);
      return { output: dropout ? dropout.forward(output) : output, state };
    });
  }
}

/** The layers of an encoder or a decoder. */
export function layersOf(
  owner: string,
  device: Device,
  inputSize: number,
  hiddenSize: number,
  options: EncoderOptions,
): AnyRecurrent {
  const { cell = 'gru', numLayers = 1, dropout = 0, bidirectional = false } = options;
  if (!Object.hasOwn(CELLS, cell)) {
    const names = Object.keys(CELLS);
    const nearest = nearestName(cell, names);
    throw new ArgumentError(
      `${owner}: cell = ${describeValue(cell)}` +
        `${nearest === undefined ? '' : `; did you mean ${nearest}?`}; choose one of ${names.join(', ')}`,
    );
  }
  const { generator, random, dtype } = options;
  return new Recurrent(device, CELLS[cell].kind, inputSize, hiddenSize, {
    numLayers,
    dropout: numLayers > 1 ? dropout : 0,
    bidirectional,
    generator,
    random,
    dtype,
  });
}

/** Undefined where nothing is dropped. */
export function dropoutOf({ dropout = 0, generator }: CoderOptions): Dropout | undefined {
  return dropout === 0 ? undefined : new Dropout(dropout, generator!);
}
