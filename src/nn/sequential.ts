import { ArgumentError } from '../errors';
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

export interface MLPOptions extends LinearOptions {
  nonlinearity?: Nonlinearity;
}

/** Linear layers with a nonlinearity between them: `new MLP(device, [784, 128, 10])`. */
export class MLP extends Sequential {
  /** @throws ArgumentError for fewer than two sizes. */
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
    const layers = sizes.slice(1).flatMap((size, i): Layer[] => {
      const layer = new Linear(device, sizes[i], size, options);
      return i === 0 ? [layer] : [new Activation(nonlinearity), layer];
    });
    super(...layers);
  }
}
