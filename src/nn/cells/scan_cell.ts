import { CellDefinition } from '../../cell/definition';
import { ArgumentError } from '../../errors';
import { fullLike } from '../../ops/common';
import { linear, matmul } from '../../ops/matmul';
import { cat, reshape, slice, unbind } from '../../ops/movement';
import { add, where } from '../../ops/pointwise';
import { scan } from '../../ops/scan';
import type { ScanOptions } from '../../ops/scan';
import type { LayerWeights, SequenceInput } from '../../ops/scan_input';
import { SequenceOrder } from '../../ops/sequence_order';
import { tensorAlgebra } from '../../ops/tensor_algebra';
import { checkOptions, describeValue } from '../../options';
import type { OptionNames } from '../../options';
import type { Device } from '../../tensor/device';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { Cell, CELL_OPTIONS } from './cell';
import type { CellOptions } from './cell';
import { unroll } from './unroll';

/** What a `ScanCell` takes. */
export interface ScanCellOptions extends CellOptions {
  /**
   * Width of the output, h = weight_hr (what the step gives), below hiddenSize, as PyTorch's proj_size: of
   * a cell whose step reads the output before through weight_hh alone, an LSTM's. 0 for none.
   */
  projSize?: number;
}

/** What every `ScanCell` takes. */
export const SCAN_CELL_OPTIONS: OptionNames<ScanCellOptions> = { projSize: true, ...CELL_OPTIONS };

/**
 * A cell from its equations (`defineCell`). A sequence of it is one graph node, run by fused kernels;
 * `step`, which goes through the equations one operation at a time, is their reference.
 */
export class ScanCell extends Cell {
  /** Its compiled equations. */
  readonly definition: CellDefinition;

  /**
   * @throws ArgumentError for what is no definition, a size or an option that does not fit.
   * @throws OutOfMemoryError when a parameter does not fit into a buffer of the device.
   */
  constructor(
    device: Device,
    definition: CellDefinition,
    inputSize: number,
    hiddenSize: number,
    options: ScanCellOptions = {},
  ) {
    const owner = new.target.name;
    if (!(definition instanceof CellDefinition)) {
      throw new ArgumentError(
        `${owner}: definition = ${describeValue(definition)}; use what defineCell gives`,
      );
    }
    checkOptions(owner, options, SCAN_CELL_OPTIONS);
    const { projSize = 0, ...rest } = options;
    checkProjection(owner, definition, projSize, hiddenSize);
    super(device, definition.spec, inputSize, hiddenSize, rest, projSize);
    this.definition = definition;
  }

  /** The parameters, for `scan`. @internal */
  get weights(): LayerWeights {
    const { weight_ih, weight_hh, bias_ih, bias_hh, vectors } = this;
    const own = this.definition.vectors.map((name) => vectors[name]);
    return { weight_ih, weight_hh, bias_ih, bias_hh, vectors: own };
  }

