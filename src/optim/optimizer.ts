import { ArgumentError, CheckpointError, GraphError } from '../errors';
import { CLOCK, optimizerClock } from '../kernels/optimizer_clock';
import { run } from '../ops/common';
import { disown, scope } from '../tensor/scope';
import { formatShape, sameShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { full, tensor, zeros } from '../tensor/tensor';
import type { Tensor } from '../tensor/tensor';

/** Parameters by name; `module.namedParameters()` gives them. */
export type NamedParameters = Iterable<readonly [string, Tensor]>;

/** A parameter with its gradient and what the rule remembers of it. */
export interface Slot {
  readonly parameter: Tensor;
  readonly grad: Tensor;
  /** In the order of `slotNames`. */
  readonly state: readonly Tensor[];
}

export interface StepOptions {
  /**
   * The gradients' norm, from `clipGradNorm`. Where it is not finite the step changes nothing and
   * is counted as skipped; the device decides, nothing is read back.
   */
  norm?: Tensor;
}

/** Values of an optimiser's state by name. */
export type OptimizerState = Map<string, StateData>;

interface StateData {
  shape: Shape;
  data: ArrayLike<number>;
}

/**
 * An update rule over named parameters, with one count of steps for all of them. What changes from step to step (rate, step counter,
 * bias corrections, skipped steps) lives in a small tensor on the device, the clock.
 */
export abstract class Optimizer {
  readonly #parameters: ReadonlyMap<string, Tensor>;
  readonly #slotNames: readonly string[];
  readonly #state = new Map<string, readonly Tensor[]>();
  readonly #clock: Tensor;
  readonly #one: Tensor;
  readonly #betas: readonly [number, number];
  #lr: number;

  /**
   * @param slotNames what the rule remembers of a parameter, under PyTorch's names.
   * @throws ArgumentError for no parameters, or a rate below 0.
   */
  protected constructor(
    parameters: NamedParameters,
    lr: number,
    slotNames: readonly string[],
    betas: readonly [number, number] = [1, 1],
  ) {
    this.#parameters = byName(new.target.name, parameters);
    const [first] = this.#parameters.values();
    if (!first) throw new ArgumentError(`${new.target.name}: the list of parameters is empty`);
    this.#slotNames = slotNames;
    this.#betas = betas;
    this.#lr = checkRate(lr);
    this.#clock = own(zeros(first.device, [CLOCK.length], { dtype: first.dtype }));
    this.#one = own(tensor(first.device, [1], [], { dtype: first.dtype }));
    this.#clock.write([this.#lr, ...new Array<number>(CLOCK.length - 1).fill(0)]);
  }

  /** Learning rate, written to the device when set. */
  get lr(): number {
    return this.#lr;
  }

  set lr(value: number) {
    if (value === this.#lr) return;
    this.#lr = checkRate(value);
    const prefix = [value];
    this.#clock.device.backend.write(
      this.#clock.buffer,
      this.#clock.dtype === 'f64' ? Float64Array.from(prefix) : Float32Array.from(prefix),
    );
  }

  /** The rule, for one parameter. `clock` is bound to the kernel. */
  protected abstract update(slot: Slot, clock: Tensor): void;

  /** What a slot holds before the first step. */
  protected initial(_slotName: string): number {
    return 0;
  }

  /**
   * One step on every parameter that has a gradient.
   *
   * @throws GraphError when none has.
   */
  step({ norm }: StepOptions = {}): void {
    const ready = [...this.#parameters].filter(([, parameter]) => parameter.grad);
    if (ready.length === 0) {
      throw new GraphError('step: no parameter has a gradient; call backward first');
    }
    scope(() => {
      const [beta1, beta2] = this.#betas;
      run(
        optimizerClock,
        { norm: norm ?? this.#one, clock: this.#clock },
        { gain1: 1 - beta1, gain2: 1 - beta2 },
      );
      for (const [name, parameter] of ready) {
        const slot = { parameter, grad: parameter.grad!, state: this.#slots(name, parameter) };
        this.update(slot, this.#clock);
      }
    });
  }

  /** Frees every gradient, as PyTorch does by default. */
  zeroGrad(): void {
    for (const parameter of this.#parameters.values()) {
      parameter.grad?.dispose();
      parameter.grad = undefined;
    }
  }

  /** Steps taken and steps skipped so far; reads them back. */
  async counts(): Promise<{ steps: number; skipped: number }> {
    const clock = await this.#clock.data();
    return { steps: clock[CLOCK.steps], skipped: clock[CLOCK.skipped] };
  }

  /** Everything that the next step depends on, read back: `clock` and `exp_avg.<name>` and so on. */
  async stateDict(): Promise<OptimizerState> {
    const tensors: [string, Tensor][] = [['clock', this.#clock]];
    for (const [name, slots] of this.#state) {
      for (const [i, slot] of slots.entries())
        tensors.push([`${this.#slotNames[i]}.${name}`, slot]);
    }
    // All reads begin at once, so that they see one moment.
    const entries = tensors.map(async ([name, value]): Promise<[string, StateData]> => {
      return [name, { shape: value.shape, data: await value.data() }];
    });
    return new Map(await Promise.all(entries));
  }

  /**
   * Continues where `stateDict` was taken.
   *
   * @throws CheckpointError naming what does not belong to these parameters; nothing is changed.
   */
  loadStateDict(state: OptimizerState): void {
    const clock = state.get('clock');
    if (clock?.data.length !== CLOCK.length) {
      throw new CheckpointError('optimizer.loadStateDict: clock is missing or of another length');
    }
    const values = new Map<string, ArrayLike<number>[]>();
    let used = 1;
    for (const [name, parameter] of this.#parameters) {
      const slots = this.#slotNames.map((slotName) => state.get(`${slotName}.${name}`));
      const found = slots.filter((slot) => slot !== undefined);
      // A parameter that never had a gradient has no slots.
      if (found.length === 0) continue;
      for (const [i, slotName] of this.#slotNames.entries()) {
        const slot = slots[i];
        const fits =
          slot && sameShape(slot.shape, parameter.shape) && slot.data.length === parameter.size;
        if (fits) continue;
        throw new CheckpointError(
          `optimizer.loadStateDict: ${slotName}.${name} is ` +
            `${slot ? formatShape(slot.shape) : 'missing'}; ${formatShape(parameter.shape)} is needed`,
        );
      }
      values.set(
        name,
        found.map(({ data }) => data),
      );
      used += found.length;
    }
    if (used !== state.size) {
      const known = new Set(
        [...values.keys()].flatMap((name) => this.#slotNames.map((slot) => `${slot}.${name}`)),
      );
      const strangers = [...state.keys()].filter((key) => key !== 'clock' && !known.has(key));
      throw new CheckpointError(
        `optimizer.loadStateDict: ${strangers.join(', ')} belong to no parameter of ` +
          this.constructor.name,
      );
    }
    this.#freeSlots();
    for (const [name, datas] of values) {
      const slots = this.#slots(name, this.#parameters.get(name)!);
      datas.forEach((data, i) => slots[i].write(data));
    }
    this.#clock.write(clock.data);
    this.#lr = clock.data[CLOCK.learningRate];
  }

  /** Frees the optimiser's state; parameters stay. */
  dispose(): void {
    this.#freeSlots();
    this.#clock.dispose();
    this.#one.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }

  #freeSlots(): void {
    for (const slots of this.#state.values()) for (const slot of slots) slot.dispose();
    this.#state.clear();
  }

  #slots(name: string, parameter: Tensor): readonly Tensor[] {
    let slots = this.#state.get(name);
    if (!slots) {
      slots = this.#slotNames.map((slotName) => {
        const { device, shape, dtype } = parameter;
        return own(full(device, shape, this.initial(slotName), { dtype }));
      });
      this.#state.set(name, slots);
    }
    return slots;
  }
}

/**
 * The parameters by name; one that two modules share is taken once.
 *
 * @throws ArgumentError when two parameters have one name.
 */
function byName(owner: string, parameters: NamedParameters): Map<string, Tensor> {
  const named = new Map<string, Tensor>();
  const seen = new Set<Tensor>();
  for (const [name, parameter] of parameters) {
    if (seen.has(parameter)) continue;
    seen.add(parameter);
    if (named.has(name)) {
      throw new ArgumentError(
        `${owner}: two parameters are named ${name}; ` +
          "give each module a prefix: module.namedParameters('encoder.')",
      );
    }
    named.set(name, parameter);
  }
  return named;
}

function own(value: Tensor): Tensor {
  disown(value);
  return value;
}

function checkRate(lr: number): number {
  if (lr >= 0 && Number.isFinite(lr)) return lr;
  throw new ArgumentError(`lr = ${lr}; a finite number from 0 is needed`);
}
