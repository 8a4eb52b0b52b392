import type { DType } from '../../backend/dtype';
import { checkStarts } from '../../cell/spec';
import { ArgumentError, ShapeError } from '../../errors';
import { checkFloats } from '../../ops/common';
import { linear } from '../../ops/matmul';
import { add } from '../../ops/pointwise';
import { checkOptions, describeValue } from '../../options';
import type { OptionNames } from '../../options';
import type { Device } from '../../tensor/device';
import { scope } from '../../tensor/scope';
import { formatShape, sameShape } from '../../tensor/shape';
import { checkTensor, Tensor, zeros } from '../../tensor/tensor';
import { defaultRandom, INIT_OPTIONS } from '../init';
import type { InitOptions } from '../init';
import { Module } from '../module';
import { cellParameters, checkRecurrentInit, makeParameters } from './parameters';
import type { CellParts } from './parameters';

/** What every recurrent cell takes. */
export interface CellOptions extends InitOptions {
  /** Whether the products have biases; true when left out. */
  bias?: boolean;
  /**
   * How the recurrent weights start: uniform within 1 / sqrt(hidden), PyTorch's default, or with
   * an orthogonal matrix for each gate.
   */
  recurrentInit?: 'uniform' | 'orthogonal';
  /**
   * Of a cell with a gate f: its bias at first, in place of the one that the cell starts it with. 1 keeps
   * memory open from the start (Jozefowicz et al., 2015). bias_ih takes it, bias_hh gets 0 there.
   */
  forgetBias?: number;
}

/** A state of one part is that tensor, another a list. */
export type RecurrentState = Tensor | readonly Tensor[];

/** What every cell takes. */
export const CELL_OPTIONS: OptionNames<CellOptions> = {
  bias: 'boolean',
  recurrentInit: true,
  forgetBias: true,
  ...INIT_OPTIONS,
};

/**
 * One step of a recurrent network. What depends on the input alone (`project`) is apart from what
 * needs the state (`step`), so that a sequence projects all its steps in one matmul.
 *
 * This is the cell written by hand, whose layers are unrolled step by step: `defineCell` makes one that
 * is trained by fused kernels. It names its parts (gates in `weight_ih`, tensors in the state) and
 * defines `project` and `step`. Parameters follow PyTorch: weight_ih of [gates hidden, input], weight_hh
 * of [gates hidden, hidden] unless `recurrence` is 'none', bias_ih and (with weight_hh) bias_hh of
 * [gates hidden], all uniform within 1 / sqrt(hidden) at first; then its vectors, of [hidden].
 */
export abstract class Cell extends Module {
  /** Width of the input. */
  readonly inputSize: number;
  /** Units: width of the state. */
  readonly hiddenSize: number;
  /** Width of a projected output, as PyTorch's proj_size; 0 where it is not projected. */
  readonly projSize: number;
  /** Names of the tensors of a state, the output first. */
  readonly stateNames: readonly string[];
  /** [gates hidden, input] Of the input. */
  readonly weight_ih: Tensor;
  /**
   * [gates hidden, hidden], or [gates hidden, projSize], of the output before; undefined where `recurrence` is
   * 'none'.
   */
  readonly weight_hh: Tensor | undefined;
  /** [gates hidden] Of the product of the input; undefined without `bias`. */
  readonly bias_ih: Tensor | undefined;
  /** [gates hidden] Of the product of the output before; undefined without `bias` or weight_hh. */
  readonly bias_hh: Tensor | undefined;
  /** [projSize, hidden] */
  readonly weight_hr: Tensor | undefined;
  /** Parameters with one number for each unit, by name. */
  readonly vectors: Readonly<Record<string, Tensor>>;

  /**
   * @throws ArgumentError for a size that is no integer from 1, or an option that is none.
   * @throws OutOfMemoryError when a parameter does not fit into a buffer of the device.
   */
  protected constructor(
    device: Device,
    parts: CellParts,
    inputSize: number,
    hiddenSize: number,
    options: CellOptions,
    projSize = 0,
  ) {
    super();
    const owner = new.target.name;
    checkOptions(owner, options, CELL_OPTIONS);
    const { bias = true, random = defaultRandom(), dtype, recurrentInit = 'uniform' } = options;
    checkRecurrentInit(owner, recurrentInit);
    checkStarts(owner, parts);
    const given = withForgetBias(owner, parts, options);
    this.inputSize = inputSize;
    this.hiddenSize = hiddenSize;
    this.projSize = projSize;
    this.stateNames = [...parts.state];
    const sizes = { inputSize, hiddenSize, projSize };
    const table = cellParameters(given, sizes, { bias, recurrentInit });
    const made = makeParameters(owner, device, dtype, table, sizes, random);
    this.weight_ih = made.get('weight_ih')!;
    this.weight_hh = made.get('weight_hh');
    this.bias_ih = made.get('bias_ih');
    this.bias_hh = made.get('bias_hh');
    this.weight_hr = made.get('weight_hr');
    this.vectors = Object.fromEntries(
      Object.keys(parts.vectors ?? {}).map((name) => [name, made.get(name)!]),
    );
  }

  protected override *members(): IterableIterator<[string, Tensor | Module]> {
    yield* super.members();
    yield* Object.entries(this.vectors);
  }