  /** False in a class that changes a step, which the fused kernels know nothing of. */
  get fused(): boolean {
    return this.step === ScanCell.prototype.step && this.project === ScanCell.prototype.project;
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, this.definition.biased ? 'own' : 'both');
  }

  step(gx: Tensor, state: readonly Tensor[]): Tensor[] {
    const { definition, hiddenSize, weight_hh, bias_hh, weight_hr, vectors } = this;
    const { gates, spec } = definition;
    const apart: readonly string[] = spec.apart ?? [];
    const byGate = (all: Tensor): Tensor[] =>
      unbind(reshape(all, [all.shape[0], gates.length, hiddenSize]), 1);
    const recurrent =
      weight_hh && linear(state[0], weight_hh, definition.biased ? bias_hh : undefined);
    const fromInput = byGate(recurrent && apart.length === 0 ? add(gx, recurrent) : gx);
    const fromState = recurrent && apart.length > 0 ? byGate(recurrent) : undefined;
    const z = new Map<string, Tensor>();
    gates.forEach((gate, i) => {
      const separate = apart.includes(gate);
      z.set(gate, fromState && !separate ? add(fromInput[i], fromState[i]) : fromInput[i]);
      if (fromState && separate) z.set(`h${gate}`, fromState[i]);
    });
    const before = new Map(definition.state.map((name, i) => [name, state[i]]));
    const next = spec.step(
      tensorAlgebra,
      Object.fromEntries(z),
      Object.fromEntries(before),
      vectors,
    ) as Readonly<Record<string, Tensor | number>>;
    const after = definition.state.map((name, i) => {
      const value = next[name];
      if (typeof value === 'number') return fullLike(gx, [gx.shape[0], hiddenSize], value);
      // What stays as it is must not be the caller's own tensor.
      return state.includes(value) ? reshape(value, state[i].shape) : value;
    });
    return weight_hr ? [linear(after[0], weight_hr), ...after.slice(1)] : after;
  }

  /**
   * A sequence of steps, as one graph node: `scan` has the shapes, but that the output and its state are
   * `outputSize` wide. @internal
   */
  scan(
    input: SequenceInput,
    state: readonly Tensor[],
    options: Omit<ScanOptions, 'firstStep'> = {},
  ): { output: Tensor; state: Tensor[] } {
    const { definition, weights, weight_hh, weight_hr } = this;
    if (!weight_hh || !weight_hr) return scan(definition, input, weights, state, options);
    const time = options.ragged?.time ?? timeOf(input);
    if (time === 1) return unroll(this, input, state, options);
    // The scan runs over what is projected afterwards, m: weight_hh h = (weight_hh weight_hr) m. The
    // first h is no m's, so its product is added to the first step.
    return scope(() => {
      const [h0, ...others] = state;
      const [batch] = h0.shape;
      const m0 = fullLike(h0, [batch, this.hiddenSize], 0);
      const { output, state: last } = scan(
        definition,
        input,
        { ...weights, weight_hh: matmul(weight_hh, weight_hr) },
        [m0, ...others],
        { ...options, firstStep: linear(h0, weight_hh) },
      );
      const hn = projectBegun(last[0], h0, weight_hr, options.ragged);
      return { output: linear(output, weight_hr), state: [hn, ...last.slice(1)] };
    });
  }

  protected override advance(x: Tensor, state: readonly Tensor[]): Tensor[] {
    if (!this.fused) return super.advance(x, state);
    return this.scan(reshape(x, [1, ...x.shape]), state).state;
  }
}

/** The last h by its projection; sequences without a step, which come last, keep theirs. */
function projectBegun(
  last: Tensor,
  h0: Tensor,
  weight: Tensor,
  ragged: ScanOptions['ragged'],
): Tensor {
  if (ragged instanceof SequenceOrder) {
    const [first] = unbind(ragged.mask(h0.dtype));
    return where(first, linear(last, weight), h0);
  }
  const [batch] = h0.shape;
  const begun = ragged?.batchSizes[0] ?? batch;
  if (begun === batch) return linear(last, weight);
  return cat([linear(slice(last, 0, { end: begun }), weight), slice(h0, 0, { start: begun })]);
}

function timeOf(input: SequenceInput): number {
  return ('rows' in input ? input.ids : input).shape[0];
}

function checkProjection(
  owner: string,
  definition: CellDefinition,
  projSize: number,
  hiddenSize: number,
): void {
  if (projSize === 0) return;
  if (!Number.isInteger(projSize) || projSize < 0) {
    throw new ArgumentError(
      `${owner}: projSize = ${describeValue(projSize)}; an integer from 0 is needed, below hiddenSize`,
    );
  }
  if (projSize >= hiddenSize) {
    throw new ArgumentError(
      `${owner}: projSize = ${projSize}; it must be below hiddenSize = ${describeValue(hiddenSize)}`,
    );
  }
  if (definition.dense && !definition.readsOutput) return;
  throw new ArgumentError(
    `${owner}: projSize = ${projSize} is for a cell whose step reads the output before through weight_hh ` +
      `alone, as an LSTM does; ${definition.name} ${definition.dense ? 'reads it itself' : 'has no weight_hh'}`,
  );
}
