import { ArgumentError } from '../errors';
import { checkNonlinearity } from '../ops/common';
import { relu, sigmoid, tanh } from '../ops/pointwise';
import type { Nonlinearity } from '../ops/recurrent';
import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { Linear } from './linear';
import type { LinearOptions } from './linear';
import { Module } from './module';
import type { Layer } from './module';

const FUNCTIONS = { tanh, relu, sigmoid } as const;

/** A pointwise function as a layer, for `Sequential`. */
export class Activation extends Module implements Layer {
  readonly nonlinearity: Nonlinearity;

  constructor(nonlinearity: Nonlinearity) {
    super();
    this.nonlinearity = nonlinearity;
  }

  forward(x: Tensor): Tensor {
    return FUNCTIONS[this.nonlinearity](x);
  }
}

/** Layers one after the other; their parameters are named by position, `0.weight`. */
export class Sequential extends Module implements Layer {
  readonly #layers: readonly Layer[];

  constructor(...layers: readonly Layer[]) {
    super();
    this.#layers = layers;
  }

  protected override *members(): IterableIterator<[string, Module]> {
    for (const [i, layer] of this.#layers.entries()) yield [String(i), layer];
  }

  forward(x: Tensor): Tensor {
    return this.#layers.reduce((value, layer) => layer.forward(value), x);
  }
}

export interface MLPOptions extends Omit<LinearOptions, 'activation'> {
  /** Between the layers; relu when left out. */
  nonlinearity?: Nonlinearity;
}

/** Linear layers with a nonlinearity between them: `new MLP(device, [784, 128, 10])`. */
export class MLP extends Sequential {
  /** @throws ArgumentError for fewer than two sizes, or an unknown nonlinearity. */
  constructor(
    device: Device,
    sizes: readonly number[],
    { nonlinearity = 'relu', ...options }: MLPOptions = {},
  ) {
    if (sizes.length < 2) {
      throw new ArgumentError(
        `MLP: sizes = [${sizes.join(', ')}]; an input and an output are needed`,
      );
    }
    checkNonlinearity('MLP', 'nonlinearity', nonlinearity);
    const last = sizes.length - 2;
    const layers = sizes.slice(1).map((size, i) => {
      const activation = i < last ? nonlinearity : undefined;
      return new Linear(device, sizes[i], size, { ...options, activation });
    });
    super(...layers);
  }

  /** `0.weight`, `2.weight`: PyTorch's Sequential counts the activations too. */
  protected override *members(): IterableIterator<[string, Module]> {
    for (const [i, layer] of super.members()) yield [String(2 * Number(i)), layer];
  }
}