  /** The device that the parameters are on. */
  get device(): Device {
    return this.weight_ih.device;
  }

  /** Element type of the parameters: f32 or f64. */
  get dtype(): DType {
    return this.weight_ih.dtype;
  }

  /** Widths of the tensors of a state, each of [batch, width]: hidden, and of a projected output less. */
  get stateSizes(): readonly number[] {
    return this.stateNames.map((_, i) => (i === 0 && this.projSize) || this.hiddenSize);
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

  /**
   * What the steps of a sequence have in common, made once for all of them: parts of a weight, for one.
   * Nothing, unless a cell says otherwise.
   */
  shared(): Tensor[] {
    return [];
  }

  /**
   * One step from what `project` gave for it, [batch, gates hidden]. The new state.
   *
   * @param shared what `shared` gave; made anew when left out.
   */
  abstract step(gx: Tensor, state: readonly Tensor[], shared?: readonly Tensor[]): Tensor[];

  /**
   * One step, as PyTorch's cells take it.
   *
   * @param x of [batch, input].
   * @param state [batch, hidden]; a list of them where it has several parts. Zeros when left out.
   * @returns the new state, the output first.
   * @throws ArgumentError, ShapeError, DTypeError or DeviceError naming the argument.
   */
  forward(x: Tensor, state?: RecurrentState): RecurrentState {
    const one = state instanceof Tensor && this.stateNames.length === 1;
    const next = scope(() => this.stepFrom(x, (one ? [state] : state) as readonly Tensor[]));
    return next.length === 1 ? next[0] : next;
  }

  /** The input side with its own bias, or with both where they only ever occur as a sum. */
  protected fromInput(x: Tensor, biases: 'own' | 'both'): Tensor {
    const { bias_ih, bias_hh } = this;
    const sum = biases === 'both' && bias_ih && bias_hh ? add(bias_ih, bias_hh) : bias_ih;
    return linear(x, this.weight_ih, sum);
  }

  /**
   * One step on raw input, x of [batch, input], after a check of all shapes.
   *
   * @throws ArgumentError, ShapeError, DTypeError or DeviceError naming the argument.
   */
  protected stepFrom(x: Tensor, state: readonly Tensor[] | undefined): Tensor[] {
    const owner = this.constructor.name;
    checkTensor(owner, 'x', x);
    if (x.shape.length !== 2 || x.shape[1] !== this.inputSize) {
      throw new ShapeError(
        `${owner}: x has shape ${formatShape(x.shape)}; [batch, ${this.inputSize}] is needed`,
      );
    }
    checkFloats(owner, { x, weight_ih: this.weight_ih });
    const names = this.stateNames.join(', ');
    const list: unknown = state ?? [];
    if (!Array.isArray(list)) {
      const needed = this.stateNames.length === 1 ? names : `a list, [${names}],`;
      throw new ArgumentError(`${owner}: state = ${describeValue(list)}; ${needed} is needed`);
    }
    if (state && state.length !== this.stateNames.length) {
      throw new ArgumentError(`${owner}: the state has ${state.length} parts; ${names} are needed`);
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
    return this.advance(x, state ?? this.zeroState(x.shape[0]));
  }

  /** One step on raw input that fits. */
  protected advance(x: Tensor, state: readonly Tensor[]): Tensor[] {
    return this.checked(this.step(this.project(x), state), x.shape[0]);
  }

  /**
   * What `step` gave, once it is a state.
   *
   * @throws ArgumentError or ShapeError for what is none, which a class written by hand may give.
   * @internal
   */
  checked(next: readonly Tensor[], batch: number): Tensor[] {
    const owner = this.constructor.name;
    const given: unknown = next;
    const names = this.stateNames;
    if (!Array.isArray(given) || given.length !== names.length) {
      const what = Array.isArray(given) ? `a list of ${given.length}` : describeValue(given);
      throw new ArgumentError(
        `${owner}: step returns ${what}; a list of the new state is needed, [${names.join(', ')}]`,
      );
    }
    for (const [i, part] of next.entries()) {
      checkTensor(owner, `the new ${names[i]} of step`, part);
      const needed = [batch, this.stateSizes[i]];
      if (sameShape(part.shape, needed)) continue;
      throw new ShapeError(
        `${owner}: step returns ${names[i]} of shape ${formatShape(part.shape)}; ` +
          `${formatShape(needed)} is needed`,
      );
    }
    return [...next];
  }
}

/** @throws ArgumentError where a forget bias is given and there is none. */
function withForgetBias(
  owner: string,
  parts: CellParts,
  { forgetBias, bias }: CellOptions,
): CellParts {
  if (forgetBias === undefined) return parts;
  if (!parts.gates.includes('f')) {
    throw new ArgumentError(
      `${owner}: forgetBias = ${describeValue(forgetBias)} is for a cell with a gate f; the gates here are ` +
        `${parts.gates.join(', ')}: leave it out`,
    );
  }
  if (bias === false) {
    throw new ArgumentError(`${owner}: forgetBias is given, and bias is false; leave one out`);
  }
  if (!Number.isFinite(forgetBias)) {
    throw new ArgumentError(
      `${owner}: forgetBias = ${describeValue(forgetBias)}; a finite number is needed`,
    );
  }
  return { ...parts, biases: { ...parts.biases, f: forgetBias } };
}
