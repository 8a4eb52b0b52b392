import { CellDefinition } from '../cell/definition';
import { ArgumentError } from '../errors';
import { transpose } from '../ops/axes';
import { checkProbability } from '../ops/dropout';
import { embedding } from '../ops/indexing';
import { reshape } from '../ops/movement';
import type { SequenceInput } from '../ops/scan_input';
import { checkOptions, describeValue, divideOptions } from '../options';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { Generator } from '../tensor/generator';
import { scope } from '../tensor/scope';
import { Tensor, zeros } from '../tensor/tensor';
import { arrangementOf } from './arrangement';
import type { Arrangement } from './arrangement';
import { CELL_OPTIONS } from './cells/cell';
import type { Cell, CellOptions, RecurrentState } from './cells/cell';
import { SCAN_CELL_OPTIONS, ScanCell } from './cells/scan_cell';
import type { ScanCellOptions } from './cells/scan_cell';
import { checkSizes } from './check';
import { Dropout } from './dropout';
import { defaultRandom } from './init';
import { RECURRENT_OPTIONS } from './layer_options';
import type { RecurrentOptions, RecurrentResult, StateArgument } from './layer_options';
import { Layers } from './layers';
import { Module } from './module';
import { PackedSequence } from './packed_sequence';
import { checkRecurrentInput } from './recurrent_input';
import type { ForwardOptions, RecurrentInput } from './recurrent_input';

/** Makes the cells of layers; a `CellDefinition` stands for one that makes a `ScanCell`. */
export interface CellKind<C extends Cell = Cell, O extends object = CellOptions> {
  /** Names the cell in errors. */
  readonly name: string;
  /** Names of the options of a cell, as `OptionNames` has them; `CELL_OPTIONS` when left out. */
  readonly options?: object;
  /** A cell with new parameters on `device`, for inputs of [batch, inputSize]. */
  create(device: Device, inputSize: number, hiddenSize: number, options: O): C;
}

/**
 * Layers of a recurrent cell over a sequence, with all that PyTorch's take. Parameters have the cell's
 * names with the layer behind: `weight_ih_l0`, `weight_ih_l0_reverse`.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { CELLS, Recurrent } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const mgu = CELLS.mgu.kind; // or what `defineCell` gives of equations of your own
 * const layers = new Recurrent(device, mgu, 8, 16, { numLayers: 2, bidirectional: true });
 * const x = ones(device, [5, 3, 8]); // [time, batch, input]
 * const { output, state } = layers.run(x, undefined, { lengths: [5, 2, 4] });
 * console.log(output.shape, state[0].shape); // [ 5, 3, 32 ] [ 4, 3, 16 ]
 * ```
 */
export class Recurrent<
  C extends Cell = ScanCell,
  S extends RecurrentState = RecurrentState,
  O extends object = ScanCellOptions,
