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
}

export const RECURRENT_OPTIONS: OptionNames<RecurrentOptions> = {
  numLayers: true,
  batchFirst: 'boolean',
  dropout: true,
  generator: true,
  fused: 'boolean',
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
