import { noGrad } from '../autograd/graph';
import { ArgumentError, ShapeError } from '../errors';
import { checkFloats } from '../ops/common';
import { cat, reshape, slice, stack, unbind } from '../ops/movement';
import { where } from '../ops/pointwise';
import { argmax } from '../ops/reduce';
import { checkOptions } from '../options';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { scope } from '../tensor/scope';
import { formatShape, sameShape } from '../tensor/shape';
import { checkTensor } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { Attention, checkKind } from './attention';
import type { AttentionMemory } from './attention';
import type { Dropout } from './dropout';
import { Embedding } from './embedding';
import { DECODER_FORWARD, DECODER_OPTIONS } from './decoder_options';
import type {
  DecoderFeatures,
  DecoderForwardOptions,
  DecoderOptions,
  DecoderResult,
} from './decoder_options';
import { dropoutOf, layersOf } from './encoder';
import type { AnyRecurrent } from './encoder';
import { defaultRandom } from './init';
import { Linear } from './linear';
import { Module } from './module';

/**
 * The decoder of an encoder-decoder (sequence-to-sequence) model: it predicts each id of a sequence from those
 * before it and from what was encoded, by an embedding, recurrent layers, attention and a linear layer. With s_t the output of the last layer, e_t the embedded id, and c the context:
 *
 *     Luong       s_t = rnn(e_t),                           c_t = attention(s_t)
 *     Bahdanau    s_t = rnn([e_t; c_t]),                    c_t = attention(s_t-1)     (feedContext)
 *     both        logits_t = out(tanh(combine([c_t; s_t])))
 *     without     logits_t = out(s_t)
 *
 * @example
 * ```ts
 * import { openDevice, tensor } from 'lethe';
 * import { Decoder } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const decoder = new Decoder(device, 20, 8, 16, { cell: 'lstm' }); // ids, embedding, hidden
 * const ids = tensor(device, [1, 5, 9], [3, 1], { dtype: 'i32' }); // [time, batch]
 * const { logits, state } = decoder.forward(ids);
 * console.log(logits.shape, state.length); // [ 3, 1, 20 ] 2
 * ```
 */
export class Decoder extends Module {
  /** Of the ids that are written. */
  readonly embedding: Embedding;
  /** The recurrent layers. */
  readonly rnn: AnyRecurrent;
  /** Of the embedded ids and of what the last layer gives; undefined where there is none. */
  readonly dropout: Dropout | undefined;
  /** Looks at what was encoded; undefined for a decoder without. */
  readonly attention: Attention | undefined;
  /** Linear, then tanh; without a bias, as in Luong et al. */
  readonly combine: Linear | undefined;
  /** To the logits of the next id. */
  readonly out: Linear;
  /** Whether the layers read the context of the step before beside the id (Bahdanau). */
  readonly feedContext: boolean;

  /** @throws ArgumentError for a size below 1, or options that do not fit each other. */
  constructor(
    device: Device,
    numEmbeddings: number,
    embeddingDim: number,
    hiddenSize: number,
    options: DecoderOptions = {},
  ) {
    super();
    checkDevice('Decoder', device);
    checkOptions('Decoder', options, DECODER_OPTIONS);
    const { attention: kind, keySize, random = defaultRandom(), dtype } = options;
    if (kind !== undefined) checkKind('Decoder', 'attention', kind);
    if ((kind === undefined) !== (keySize === undefined)) {
      throw new ArgumentError(
        `Decoder: attention = ${kind} and keySize = ${keySize}; give both, with keySize the width of ` +
          'the keys (encoder.outputSize), or none',
      );
    }
    const { feedContext = kind === 'additive' } = options;
    if (feedContext && kind === undefined) {
      throw new ArgumentError(
        'Decoder: feedContext = true, and there is no attention to give a context',
      );
    }
    const init = { random, dtype };
    this.feedContext = feedContext;
    this.dropout = dropoutOf(options);
    this.embedding = new Embedding(device, numEmbeddings, embeddingDim, init);
    const inputSize = embeddingDim + (feedContext ? keySize! : 0);
    this.rnn = layersOf('Decoder', device, inputSize, hiddenSize, { ...options, random });
    if (kind !== undefined) {
      const querySize = hiddenSize;
      this.attention = new Attention(device, { kind, querySize, keySize: keySize!, ...init });
      this.combine = new Linear(device, keySize! + hiddenSize, hiddenSize, {
        bias: false,
        activation: 'tanh',
        ...init,
      });
    }
    this.out = new Linear(device, hiddenSize, numEmbeddings, init);
  }

  /**
   * A whole sequence under teacher forcing.
   *
   * @param ids i32, [T, B]: what each step is given, the first of a sequence before the others.
   * @param state each part of [layers, B, hidden]; zeros when left out.
   * @throws ArgumentError, ShapeError, DTypeError, DeviceError or IndexError naming the argument.
   */
  forward(
    ids: Tensor,
    state?: readonly Tensor[],
    options: DecoderForwardOptions = {},
  ): DecoderResult {
    return scope(() => {
      const { features, ...rest } = this.features(ids, state, options);
      return { logits: this.out.forward(features), ...rest };
    });
  }

