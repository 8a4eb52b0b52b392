import { CheckpointError } from '../errors';
import { assign } from '../ops/assign';
import { formatShape, numel, sameShape } from '../tensor/shape';
import type { Shape } from '../tensor/shape';
import { Tensor } from '../tensor/tensor';

/** Values for a parameter: on the host (from a safetensors file), or a tensor of the device. */
export type StateValue =
  | Tensor
  | {
      /** The lengths of the dimensions. */
      readonly shape: Shape;
      /** The elements, row-major. */
      readonly data: ArrayLike<number>;
    };

/**
 * A part of a model. Its properties that are tensors are its parameters, those that are modules
 * (or arrays of modules) its children; names follow from the properties, as in PyTorch:
 * `rnn.weight_ih_l0`, `layers.0.bias`.
 *
 * @example
 * ```ts
 * import { openDevice, type Tensor } from 'lethe';
 * import { Embedding, GRU, Module } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * class Reader extends Module {
 *   embedding = new Embedding(device, 50, 16);
 *   gru = new GRU(device, 16, 32, { bias: false });
 *   forward(ids: Tensor): Tensor {
 *     return this.gru.forward(this.embedding.forward(ids))[0];
 *   }
 * }
 * const names = [...new Reader().stateDict().keys()];
 * console.log(names.join(' ')); // embedding.weight gru.weight_ih_l0 gru.weight_hh_l0
 * ```
 */
export abstract class Module {
  /** True while training: dropout drops. Set by `train()` and `eval()`. */
  training = true;

  /** Parameters and children by name. Override where names do not follow from properties. */
  protected *members(): IterableIterator<[string, Tensor | Module]> {
    for (const [name, value] of Object.entries(this) as [string, unknown][]) {
      if (isMember(value)) yield [name, value];
      if (!Array.isArray(value)) continue;
      for (const [i, member] of (value as unknown[]).entries()) {
        if (isMember(member)) yield [`${name}.${i}`, member];
      }
    }
  }

  /** This module and all below it. */
  *modules(): IterableIterator<Module> {
    yield this;
    for (const [, member] of this.members()) {
      if (member instanceof Module) yield* member.modules();
    }
  }

  /** Every name with its parameter; one that is shared has several names. */
  *#named(prefix: string): IterableIterator<[string, Tensor]> {
    for (const [name, member] of this.members()) {
      if (member instanceof Tensor) yield [prefix + name, member];
      else yield* member.#named(`${prefix}${name}.`);
    }
  }

  /** The parameters with their names; one that is shared comes once, under its first name. */
  *namedParameters(prefix = ''): IterableIterator<[string, Tensor]> {
    const seen = new Set<Tensor>();
    for (const [name, parameter] of this.#named(prefix)) {
      if (seen.has(parameter)) continue;
      seen.add(parameter);
      yield [name, parameter];
    }
  }

  /** All parameters, those of parts too, in the order of `namedParameters`. */
  parameters(): Tensor[] {
    return Array.from(this.namedParameters(), ([, parameter]) => parameter);
  }

  /** Number of values in all parameters. */
  parameterCount(): number {
    return this.parameters().reduce((total, parameter) => total + parameter.size, 0);
  }

  /** Sets this module and all below it to training. */
  train(mode = true): this {
    for (const module of this.modules()) module.training = mode;
    return this;
  }

  /** Sets this module and all below it to evaluation. */
  eval(): this {
    return this.train(false);
  }

  /** The parameters by name, shared ones under each. They are the live ones, not copies. */
  stateDict(): Map<string, Tensor> {
    return new Map(this.#named(''));
  }

  /**
   * Overwrites the parameters. Nothing is written unless everything fits.
   *
   * @throws CheckpointError naming every parameter that is missing, unexpected, or does not fit.
   */
  loadStateDict(state: ReadonlyMap<string, StateValue>): void {
    const own = this.stateDict();
    const problems: string[] = [];
    for (const [name, parameter] of own) {
      const value = state.get(name);
      if (!value) problems.push(`${name} is missing`);
      else if (value instanceof Tensor && !isCopyable(value, parameter)) {
        problems.push(`${name} is freed, on another device, or ${value.dtype}`);
      } else if (!(value instanceof Tensor) && value.data.length !== numel(value.shape)) {
        problems.push(`${name} has ${value.data.length} values for ${formatShape(value.shape)}`);
      } else if (!sameShape(value.shape, parameter.shape)) {
        problems.push(
          `${name} has shape ${formatShape(value.shape)}, the model ${formatShape(parameter.shape)}`,
        );
      }
    }
    for (const name of state.keys()) {
      if (!own.has(name)) problems.push(`${name} is no parameter of the model`);
    }
    if (problems.length > 0) {
      throw new CheckpointError(`loadStateDict: ${problems.join('; ')}`);
    }
    for (const [name, parameter] of own) {
      const value = state.get(name)!;
      if (value instanceof Tensor) assign(parameter, value);
      else parameter.write(value.data);
    }
  }

  /** Frees every gradient. */
  zeroGrad(): void {
    for (const parameter of this.parameters()) {
      parameter.grad?.dispose();
      parameter.grad = undefined;
    }
  }

  /** Frees every parameter and gradient. */
  dispose(): void {
    for (const [, member] of this.members()) member.dispose();
  }

  [Symbol.dispose](): void {
    this.dispose();
  }
}

function isMember(value: unknown): value is Tensor | Module {
  return value instanceof Tensor || value instanceof Module;
}

function isCopyable(source: Tensor, target: Tensor): boolean {
  return !source.disposed && source.device === target.device && source.dtype === target.dtype;
}

/** A module from one tensor to one tensor; what `Sequential` strings together. */
export interface Layer extends Module {
  /** y for x; the class tells the shapes. */
  forward(x: Tensor): Tensor;
}
