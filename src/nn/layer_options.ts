import type { Arithmetic, StorageFormat } from '../ops/sequence';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import type { Generator } from '../tensor/generator';

export interface RecurrentOptions {
  /** Layers on top of each other; 1 at least. */
  numLayers?: number;
  /** Sequences of [batch, time, ...] in and out, instead of [time, batch, ...]. */
  batchFirst?: boolean;
  /** Probability of dropping each element between layers, while training. */
  dropout?: number;
  /** Random numbers for dropout; when left out, one of its own, seeded by the global source. */
  generator?: Generator;
  /**
   * False unrolls every layer step by step, where its cell has a sequence operation too: the
   * reference, and many times slower.
   */
  fused?: boolean;
  /**
   * f16 halves what every step reads of the weights, and what an LSTM or a GRU keeps for its gradient
   * (6 hidden floats a step become 3.5, and 5 become 3); parameters stay f32. For layers that are swept
   * as a whole.
   */
  storage?: StorageFormat;
  /**
   * f16 multiplies halves, on a device with `f16Arithmetic`; all else stays f32 (see `Arithmetic`). For
   * layers that are swept as a whole.
   */
  arithmetic?: Arithmetic;
}

export const RECURRENT_OPTIONS: OptionNames<RecurrentOptions> = {
  numLayers: true,
  batchFirst: 'boolean',
  dropout: true,
  generator: true,
  fused: 'boolean',
  storage: true,
  arithmetic: true,
};

/**
 * Divides the options of recurrent layers into those of `Recurrent` and those of its cells.
 *
 * @param cellNames names of the cell's options: `CELL_OPTIONS`, and its own.
 * @throws ArgumentError for an option that belongs to neither.
 */
export function layerOptions<O extends RecurrentOptions>(
  owner: string,
  options: O,
  cellNames: Readonly<Record<Exclude<keyof O, keyof RecurrentOptions>, true | 'boolean'>>,
): { recurrent: RecurrentOptions; cell: Omit<O, keyof RecurrentOptions> } {
  checkOptions(owner, options, { ...RECURRENT_OPTIONS, ...cellNames });
  const entries = Object.entries(options);
  const part = (names: object): object =>
    Object.fromEntries(entries.filter(([name]) => Object.hasOwn(names, name)));
  return {
    recurrent: part(RECURRENT_OPTIONS),
    cell: part(cellNames) as Omit<O, keyof RecurrentOptions>,
  };
}
