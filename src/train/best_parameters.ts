import { ArgumentError } from '../errors';
import type { Module } from '../nn/module';
import { assign } from '../ops/assign';
import { emptyLike } from '../ops/common';
import { disown, dispose } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

/** A copy of a model's parameters, on the device. */
export class BestParameters {
  readonly #model: Module;
  #copies: Tensor[] | undefined;

  constructor(model: Module) {
    this.#model = model;
  }

  keep(): void {
    const parameters = this.#model.parameters();
    this.#copies ??= parameters.map((parameter) => {
      const copy = emptyLike(parameter);
      disown(copy);
      return copy;
    });
    this.#copies.forEach((copy, i) => assign(copy, parameters[i]));
  }

  /** @throws ArgumentError where none was kept. */
  restore(): void {
    const copies = this.#copies;
    if (!copies) {
      throw new ArgumentError(
        'restoreBest: nothing was kept; fit keeps the best parameters where the task has evaluate()',
      );
    }
    this.#model.parameters().forEach((parameter, i) => assign(parameter, copies[i]));
  }

  dispose(): void {
    dispose(this.#copies);
  }
}
