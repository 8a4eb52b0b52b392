import { checkNonlinearity } from '../ops/common';
import { linear } from '../ops/matmul';
import type { Nonlinearity } from '../ops/common';
import { checkOptions } from '../options';
import type { OptionNames } from '../options';
import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { checkParameters } from './check';
import { defaultRandom, INIT_OPTIONS, parameter, uniform } from './init';
import type { InitOptions } from './init';
import { Module } from './module';
import type { Layer } from './module';

/** What `Linear` takes. */
export interface LinearOptions extends InitOptions {
  /** Whether b is added; true when left out. */
  bias?: boolean;
  /** Passes the result through tanh, relu or sigmoid, by the same kernel. */
  activation?: Nonlinearity;
}

const LINEAR_OPTIONS: OptionNames<LinearOptions> = {
  bias: 'boolean',
  activation: true,
  ...INIT_OPTIONS,
};

/**
 * y = x W^T + b, or f(x W^T + b) with an activation f. Weight of [out, in] and bias of [out] start
 * uniform within 1 / sqrt(in), as in PyTorch.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { Linear } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const linear = new Linear(device, 4, 2, { activation: 'tanh' });
 * console.log(linear.forward(ones(device, [5, 3, 4])).shape); // [ 5, 3, 2 ]
 * ```
 */
export class Linear extends Module implements Layer {
  /** [out, in] */
  readonly weight: Tensor;
  /** [out]; undefined without `bias`. */
  readonly bias: Tensor | undefined;
  /** The function f; undefined where there is none. */
  readonly activation: Nonlinearity | undefined;

  /**
   * @throws ArgumentError for a size below 1, or an activation that is none of the three.
   * @throws OutOfMemoryError when the weight does not fit into a buffer of the device.
   */
  constructor(
    device: Device,
    inFeatures: number,
    outFeatures: number,
    options: LinearOptions = {},
  ) {
    super();
    checkOptions('Linear', options, LINEAR_OPTIONS);
    const { bias = true, activation, random = defaultRandom(), dtype } = options;
    const shape = [outFeatures, inFeatures];
    checkParameters('Linear', device, dtype, { inFeatures, outFeatures }, { weight: shape });
    if (activation !== undefined) checkNonlinearity('Linear', 'activation', activation);
    this.activation = activation;
    const bound = 1 / Math.sqrt(inFeatures);
    this.weight = parameter(device, shape, uniform(shape, bound, random), dtype);
    if (bias) {
      this.bias = parameter(device, [outFeatures], uniform([outFeatures], bound, random), dtype);
    }
  }

  /** x of [..., in] to [..., out]. */
  forward(x: Tensor): Tensor {
    return linear(x, this.weight, this.bias, { activation: this.activation });
  }
}
