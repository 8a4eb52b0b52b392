import type { OptionNames } from '../options';
import type { Tensor } from '../tensor/tensor';
import type { AttentionKind, AttentionMemory } from './attention';
import { CODER_OPTIONS } from './encoder';
import type { CoderOptions } from './encoder';

/** What `Decoder` takes. */
export interface DecoderOptions extends CoderOptions {
  /** Has each step look at a sequence of keys; without it the state is all that a decoder knows. */
  attention?: AttentionKind;
  /** Of attention: the width of the keys, such as `encoder.outputSize`. */
  keySize?: number;
  /**
   * Of attention. True: the context goes into the cell, so that steps run one by one (Bahdanau et al., 2015);
   * false: attention follows the cell, and a whole sequence is one scan and a few products (Luong et al.,
   * 2015). When left out, true for `additive` alone.
   */
  feedContext?: boolean;
}

export const DECODER_OPTIONS: OptionNames<DecoderOptions> = {
  attention: true,
  keySize: true,
  feedContext: 'boolean',
  ...CODER_OPTIONS,
};

/** What the `forward` of a `Decoder` takes. */
export interface DecoderForwardOptions {
  /** What `decoder.attention.project(keys, { mask })` gives; needed where there is attention. */
  memory?: AttentionMemory;
  /**
   * 1 where a step is given its id, 0 where it takes the likeliest one after the step before (scheduled
   * sampling; Bengio et al., 2015): [T], or [T, B] for a choice of each sequence, of the model's dtype. The
   * first step is given its id always. Steps run one by one then. All are given, when left out.
   */
  teacher?: Tensor;
}

export const DECODER_FORWARD: OptionNames<DecoderForwardOptions> = { memory: true, teacher: true };

/** What the layers of a decoder give. */
export interface DecoderFeatures {
  /** What `out` makes logits of, [T, B, hidden]. */
  features: Tensor;
  /** After the last step; each part of [layers, B, hidden]. */
  state: Tensor[];
  /** Of attention, [T, B, keys]. */
  weights: Tensor | undefined;
}

/** What a decoder gives. */
export interface DecoderResult extends Omit<DecoderFeatures, 'features'> {
  /** [T, B, ids], or of one step [n, ids]. */
  logits: Tensor;
}
