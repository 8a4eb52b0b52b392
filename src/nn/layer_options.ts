import type { OptionNames } from '../options';
import type { Generator } from '../tensor/generator';

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

/** Divides the options of a layer into its own and those of its cells. */
export function divideOptions<O extends object>(
  options: RecurrentOptions & O,
): { layer: RecurrentOptions; cell: O } {
  const own = ([name]: [string, unknown]): boolean => Object.hasOwn(RECURRENT_OPTIONS, name);
  const entries = Object.entries(options);
  return {
    layer: Object.fromEntries(entries.filter(own)),
    cell: Object.fromEntries(entries.filter((entry) => !own(entry))) as O,
  };
}
