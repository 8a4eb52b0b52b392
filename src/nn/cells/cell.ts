import type { DType } from '../../backend/dtype';
import { ArgumentError, ShapeError } from '../../errors';
import { checkFloats } from '../../ops/common';
import { linear } from '../../ops/matmul';
import { add } from '../../ops/pointwise';
import type { LayerWeights, SequenceInput } from '../../ops/sequence';
import { checkOptions, describeValue } from '../../options';
import type { OptionNames } from '../../options';
import type { Device } from '../../tensor/device';
import { formatShape, sameShape } from '../../tensor/shape';
import { checkTensor, zeros } from '../../tensor/tensor';
import type { Tensor } from '../../tensor/tensor';
import { checkParameters } from '../check';
import { defaultRandom, INIT_OPTIONS, orthogonal, parameter, uniform } from '../init';
import type { InitOptions } from '../init';
import { Module } from '../module';

export interface CellOptions extends InitOptions {
  bias?: boolean;
  /**
   * How the recurrent weights start: uniform within 1 / sqrt(hidden), PyTorch's default, or with
   * an orthogonal matrix for each gate.
   */
  recurrentInit?: 'uniform' | 'orthogonal';
}

/** What every cell takes; one with options of its own adds their names, for `layerOptions`. */
export const CELL_OPTIONS: OptionNames<CellOptions> = {
  bias: 'boolean',
  recurrentInit: true,
  ...INIT_OPTIONS,
};

const RECURRENT_INITS = ['uniform', 'orthogonal'] as const;

/**
 * A cell's sequence operation: parameters of a layer, or of each of a stack, the lowest first; each
 * part of the state of [layers, batch, its width]. The output is that of the highest layer,
 * [time, batch, output].
 */
export type CellSequence = (
  input: SequenceInput,
  layers: readonly LayerWeights[],
  state: readonly Tensor[],
) => { output: Tensor; state: Tensor[] };

/**
 * One step of a recurrent network. What depends on the input alone (`project`) is apart from what
 * needs the state (`step`), so that a sequence projects all its steps in one matmul.
 *
 * A new cell names its parts (gates in `weight_ih`, tensors in the state) and defines `step`.
 * Parameters follow PyTorch: weight_ih of [gates hidden, input], weight_hh of
 * [gates hidden, hidden], bias_ih and bias_hh of [gates hidden], all uniform within
 * 1 / sqrt(hidden) at first.
 */
export abstract class Cell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  /** Names of the tensors of a state, the output first. */
  readonly stateNames: readonly string[];
  readonly weight_ih: Tensor;
  readonly weight_hh: Tensor;
  readonly bias_ih: Tensor | undefined;
  readonly bias_hh: Tensor | undefined;

  protected constructor(
    device: Device,
    inputSize: number,
    hiddenSize: number,
    gates: number,
    stateNames: readonly string[],
    options: CellOptions,
  ) {
    super();
    checkOptions(new.target.name, options, CELL_OPTIONS);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.stateNames = stateNames;
    const { bias = true, random = defaultRandom(), dtype, recurrentInit = 'uniform' } = options;
    const sizes = { inputSize, hiddenSize };
    checkParameters(new.target.name, device, dtype, sizes, {
      weight_ih: [gates * hiddenSize, inputSize],
      weight_hh: [gates * hiddenSize, hiddenSize],
    });
    if (!RECURRENT_INITS.includes(recurrentInit)) {
      throw new ArgumentError(
        `${new.target.name}: recurrentInit = ${describeValue(recurrentInit)}; choose one of ` +
          RECURRENT_INITS.join(', '),
      );
    }
    const bound = 1 / Math.sqrt(hiddenSize);
    const make = (shape: readonly number[]): Tensor =>
      parameter(device, shape, uniform(shape, bound, random), dtype);
    this.weight_ih = make([gates * hiddenSize, inputSize]);
    this.weight_hh = make([gates * hiddenSize, hiddenSize]);
    if (bias) {
      this.bias_ih = make([gates * hiddenSize]);
      this.bias_hh = make([gates * hiddenSize]);
    }
    if (recurrentInit === 'orthogonal') {
      const values = new Float64Array(this.weight_hh.size);
      for (let gate = 0; gate < gates; gate++) {
        values.set(orthogonal([hiddenSize, hiddenSize], random), gate * hiddenSize ** 2);
      }
      this.weight_hh.write(values);
    }
  }

  get device(): Device {
    return this.weight_hh.device;
  }

  get dtype(): DType {
    return this.weight_hh.dtype;
  }

  /**
   * Widths of the tensors of a state, each of [batch, width]: hidden, unless a cell says otherwise
   * (a projected output is narrower).
   */
  get stateSizes(): readonly number[] {
    return this.stateNames.map(() => this.hiddenSize);
  }

  /** Width of the output, which is the first tensor of the state. */
  get outputSize(): number {
    return this.stateSizes[0];
  }

  /** The state before the first step: zeros. */
  zeroState(batch: number): Tensor[] {
    return this.stateSizes.map((size) => zeros(this.device, [batch, size], { dtype: this.dtype }));
  }

  /** What the gates get from the input: x of [..., input] to [..., gates hidden]. */
  abstract project(x: Tensor): Tensor;

  /** One step from what `project` gave for it, [batch, gates hidden]. The new state. */
  abstract step(gx: Tensor, state: readonly Tensor[]): Tensor[];

  /**
   * All steps of a sequence at once, where the cell has an operation for that: the same numbers as
   * `step`, which stays the reference. It keeps no tensor of the cell.
   */
  get sequence(): CellSequence | undefined {
    return undefined;
  }

  /**
   * What cells must have in common for `sequence` to sweep their layers at once; undefined, where it
   * takes one layer.
   */
  get stackKind(): string | undefined {
    return undefined;
  }

  /** The parameters, for a sequence operation. */
  get weights(): LayerWeights {
    const { weight_ih, weight_hh, bias_ih, bias_hh } = this;
    return { weight_ih, weight_hh, biases: bias_ih && bias_hh && [bias_ih, bias_hh] };
  }

  /** The input side with its own bias, or with both where they only ever occur as a sum. */
  protected fromInput(x: Tensor, biases: 'own' | 'both'): Tensor {
    const both = biases === 'both' && this.bias_ih && this.bias_hh;
    return linear(x, this.weight_ih, both ? add(this.bias_ih, this.bias_hh) : this.bias_ih);
  }

  /** One step on raw input, x of [batch, input], after a check of all shapes. */
  protected stepFrom(x: Tensor, state: readonly Tensor[] | undefined): Tensor[] {
    const owner = this.constructor.name;
    checkTensor(owner, 'x', x);
    if (x.shape.length !== 2 || x.shape[1] !== this.inputSize) {
      throw new ShapeError(
        `${owner}: x has shape ${formatShape(x.shape)}; [batch, ${this.inputSize}] is needed`,
      );
    }
    checkFloats(owner, { x, weight_hh: this.weight_hh });
    if (state && state.length !== this.stateNames.length) {
      throw new ArgumentError(
        `${owner}: the state has ${state.length} parts; ${this.stateNames.join(', ')} are needed`,
      );
    }
    state?.forEach((part, i) => {
      const needed = [x.shape[0], this.stateSizes[i]];
      checkFloats(owner, { x, [this.stateNames[i]]: part });
      if (sameShape(part.shape, needed)) return;
      throw new ShapeError(
        `${owner}: ${this.stateNames[i]} has shape ${formatShape(part.shape)}; ` +
          `${formatShape(needed)} is needed`,
      );
    });
    return this.step(this.project(x), state ?? this.zeroState(x.shape[0]));
  }
}
