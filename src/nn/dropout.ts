import { checkProbability, dropout } from '../ops/dropout';
import type { Generator } from '../tensor/generator';
import type { Tensor } from '../tensor/tensor';
import { Module } from './module';
import type { Layer } from './module';

/** While training, sets each element to 0 with probability p and scales the others by 1 / (1 - p). */
export class Dropout extends Module implements Layer {
  readonly p: number;
  readonly #generator: Generator;

  /** @throws ArgumentError unless p lies in [0, 1]. */
  constructor(p: number, generator: Generator) {
    super();
    checkProbability('Dropout', p);
    this.p = p;
    this.#generator = generator;
  }

  /** x of any shape to the same shape. */
  forward(x: Tensor): Tensor {
    return this.training && this.p > 0 ? dropout(x, this.p, this.#generator) : x;
  }
}
