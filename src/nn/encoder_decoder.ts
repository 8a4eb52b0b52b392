import { noGrad } from '../autograd/graph';
import { ArgumentError } from '../errors';
import { transpose } from '../ops/axes';
import { checkShapeIs } from '../ops/common';
import { sequenceMask } from '../ops/lengths';
import { linearCrossEntropy } from '../ops/loss';
import { reshape } from '../ops/movement';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { constantIds } from '../tensor/constant';
import { dispose, scope } from '../tensor/scope';
import { checkTensor, Tensor } from '../tensor/tensor';
import type { AttentionMemory } from './attention';
import { beamSearch } from './beam_search';
import type { BeamSearchOptions } from './beam_search';
import { Decoder } from './decoder';
import type { DecoderFeatures, DecoderResult } from './decoder_options';
import type { DecodingStep, Hypothesis } from './decoding';
import { Encoder } from './encoder';
import { greedy } from './greedy';
import { defaultRandom } from './init';
import { Linear } from './linear';
import { Module } from './module';
import type { ForwardOptions } from './recurrent_input';

/** Of source sequences of different lengths. */
export interface SourceOptions extends Pick<ForwardOptions, 'lengths'> {
  /**
   * Where attention may look: [S, B] of 1 and 0, of the model's dtype. When left out, everywhere within the
   * lengths.
   */
  mask?: Tensor;
}

const SOURCE: OptionNames<SourceOptions> = { lengths: true, mask: true };

/** What the `forward` of an `EncoderDecoder` takes. */
export interface EncoderDecoderForwardOptions extends SourceOptions {
  /** As `Decoder.forward` takes it. */
  teacher?: Tensor;
}

const FORWARD: OptionNames<EncoderDecoderForwardOptions> = { ...SOURCE, teacher: true };

/** What the `generate` of an `EncoderDecoder` takes. */
export interface GenerateOptions extends SourceOptions, Omit<BeamSearchOptions, 'begin'> {
  /** The first id that the decoder is given, or a list with one for each sequence. */
  begin: number | readonly number[];
}

const GENERATE: OptionNames<GenerateOptions> = {
  ...SOURCE,
  begin: true,
  end: true,
  maxLength: true,
  width: true,
  alpha: true,
};

/** What a decoder begins with. */
export interface EncodedSource {
  /** Each part of [layers, B, hidden of the decoder]. */
  state: Tensor[];
  /** Where there is attention. */
  memory: AttentionMemory | undefined;
}

/**
 * A sequence to another one (Sutskever et al., 2014; Cho et al., 2014): the decoder begins with the last
 * state of the encoder, and looks at its outputs where it has attention. Where the decoder's layers have
 * another width, or the encoder has two directions, a linear layer for each part of the state, `bridge`,
 * makes the one of the other.
 *
 * @example
 * ```ts
 * import { openDevice, tensor } from 'lethe';
 * import { Decoder, Encoder, EncoderDecoder } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const encoder = new Encoder(device, 30, 8, 16);
 * const attention = { attention: 'dot', keySize: encoder.outputSize } as const;
 * const model = new EncoderDecoder(encoder, new Decoder(device, 20, 8, 16, attention));
 * const source = tensor(device, [3, 1, 4], [3, 1], { dtype: 'i32' }); // [time, batch]
 * const [best] = await model.generate(source, { begin: 1, end: 2, maxLength: 5 });
 * console.log(best.ids.length <= 5); // true
 * ```
 */
export class EncoderDecoder extends Module {
  /** Reads. */
  readonly encoder: Encoder;
  /** Writes. */
  readonly decoder: Decoder;
  /** A layer for each part of the state; empty where the state passes as it is. */
  readonly bridge: readonly Linear[];

  /**
   * @param random as `InitOptions` has it, for the bridge.
   * @throws ArgumentError where cells or layers of the two differ, or attention has other keys.
   */
  constructor(encoder: Encoder, decoder: Decoder, random = defaultRandom()) {
    super();
    checkParts(encoder, decoder);
    this.encoder = encoder;
    this.decoder = decoder;
    const [from] = encoder.rnn.cells;
    const [to] = decoder.rnn.cells;
    const directions = encoder.rnn.bidirectional ? 2 : 1;
    const same = directions === 1 && from.hiddenSize === to.hiddenSize;
    const { device, dtype } = from;
    this.bridge = same
      ? []
      : from.stateSizes.map(
          (size, i) => new Linear(device, directions * size, to.stateSizes[i], { random, dtype }),
        );
  }

  /**
   * Reads the source once, for any number of decodings.
   *
   * @param source i32, [S, B].
   */
  encode(source: Tensor, options: SourceOptions = {}): EncodedSource {
    checkOptions('EncoderDecoder', options, SOURCE);
    const { lengths, mask } = options;
    const { attention } = this.decoder;
    checkTensor('EncoderDecoder', 'source', source);
    if (mask) checkShapeIs('EncoderDecoder', 'mask', mask, source.shape);
    return scope(() => {
      const { output, state } = this.encoder.forward(
        source,
        lengths === undefined ? {} : { lengths },
      );
      const counted = mask ?? (attention && lengths && maskOf(lengths, output));
      return {
        state: this.#handOver(state),
        memory: attention?.project(output, { mask: counted }),
      };
    });
  }

