import { checkProbability, dropout } from '../ops/dropout';
import { ArgumentError } from '../errors';
import { describeValue } from '../options';
import { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { Module } from './module';
import type { Layer } from './module';

/**
 * While training, sets each element to 0 with probability p and scales the others by 1 / (1 - p).
 *
 * @example
 * ```ts
 * import { Generator, ones, openDevice } from 'lethe';
 * import { Dropout } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const dropout = new Dropout(0.5, new Generator(device, 1)).eval(); // drops in training alone
 * console.log(await dropout.forward(ones(device, [2])).data()); // Float32Array(2) [ 1, 1 ]
 * ```
 */
export class Dropout extends Module implements Layer {
  /** Probability that an element becomes 0, in [0, 1]. */
  readonly p: number;
  /** What it draws from; a training step advances it. */
  readonly generator: Generator;

  /** @throws ArgumentError unless p lies in [0, 1], and `generator` is one. */
  constructor(p: number, generator: Generator) {
    super();
    checkProbability('Dropout', p);
    if (!(generator instanceof Generator)) {
      throw new ArgumentError(
        `Dropout: generator = ${describeValue(generator)}; give new Generator(device, seed)`,
      );
    }
    this.p = p;
    this.generator = generator;
  }

  /** x of any shape to the same shape. */
  forward(x: Tensor): Tensor {
    return this.training && this.p > 0 ? dropout(x, this.p, this.generator) : x;
  }
}
