import { ArgumentError } from '../errors';
import { checkNonlinearity } from '../ops/common';
import { relu, sigmoid, tanh } from '../ops/pointwise';
import type { Nonlinearity } from '../ops/common';
import { checkOptions, describeValue } from '../options';
import type { OptionNames } from '../options';
import { checkDevice } from '../tensor/device';
import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { INIT_OPTIONS } from './init';
import { Linear } from './linear';
import type { LinearOptions } from './linear';
import { Module } from './module';
import type { Layer } from './module';

const FUNCTIONS = { tanh, relu, sigmoid } as const;

/** A pointwise function as a layer, for `Sequential`. */
export class Activation extends Module implements Layer {
  /** The name of the function. */
  readonly nonlinearity: Nonlinearity;

  /** @throws ArgumentError unless it is tanh, relu or sigmoid. */
  constructor(nonlinearity: Nonlinearity) {
    super();
    checkNonlinearity('Activation', 'nonlinearity', nonlinearity);
    this.nonlinearity = nonlinearity;
  }

  /** The function of each element: a tensor of the shape of x. */
  forward(x: Tensor): Tensor {
    return FUNCTIONS[this.nonlinearity](x);
  }
}

/**
 * Layers one after the other; their parameters are named by position, `0.weight`.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { Activation, Linear, Sequential } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const layers = [new Linear(device, 4, 8), new Activation('relu'), new Linear(device, 8, 2)];
 * const model = new Sequential(...layers);
 * console.log(model.forward(ones(device, [3, 4])).shape); // [ 3, 2 ]
 * ```
 */
export class Sequential extends Module implements Layer {
  readonly #layers: readonly Layer[];

  /** @throws ArgumentError for what is no module with `forward`. */
  constructor(...layers: readonly Layer[]) {
    super();
    for (const [i, layer] of layers.entries()) {
      if ((layer as unknown) instanceof Module && typeof layer.forward === 'function') continue;
      throw new ArgumentError(
        `${new.target.name}: layer ${i} = ${describeValue(layer)}; modules with forward are needed, ` +
          'one behind the other: new Sequential(a, b)',
      );
    }
    this.#layers = layers;
  }

  protected override *members(): IterableIterator<[string, Module]> {
    for (const [i, layer] of this.#layers.entries()) yield [String(i), layer];
  }

  /** x through every layer, in order. */
  forward(x: Tensor): Tensor {
    return this.#layers.reduce((value, layer) => layer.forward(value), x);
  }
}

/** What `MLP` takes besides the sizes. */
export interface MLPOptions extends Omit<LinearOptions, 'activation'> {
  /** Between the layers; relu when left out. */
  nonlinearity?: Nonlinearity;
}

const MLP_OPTIONS: OptionNames<MLPOptions> = {
  nonlinearity: true,
  bias: 'boolean',
  ...INIT_OPTIONS,
};

/**
 * Linear layers with a nonlinearity between them: `new MLP(device, [784, 128, 10])`.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { MLP } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const classifier = new MLP(device, [784, 128, 10], { nonlinearity: 'tanh' });
 * console.log(classifier.forward(ones(device, [32, 784])).shape); // [ 32, 10 ]
 * ```
 */
export class MLP extends Sequential {
  /** @throws ArgumentError for fewer than two sizes, or an unknown nonlinearity. */
  constructor(device: Device, sizes: readonly number[], options: MLPOptions = {}) {
    checkDevice('MLP', device);
    const list: unknown = sizes;
    if (!Array.isArray(list) || list.length < 2) {
      const given = Array.isArray(list) ? `[${list.join(', ')}]` : describeValue(list);
      throw new ArgumentError(
        `MLP: sizes = ${given}; a list of an input and an output at least is needed`,
      );
    }
    checkOptions('MLP', options, MLP_OPTIONS);
    const { nonlinearity = 'relu', ...ofLayers } = options;
    checkNonlinearity('MLP', 'nonlinearity', nonlinearity);
    const last = sizes.length - 2;
    const layers = sizes.slice(1).map((size, i) => {
      const activation = i < last ? nonlinearity : undefined;
      return new Linear(device, sizes[i], size, { ...ofLayers, activation });
    });
    super(...layers);
  }

  /** `0.weight`, `2.weight`: PyTorch's Sequential counts the activations too. */
  protected override *members(): IterableIterator<[string, Module]> {
    for (const [i, layer] of super.members()) yield [String(2 * Number(i)), layer];
  }
}