  /** As `forward`, short of the logits: for `linearCrossEntropy` with the weights of `out`. */
  features(
    ids: Tensor,
    state?: readonly Tensor[],
    options: DecoderForwardOptions = {},
  ): DecoderFeatures {
    checkOptions('Decoder', options, DECODER_FORWARD);
    const { memory, teacher } = options;
    checkTensor('Decoder', 'ids', ids);
    if (ids.shape.length !== 2 || ids.size === 0) {
      throw new ShapeError(
        `Decoder: ids have shape ${formatShape(ids.shape)}; [time, batch] is needed, with a step at least`,
      );
    }
    if (teacher) this.#checkTeacher(teacher, ids);
    this.#checkMemory(memory, ids.shape[1]);
    return scope(() => {
      if (teacher || this.feedContext) return this.#unrolled(ids, state, memory, teacher);
      const x = this.dropout ? this.#embedded(ids) : this.embedding.asInput(ids);
      const { output, state: last } = this.rnn.run(x, state);
      return { ...this.#read(output, memory), state: last };
    });
  }

  /**
   * One step, for `greedy` and `beamSearch`.
   *
   * @param ids i32, [n]. There may be several for each of the B sequences of `memory`: n = k B, and row
   *   j B + b belongs to sequence b.
   * @param state each part of [layers, n, hidden].
   * @returns logits of [n, ids], and weights of [n, keys].
   */
  step(ids: Tensor, state: readonly Tensor[], memory?: AttentionMemory): DecoderResult {
    checkTensor('Decoder', 'ids', ids);
    if (ids.shape.length !== 1) {
      throw new ShapeError(`Decoder: ids have shape ${formatShape(ids.shape)}; [n] is needed`);
    }
    this.#checkMemory(memory, ids.size);
    return scope(() => {
      const { features, ...rest } = this.#advance(this.#embedded(ids), state, memory);
      return { logits: this.out.forward(features), ...rest };
    });
  }

  #unrolled(
    ids: Tensor,
    first: readonly Tensor[] | undefined,
    memory: AttentionMemory | undefined,
    teacher: Tensor | undefined,
  ): DecoderFeatures {
    const given = unbind(this.#embedded(ids));
    const choices = teacher && unbind(reshape(teacher, [given.length, -1, 1]));
    let state = first ?? this.rnn.zeroState(ids.shape[1]);
    const steps: DecoderFeatures[] = [];
    for (const [t, own] of given.entries()) {
      const before = steps.at(-1);
      const x =
        choices && before ? where(choices[t], own, this.#embedded(this.#likeliest(before))) : own;
      const step = this.#advance(x, state, memory);
      steps.push(step);
      ({ state } = step);
    }
    return {
      features: stack(steps.map(({ features }) => features)),
      state: steps.at(-1)!.state,
      weights: memory && stack(steps.map(({ weights }) => weights!)),
    };
  }

  #likeliest({ features }: DecoderFeatures): Tensor {
    return noGrad(() => scope(() => argmax(this.out.forward(features), -1)));
  }

  /** A step from embedded ids, [n, embedding]. */
  #advance(
    embedded: Tensor,
    state: readonly Tensor[],
    memory: AttentionMemory | undefined,
  ): DecoderFeatures {
    const before = this.feedContext
      ? this.#attend(slice(state[0], 0, { start: -1 }), memory!)
      : undefined;
    const own = reshape(embedded, [1, ...embedded.shape]);
    const x = before ? cat([own, before.context], -1) : own;
    const { output, state: next } = this.rnn.run(x, state);
    const { features, weights } = this.#read(output, memory, before);
    const ofStep = (part: Tensor): Tensor => reshape(part, part.shape.slice(1));
    return { features: ofStep(features), weights: weights && ofStep(weights), state: next };
  }

  /** What follows the layers: attention, unless it came before them, and what joins both. */
  #read(
    output: Tensor,
    memory: AttentionMemory | undefined,
    before?: { context: Tensor; weights: Tensor },
  ): Omit<DecoderFeatures, 'state'> {
    const { combine, dropout } = this;
    const dropped = (x: Tensor): Tensor => (dropout ? dropout.forward(x) : x);
    if (!combine) return { features: dropped(output), weights: undefined };
    const { context, weights } = before ?? this.#attend(output, memory!);
    return { features: dropped(combine.forward(cat([context, output], -1))), weights };
  }

  /** Queries of [T, n, hidden], where n may be several times the batch of the memory. */
  #attend(queries: Tensor, memory: AttentionMemory): { context: Tensor; weights: Tensor } {
    const [batch] = memory.keys.shape;
    const [time, rows, width] = queries.shape;
    const many = reshape(queries, [(time * rows) / batch, batch, width]);
    const { context, weights } = this.attention!.forward(many, memory);
    const given = (x: Tensor): Tensor => reshape(x, [time, rows, x.shape[2]]);
    return { context: given(context), weights: given(weights) };
  }

  #embedded(ids: Tensor): Tensor {
    const rows = this.embedding.forward(ids);
    return this.dropout ? this.dropout.forward(rows) : rows;
  }

  #checkTeacher(teacher: Tensor, ids: Tensor): void {
    checkFloats('Decoder', { 'embedding.weight': this.embedding.weight, teacher });
    const [time, batch] = ids.shape;
    if (sameShape(teacher.shape, [time]) || sameShape(teacher.shape, [time, batch])) return;
    throw new ShapeError(
      `Decoder: teacher has shape ${formatShape(teacher.shape)}; [${time}] or [${time}, ${batch}] is needed`,
    );
  }

  #checkMemory(memory: AttentionMemory | undefined, rows: number): void {
    if (!this.attention) {
      if (memory === undefined) return;
      throw new ArgumentError('Decoder: memory is given, and there is no attention; leave it out');
    }
    if (memory === undefined) {
      throw new ArgumentError(
        'Decoder: memory = undefined; attention needs what decoder.attention.project(keys) gives',
      );
    }
    const [batch] = memory.keys.shape;
    if (rows % batch === 0) return;
    throw new ShapeError(
      `Decoder: ids are of ${rows} sequences, and the keys of memory of ${batch}; a multiple is needed`,
    );
  }
}