> extends Module {
  /** Whether inputs and outputs are [batch, time, width] instead of [time, batch, width]. */
  readonly batchFirst: boolean;
  /** Whether each layer has a second direction, from the end. */
  readonly bidirectional: boolean;
  /** Layers, one upon the other. */
  readonly numLayers: number;
  readonly #layers: Layers<C>;
  readonly #dropout: Dropout | undefined;
  /** The generator that was made here, and is freed here. */
  readonly #ownGenerator: Generator | undefined;

  /**
   * @param kind a cell's equations, as `defineCell` gives them, or what makes cells written by hand.
   * @param inputSize width of the input; the layers above take the output of the one below.
   * @param options of the layers and of the cells.
   * @throws ArgumentError for what does not fit.
   */
  constructor(
    device: Device,
    kind: CellDefinition | CellKind<C, O>,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & O = {} as RecurrentOptions & O,
  ) {
    super();
    const owner = new.target.name;
    checkDevice(owner, device);
    const names = kind instanceof CellDefinition ? SCAN_CELL_OPTIONS : checkKind(owner, kind);
    checkOptions(owner, options, { ...RECURRENT_OPTIONS, ...names });
    const [layer, cell] = divideOptions<RecurrentOptions, O>(options, RECURRENT_OPTIONS);
    const { numLayers = 1, dropout = 0, bidirectional = false, fused = true, generator } = layer;
    checkSizes(owner, { numLayers });
    checkProbability(`${owner}: dropout`, dropout);
    if (dropout > 0 && numLayers === 1) {
      // eslint-disable-next-line no-console -- What PyTorch warns of, and does not refuse.
      console.warn(
        `${owner}: dropout = ${dropout} acts between layers, and numLayers is 1: nothing is dropped`,
      );
    }
    this.batchFirst = layer.batchFirst ?? false;
    this.bidirectional = bidirectional;
    this.numLayers = numLayers;
    const directions = bidirectional ? 2 : 1;
    const make = (size: number): C =>
      kind instanceof CellDefinition
        ? (new ScanCell(device, kind, size, hiddenSize, cell) as Cell as C)
        : kind.create(device, size, hiddenSize, cell);
    const cells: C[] = [];
    try {
      while (cells.length < numLayers * directions) {
        const lower = cells.length < directions;
        cells.push(make(lower ? inputSize : directions * cells[0].outputSize));
      }
    } catch (error) {
      // Memory may end at any layer.
      for (const made of cells) made.dispose();
      throw error;
    }
    this.#layers = new Layers(cells, directions, fused);
    if (dropout > 0 && numLayers > 1) {
      if (!generator) this.#ownGenerator = new Generator(device, defaultRandom().bits());
      this.#dropout = new Dropout(dropout, (generator ?? this.#ownGenerator)!);
    }
  }

  /** The cells, the lowest layer's first; of two directions the forward one before the other. */
  get cells(): readonly C[] {
    return this.#layers.cells;
  }

  /** Whether fused kernels run the cells that have them. @internal */
  get fused(): boolean {
    return this.#layers.fused;
  }

  /** Names of the parts of a state, the output first. */
  get stateNames(): readonly string[] {
    return this.cells[0].stateNames;
  }

  /** Units of a layer in one direction. */
  get hiddenSize(): number {
    return this.cells[0].hiddenSize;
  }

  /** Width of the output, of both directions together. */
  get outputSize(): number {
    return this.#layers.directions * this.cells[0].outputSize;
  }

  protected override *members(): IterableIterator<[string, Tensor]> {
    for (const [i, cell] of this.cells.entries()) {
      const layer = Math.floor(i / this.#layers.directions);
      const suffix = i % this.#layers.directions === 1 ? '_reverse' : '';
      for (const [name, value] of cell.namedParameters()) {
        yield [`${name}_l${layer}${suffix}`, value];
      }
    }
  }

  override *modules(): IterableIterator<Module> {
    yield this;
    for (const cell of this.cells) yield* cell.modules();
    if (this.#dropout) yield this.#dropout;
  }

  override dispose(): void {
    this.#ownGenerator?.dispose();
    for (const cell of this.cells) cell.dispose();
  }

  /** A state of zeros: each part of [layers directions, batch, its width]. */
  zeroState(batch: number): Tensor[] {
    const [cell] = this.cells;
    return cell.stateSizes.map((size) =>
      zeros(cell.device, [this.cells.length, batch, size], { dtype: cell.dtype }),
    );
  }

  /**
   * @param x of [time, batch, input], or [batch, time, input] with `batchFirst`, or [time, input] of one
   *   sequence; ids and a table, the ids in that order; or packed sequences.
   * @param state [layers, batch, hidden], twice the layers where there are two directions, and without
   *   the batch for one sequence; a list of them where the state has several parts. Zeros when left out.
   * @returns the output, [time, batch, hidden] (batch first, for one sequence or packed, as x), and the
   *   state after the last step.
   * @throws ArgumentError, ShapeError, DTypeError, DeviceError, OutOfMemoryError or IndexError naming the
   *   argument; no kernel has run then.
   */
  forward(x: SequenceInput, state?: StateArgument<S>, options?: ForwardOptions): [Tensor, S];
  forward(x: PackedSequence, state?: StateArgument<S>): [PackedSequence, S];
  forward(
    x: SequenceInput | PackedSequence,
    state?: StateArgument<S>,
    options: ForwardOptions = {},
  ): [Tensor | PackedSequence, S] {
    const given: RecurrentState | undefined = state;
    // A tensor where a list is needed is refused there.
    const one = given instanceof Tensor && this.stateNames.length === 1;
    const parts = (one ? [given] : given) as readonly Tensor[] | undefined;
    const { output, state: last } = this.#checked(x, parts, options);
    return [output, (last.length === 1 ? last[0] : last) as S];
  }

  /** As `forward`, with a list for the state of any cell. */
  run(
    x: SequenceInput,
    state?: readonly Tensor[],
    options?: ForwardOptions,
  ): RecurrentResult<Tensor>;
  run(x: PackedSequence, state?: readonly Tensor[]): RecurrentResult<PackedSequence>;
  run(
    x: SequenceInput | PackedSequence,
    state?: readonly Tensor[],
    options: ForwardOptions = {},
  ): RecurrentResult<Tensor | PackedSequence> {
    return this.#checked(x, state, options);
  }

  #checked(
    x: SequenceInput | PackedSequence,
    state: readonly Tensor[] | undefined,
    options: ForwardOptions,
  ): RecurrentResult<Tensor | PackedSequence> {
    const { batchFirst, numLayers } = this;
    const { cells, directions } = this.#layers;
    const owner = this.constructor.name;
    const sizes = { owner, batchFirst, numLayers, directions, cell: cells[0] };
    const input = checkRecurrentInput(sizes, x, state, options);
    return scope(() => this.#run(x, input, state, options.overwriteState ?? false));
  }

  #run(
    x: SequenceInput | PackedSequence,
    input: RecurrentInput,
    state: readonly Tensor[] | undefined,
    overwrite: boolean,
  ): RecurrentResult<Tensor | PackedSequence> {
    const { layout, time, batch, packing } = input;
    const { batchFirst } = this;
    const [{ device, dtype }] = this.cells;
    const padded = { time, batch, batchFirst };
    const single = layout === 'unbatched';
    const initial = state
      ? state.map((part) => (single ? reshape(part, part.shape.toSpliced(1, 0, 1)) : part))
      : this.zeroState(batch);
    const given = (part: Tensor): Tensor =>
      reshape(part, single ? part.shape.toSpliced(1, 1) : part.shape);
    if ((packing ? packing.batchSizes.length : time) === 0) {
      const places = single ? [time] : batchFirst ? [batch, time] : [time, batch];
      const output = zeros(device, [...places, this.outputSize], { dtype });
      return { output, state: initial.map(given) };
    }
    const arrangement = arrangementOf(device, padded, input);
    const sequence = x instanceof PackedSequence ? x.data : this.#arrange(x, input, arrangement);
    // A state of zeros is in every order.
    const before = arrangement && state ? arrangement.sort(initial) : initial;
    const dropout = this.#dropout?.training ? this.#dropout : undefined;
    const layers = this.#layers;
    const { output, state: after } = layers.run(
      ...([sequence, before, arrangement?.ragged, dropout, overwrite] as const),
    );
    const last = [...(arrangement?.unsort(after) ?? after)];
    if (single) {
      return { output: reshape(output, [time, this.outputSize]), state: last.map(given) };
    }
    if (x instanceof PackedSequence) return { output: x.withData(output), state: last };
    if (arrangement) return { output: arrangement.pad(output), state: last };
    return { output: batchFirst ? transpose(output, 0, 1) : output, state: last };
  }

  /** The input as a scan takes it: time first, or packed. */
  #arrange(
    x: SequenceInput,
    { layout, time }: RecurrentInput,
    arrangement: Arrangement | undefined,
  ): SequenceInput {
    const { batchFirst } = this;
    if (layout === 'unbatched') return reshape(x as Tensor, [time, 1, -1]);
    if (!arrangement && !batchFirst) return x;
    // Ids are neither transposed nor packed: the rows that they pick are.
    const values = 'rows' in x ? embedding(x.ids, x.rows) : x;
    return arrangement ? arrangement.pack(values) : transpose(values, 0, 1);
  }
}

/** The names of a cell's options. */
function checkKind(owner: string, kind: Pick<CellKind<Cell, never>, 'create' | 'options'>): object {
  if (typeof kind === 'object' && kind !== null && typeof kind.create === 'function') {
    return kind.options ?? CELL_OPTIONS;
  }
  throw new ArgumentError(
    `${owner}: kind = ${describeValue(kind)}; give what defineCell gives, or ` +
      '{ name, create(device, inputSize, hiddenSize, options) }',
  );
}
