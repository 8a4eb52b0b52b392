import type { OptionNames } from '../options';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';

/** What every recurrent layer takes. */
export interface RecurrentOptions {
  /** Layers on top of each other; 1 at least. */
  numLayers?: number;
  /** Sequences of [batch, time, ...] in and out, instead of [time, batch, ...]. */
  batchFirst?: boolean;
  /** Probability of dropping each element between layers, while training. */
  dropout?: number;
  /**
   * A second cell in every layer, with weights of its own (`weight_ih_l0_reverse`), reads the sequence
   * from its end. Its output stands behind the other's.
   */
  bidirectional?: boolean;
  /** Random numbers for dropout; when left out, one of its own, seeded by the global source. */
  generator?: Generator;
  /**
   * False unrolls every layer step by step, where its cell is made of equations too: the reference, and
   * many times slower.
   */
  fused?: boolean;
}

export const RECURRENT_OPTIONS: OptionNames<RecurrentOptions> = {
  numLayers: true,
  batchFirst: 'boolean',
  dropout: true,
  bidirectional: 'boolean',
  generator: true,
  fused: 'boolean',
};

/** A state as `forward` takes it. */
export type StateArgument<S> = S extends Tensor ? S : Readonly<S>;

/** What `run` gives. */
export interface RecurrentResult<Y> {
  /** What the last layer gives at each step, in the form of the input. */
  output: Y;
  /** Each part of [layers directions, batch, its width]. */
  state: Tensor[];
}