  /**
   * Logits under teacher forcing.
   *
   * @param source i32, [S, B].
   * @param target i32, [T, B]: what the decoder is given, from the mark of the beginning on.
   * @returns logits of [T, B, ids], step t's for the id of t + 1, and attention's weights, [T, B, S].
   * @throws ArgumentError, ShapeError, DTypeError, DeviceError or IndexError naming the argument.
   */
  forward(
    source: Tensor,
    target: Tensor,
    options: EncoderDecoderForwardOptions = {},
  ): DecoderResult {
    return scope(() => {
      const { features, ...rest } = this.#features(source, target, options);
      return { logits: this.decoder.out.forward(features), ...rest };
    });
  }

  /**
   * The mean cross-entropy, in nats, under teacher forcing, without a tensor of logits.
   *
   * @param labels i32, [T, B]: the id that each step is to give; -100 where none is.
   */
  loss(
    source: Tensor,
    target: Tensor,
    labels: Tensor,
    options: EncoderDecoderForwardOptions = {},
  ): Tensor {
    checkTensor('EncoderDecoder', 'labels', labels);
    checkTensor('EncoderDecoder', 'target', target);
    checkShapeIs('EncoderDecoder', 'labels', labels, target.shape);
    return scope(() => {
      const { features } = this.#features(source, target, options);
      const rows = reshape(features, [labels.size, features.shape[2]]);
      const { weight, bias } = this.decoder.out;
      return linearCrossEntropy(rows, weight, bias, reshape(labels, [labels.size]));
    });
  }

  /**
   * Target sequences for source ones, by `greedy`, or by `beamSearch` where `width` is above 1: the best
   * for each. Dropout acts while the module is in training: call `eval()` before.
   *
   * @param source i32, [S, B].
   */
  async generate(source: Tensor, options: GenerateOptions): Promise<Hypothesis[]> {
    checkOptions('EncoderDecoder', options, GENERATE);
    const { begin, width = 1, alpha, end, maxLength, ...ofSource } = options;
    const encoded = noGrad(() => this.encode(source, ofSource));
    const { state, memory } = encoded;
    const step = (ids: Tensor, before: readonly Tensor[]): DecodingStep =>
      this.decoder.step(ids, before, memory);
    const first =
      typeof begin === 'number' ? new Array<number>(source.shape[1]).fill(begin) : begin;
    const of = { begin: first, end, maxLength };
    try {
      if (width === 1) return await greedy(step, state, of);
      const found = await beamSearch(step, state, { ...of, width, alpha });
      return found.map(([best]) => best);
    } finally {
      dispose(encoded);
    }
  }

  #features(
    source: Tensor,
    target: Tensor,
    options: EncoderDecoderForwardOptions,
  ): DecoderFeatures {
    checkOptions('EncoderDecoder', options, FORWARD);
    const { teacher, ...ofSource } = options;
    const { state, memory } = this.encode(source, ofSource);
    return this.decoder.features(target, state, { memory, teacher });
  }

  /** The encoder's last state as the decoder's first. */
  #handOver(state: readonly Tensor[]): Tensor[] {
    const { bridge } = this;
    if (bridge.length === 0) return [...state];
    return state.map((part, i) =>
      bridge[i].forward(this.encoder.rnn.bidirectional ? joined(part) : part),
    );
  }
}

/** 1 within the lengths; of [S, B], as the output begins. */
function maskOf(lengths: ArrayLike<number> | Tensor, output: Tensor): Tensor {
  const { device, shape, dtype } = output;
  const list = lengths instanceof Tensor ? lengths : constantIds(device, lengths, [shape[1]]);
  return sequenceMask(list, shape[0], dtype);
}

/** [layers 2, B, width] to [layers, B, 2 width]: both directions of a layer side by side. */
function joined(part: Tensor): Tensor {
  const [rows, batch, width] = part.shape;
  const pairs = reshape(part, [rows / 2, 2, batch, width]);
  return reshape(transpose(pairs, 1, 2), [rows / 2, batch, 2 * width]);
}

function checkParts(encoder: Encoder, decoder: Decoder): void {
  const owner = 'EncoderDecoder';
  for (const [name, part, kind] of [
    ['encoder', encoder, Encoder],
    ['decoder', decoder, Decoder],
  ] as const) {
    if (part instanceof kind) continue;
    throw new ArgumentError(
      `${owner}: ${name} = ${describeValue(part)}; new ${kind === Encoder ? 'En' : 'De'}coder(...) is needed`,
    );
  }
  const [from, to] = [encoder.rnn, decoder.rnn];
  if (from.numLayers !== to.numLayers || from.stateNames.join() !== to.stateNames.join()) {
    const told = (rnn: typeof from): string =>
      `${rnn.numLayers} layers with a state of ${rnn.stateNames.join(', ')}`;
    throw new ArgumentError(
      `${owner}: the encoder has ${told(from)}, the decoder ${told(to)}; both must be alike, as the ` +
        'state is handed over layer by layer',
    );
  }
  const { attention } = decoder;
  if (attention && attention.keySize !== encoder.outputSize) {
    throw new ArgumentError(
      `${owner}: the decoder's attention has keySize = ${attention.keySize}, the encoder an output of ` +
        `${encoder.outputSize}; make the decoder with keySize: encoder.outputSize`,
    );
  }
}
