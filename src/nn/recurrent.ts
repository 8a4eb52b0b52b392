import { ArgumentError, ShapeError } from '../errors';
import { checkProbability } from '../ops/dropout';
import { checkFloats, checkShapeIs } from '../ops/common';
import { embedding } from '../ops/indexing';
import { transpose } from '../ops/axes';
import { reshape } from '../ops/movement';
import { checkInput } from '../ops/sequence_layer';
import type { SequenceInput } from '../ops/sequence';
import { checkOptions, describeValue } from '../options';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import { Generator } from '../tensor/generator';
import { scope } from '../tensor/scope';
import { formatShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';
import { CELL_OPTIONS } from './cells/cell';
import type { Cell, CellOptions } from './cells/cell';
import { GRUCell } from './cells/gru_cell';
import { LSTM_CELL_OPTIONS, LSTMCell } from './cells/lstm_cell';
import type { LSTMCellOptions } from './cells/lstm_cell';
import { RNN_CELL_OPTIONS, RNNCell } from './cells/rnn_cell';
import type { RNNCellOptions } from './cells/rnn_cell';
import { checkSizes } from './check';
import { Dropout } from './dropout';
import { defaultRandom } from './init';
import { layerOptions, RECURRENT_OPTIONS } from './layer_options';
import type { RecurrentOptions } from './layer_options';
import { Module } from './module';
import { canStack, isFused, layerByLayer, prefersWavefront } from './stack';
import type { Swept } from './stack';
import { unroll } from './unroll';

/**
 * Any cell over a sequence: stacking, dropout between layers, and the only time loop there is.
 * Parameters have the cell's names with the layer behind: `weight_ih_l0`.
 */
export class Recurrent<C extends Cell> extends Module {
  readonly batchFirst: boolean;
  readonly #cells: readonly C[];
  readonly #dropout: Dropout | undefined;
  readonly #fused: boolean;
  readonly #stacks: boolean;
  /** The generator that was made here, and is freed here. */
  readonly #ownGenerator: Generator | undefined;

  /**
   * @param inputSize width of the input; the layers above take the output of the one below.
   * @param makeCell the cell of a layer that takes so wide an input.
   * @throws ArgumentError for a bad number of layers or probability.
   */
  constructor(
    device: Device,
    inputSize: number,
    makeCell: (inputSize: number) => C,
    options: RecurrentOptions = {},
  ) {
    super();
    checkDevice(new.target.name, device);
    checkOptions(new.target.name, options, RECURRENT_OPTIONS);
    const { numLayers = 1, batchFirst = false, dropout = 0, generator, fused = true } = options;
    checkSizes(new.target.name, { numLayers });
    checkProbability(`${new.target.name}: dropout`, dropout);
    if (dropout > 0 && numLayers === 1) {
      throw new ArgumentError(
        `${new.target.name}: dropout = ${dropout} acts between layers, and numLayers is 1; ` +
          'set numLayers, or use a Dropout module',
      );
    }
    this.batchFirst = batchFirst;
    const cells: C[] = [];
    this.#cells = cells;
    try {
      while (cells.length < numLayers) cells.push(makeCell(cells[0]?.outputSize ?? inputSize));
    } catch (error) {
      // Memory may end at any layer.
      for (const cell of cells) cell.dispose();
      throw error;
    }
    this.#fused = fused && cells.every(isFused);
    this.#stacks = this.#fused && numLayers > 1 && canStack(cells);
    if (dropout > 0) {
      if (!generator) this.#ownGenerator = new Generator(device, defaultRandom().bits());
      this.#dropout = new Dropout(dropout, (generator ?? this.#ownGenerator)!);
    }
  }

  /** The cell of each layer, the lowest first. */
  get cells(): readonly C[] {
    return this.#cells;
  }

  get numLayers(): number {
    return this.#cells.length;
  }

  /** Names of the parts of a state, the output first. */
  get stateNames(): readonly string[] {
    return this.#cells[0].stateNames;
  }

  get hiddenSize(): number {
    return this.#cells[0].hiddenSize;
  }

  /** Width of the output. */
  get outputSize(): number {
    return this.#cells[0].outputSize;
  }

  protected override *members(): IterableIterator<[string, Tensor]> {
    for (const [layer, cell] of this.#cells.entries()) {
      for (const [name, value] of cell.namedParameters()) yield [`${name}_l${layer}`, value];
    }
  }

  override *modules(): IterableIterator<Module> {
    yield this;
    for (const cell of this.#cells) yield* cell.modules();
    if (this.#dropout) yield this.#dropout;
  }

  override dispose(): void {
    this.#ownGenerator?.dispose();
    for (const cell of this.#cells) cell.dispose();
  }

  /** A state of zeros: each part of [layers, batch, its width]. */
  zeroState(batch: number): Tensor[] {
    const [cell] = this.#cells;
    return cell.stateSizes.map((size) =>
      zeros(cell.device, [this.numLayers, batch, size], { dtype: cell.dtype }),
    );
  }

  /**
   * @param x of [time, batch, input], or [batch, time, input] with `batchFirst`; or an
   *   `EmbeddingInput`, its ids in that order.
   * @param state each part of [layers, batch, hidden]; zeros when left out.
   * @returns the output, [time, batch, hidden] (or batch first), and the state after the last step.
   * @throws ShapeError naming the argument; no kernel has run then.
   */
  run(x: SequenceInput, state?: readonly Tensor[]): { output: Tensor; state: Tensor[] } {
    const batch = this.#check(x, state);
    return scope(() => {
      const sequence = this.batchFirst ? timeFirst(x) : x;
      const initial = state ?? this.zeroState(batch);
      if (shapeOf(sequence)[0] === 0) {
        const shape = this.batchFirst ? [batch, 0] : [0, batch];
        const { device, dtype } = this.#cells[0];
        const output = zeros(device, [...shape, this.outputSize], { dtype });
        return { output, state: initial.map((part) => reshape(part, part.shape)) };
      }
      const { output, state: last } = this.#sweep(sequence, initial);
      return { output: this.batchFirst ? transpose(output, 0, 1) : output, state: last };
    });
  }

  /** All layers over a sequence, time first. */
  #sweep(input: SequenceInput, state: readonly Tensor[]): Swept {
    const [cell] = this.#cells;
    const weights = this.#cells.map((layer) => layer.weights);
    const [time, batch] = shapeOf(input);
    const dropout = this.#dropout?.training ? this.#dropout : undefined;
    const atOnce = this.#stacks && !dropout && prefersWavefront(cell, this.numLayers, time, batch);
    if (atOnce) return cell.sequence!(input, weights, state);
    return layerByLayer(
      state,
      input,
      this.numLayers,
      (layer, from, before) =>
        this.#fused
          ? this.#cells[layer].sequence!(from, [weights[layer]], before)
          : unroll(this.#cells[layer], from, before),
      dropout && ((x) => dropout.forward(x)),
    );
  }

  /** The batch, once everything fits. */
  #check(input: SequenceInput, state: readonly Tensor[] | undefined): number {
    const owner = this.constructor.name;
    checkInput(owner, input);
    const [cell] = this.#cells;
    const order = this.batchFirst ? 'batch, time' : 'time, batch';
    const shape = shapeOf(input);
    if (shape.length !== 3 || shape[2] !== cell.inputSize) {
      throw new ShapeError(
        `${owner}: x has shape ${formatShape(shape)}; [${order}, ${cell.inputSize}] is needed`,
      );
    }
    const x = 'rows' in input ? input.rows : input;
    checkFloats(owner, { x, weight_hh_l0: cell.weight_hh });
    const batch = shape[this.batchFirst ? 0 : 1];
    const given: unknown = state;
    if (given !== undefined && !Array.isArray(given)) {
      const parts = cell.stateNames.map((name) => `${name}0`).join(', ');
      throw new ArgumentError(
        `${owner}: state = ${describeValue(given)}; a list is needed: [${parts}]`,
      );
    }
    if (state && state.length !== cell.stateNames.length) {
      throw new ArgumentError(
        `${owner}: the state has ${state.length} parts; ${cell.stateNames.join(', ')} are needed`,
      );
    }
    state?.forEach((part, i) => {
      const name = `${cell.stateNames[i]}0`;
      checkFloats(owner, { x, [name]: part });
      checkShapeIs(owner, name, part, [this.numLayers, batch, cell.stateSizes[i]]);
    });
    return batch;
  }
}

/** The shape of the sequence that an EmbeddingInput stands for. */
function shapeOf(x: SequenceInput): Shape {
  return 'rows' in x ? [...x.ids.shape, ...x.rows.shape.slice(1)] : x.shape;
}

/** [batch, time, ...] to [time, batch, ...]. */
function timeFirst(x: SequenceInput): SequenceInput {
  // Ids are not transposed: the rows that they pick are.
  return transpose('rows' in x ? embedding(x.ids, x.rows) : x, 0, 1);
}

export interface RNNOptions extends RecurrentOptions, RNNCellOptions {}

/** Vanilla recurrent layers; `RNNCell` has the equation. */
export class RNN extends Recurrent<RNNCell> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    const { recurrent, cell } = layerOptions(new.target.name, options, RNN_CELL_OPTIONS);
    super(device, inputSize, (size) => new RNNCell(device, size, hiddenSize, cell), recurrent);
  }

  /** x of [time, batch, input], h0 of [layers, batch, hidden], to [y, hn]; see `Recurrent`. */
  forward(x: Tensor, h0?: Tensor): [Tensor, Tensor] {
    const { output, state } = this.run(x, h0 && [h0]);
    return [output, state[0]];
  }
}

export interface GRUOptions extends RecurrentOptions, CellOptions {}

/** GRU layers; `gruGates` has the equations. */
export class GRU extends Recurrent<GRUCell> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: GRUOptions = {}) {
    const { recurrent, cell } = layerOptions(new.target.name, options, CELL_OPTIONS);
    super(device, inputSize, (size) => new GRUCell(device, size, hiddenSize, cell), recurrent);
  }

  /** x of [time, batch, input], h0 of [layers, batch, hidden], to [y, hn]; see `Recurrent`. */
  forward(x: Tensor, h0?: Tensor): [Tensor, Tensor] {
    const { output, state } = this.run(x, h0 && [h0]);
    return [output, state[0]];
  }
}

export interface LSTMOptions extends RecurrentOptions, LSTMCellOptions {}

/** LSTM layers; `lstmGates` has the equations. */
export class LSTM extends Recurrent<LSTMCell> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    const { recurrent, cell } = layerOptions(new.target.name, options, LSTM_CELL_OPTIONS);
    super(device, inputSize, (size) => new LSTMCell(device, size, hiddenSize, cell), recurrent);
  }

  /**
   * x of [time, batch, input], h0 and c0 of [layers, batch, hidden], to [y, [hn, cn]]; see
   * `Recurrent`.
   */
  forward(x: Tensor, state?: readonly [Tensor, Tensor]): [Tensor, [Tensor, Tensor]] {
    const { output, state: last } = this.run(x, state);
    return [output, last as [Tensor, Tensor]];
  }
}
