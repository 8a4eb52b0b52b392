import type { Cell, CellOptions, RecurrentState } from '../nn/cells/cell';
import { CELLS } from '../nn/cells/registry';
import { Dropout } from '../nn/dropout';
import { Embedding, OneHot } from '../nn/embedding';
import type { RecurrentOptions } from '../nn/layer_options';
import type { ForwardOptions } from '../nn/recurrent_input';
import { Linear } from '../nn/linear';
import { Module } from '../nn/module';
import { Recurrent } from '../nn/recurrent';
import { linearCrossEntropy } from '../ops/loss';
import { reshape } from '../ops/movement';
import { checkOptions } from '../options';
import { Random } from '../random';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import type { Generator } from '../tensor/generator';
import { tensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import type { Window } from '../text/streams';
import type { ModelConfig } from './config';

/** A window of text on the device, i32. */
export interface WindowTensors {
  /** [time, batch] */
  readonly ids: Tensor;
  /** The character after each id, [time batch]. */
  readonly labels: Tensor;
}

/** A window's tensors, zero where no window is given yet. */
export function windowTensors(
  device: Device,
  batch: number,
  seq: number,
  window?: Window,
): WindowTensors {
  const zero = new Int32Array(seq * batch);
  const options = { dtype: 'i32' } as const;
  return {
    ids: tensor(device, window?.inputs ?? zero, [seq, batch], options),
    labels: tensor(device, window?.targets ?? zero, [seq * batch], options),
  };
}

/**
 * Character ids to logits of the next character: an embedding (or one-hot vectors), recurrent
 * layers, and a linear layer.
 *
 * @example
 * ```ts
 * import { Generator, openDevice } from 'lethe';
 * import { Vocabulary } from 'lethe/text';
 * import { CharModel, DEFAULTS, sampleText } from 'lethe/train';
 *
 * const device = await openDevice('cpu');
 * const vocabulary = Vocabulary.fromText('to be or not to be\n');
 * const config = { ...DEFAULTS, hidden: 32 };
 * const model = new CharModel(device, vocabulary.size, config, 1, new Generator(device, 1));
 * console.log((await sampleText(model, vocabulary, { length: 20 })).length); // 20
 * ```
 */
export class CharModel extends Module {
  /** Of the characters; one-hot vectors where its width is 0. */
  readonly embedding: Embedding | OneHot;
  /** The recurrent layers. */
  readonly rnn: Recurrent<Cell, RecurrentState, CellOptions>;
  /** Of what the last layer gives. */
  readonly dropout: Dropout;
  /** To the logits of the next character. */
  readonly decoder: Linear;

  /**
   * @param seed decides the initial weights.
   * @param generator gives dropout its random numbers.
   * @param options `fused`: see `RecurrentOptions`.
   */
  constructor(
    device: Device,
    vocabularySize: number,
    config: ModelConfig,
    seed: number,
    generator: Generator,
    options: Pick<RecurrentOptions, 'fused'> = {},
  ) {
    super();
    checkDevice('CharModel', device);
    checkOptions('CharModel', options, { fused: 'boolean' });
    const { cell, hidden, layers, embedding, recurrentInit, forgetBias } = config;
    const random = new Random(seed);
    this.embedding =
      embedding > 0
        ? new Embedding(device, vocabularySize, embedding, { random })
        : new OneHot(vocabularySize);
    const inputSize = embedding > 0 ? embedding : vocabularySize;
    const ofLayers = {
      numLayers: layers,
      dropout: layers > 1 ? config.dropout : 0,
      generator,
      fused: options.fused,
      recurrentInit,
      random,
    };
    const gate = forgetBias === null ? {} : { forgetBias };
    this.rnn = new Recurrent(device, CELLS[cell].kind, inputSize, hidden, { ...ofLayers, ...gate });
    this.dropout = new Dropout(config.dropout, generator);
    this.decoder = new Linear(device, hidden, vocabularySize, { random });
  }

  /** The state before a text: zeros, each part of [layers, batch, hidden]. */
  zeroState(batch: number): Tensor[] {
    return this.rnn.zeroState(batch);
  }

  /** The logits of the character after each of ids (i32), [time, batch]. */
  forward(
    ids: Tensor,
    state?: readonly Tensor[],
  ): {
    /** [time, batch, vocabulary] */
    logits: Tensor;
    /** After the last id; each part of [layers, batch, hidden]. */
    state: Tensor[];
  } {
    const { hidden, state: next } = this.#recur(ids, state);
    return { logits: this.decoder.forward(hidden), state: next };
  }

  /** The state after ids (i32) of [time, batch], without the logits. */
  read(ids: Tensor, state?: readonly Tensor[]): Tensor[] {
    return this.#recur(ids, state).state;
  }

  /** To what the decoder reads, [time, batch, hidden]. */
  #recur(
    ids: Tensor,
    before?: readonly Tensor[],
    options?: Pick<ForwardOptions, 'overwriteState'>,
  ): { hidden: Tensor; state: Tensor[] } {
    const { output, state } = this.rnn.run(this.embedding.asInput(ids), before, options);
    return { hidden: this.dropout.forward(output), state };
  }

  /**
   * The mean cross-entropy over a window of text, in nats per character, and the state after.
   *
   * @param options.overwriteState it may take the place of `state`.
   */
  loss(
    { ids, labels }: WindowTensors,
    state: readonly Tensor[],
    options: Pick<ForwardOptions, 'overwriteState'> = {},
  ): {
    /** A scalar. */
    loss: Tensor;
    /** After the window; each part of [layers, batch, hidden]. */
    state: Tensor[];
  } {
    checkOptions('CharModel.loss', options, { overwriteState: 'boolean' });
    const { hidden, state: next } = this.#recur(ids, state, options);
    const rows = reshape(hidden, [labels.size, -1]);
    const { weight, bias } = this.decoder;
    const loss = linearCrossEntropy(rows, weight, bias, labels, { ignoreIndex: null });
    return { loss, state: next };
  }
}
