import { ArgumentError } from '../errors';
import type { Module } from '../nn/module';
import { assign } from '../ops/assign';
import { emptyLike } from '../ops/common';
import { disown, dispose } from '../tensor/scope';
import type { Tensor } from '../tensor/tensor';

/** The figure that parameters were kept for. */
export interface KeptMetric {
  /** The name of the figure. */
  readonly monitor: string;
  /** Whether the lowest or the highest is the best. */
  readonly mode: 'min' | 'max';
  /** The step after which it was measured. */
  readonly step: number;
  /** The figure itself. */
  readonly value: number;
}

/** A copy of a model's parameters, on the device. */
export class BestParameters {
  readonly #model: Module;
  #copies: Tensor[] | undefined;
  /** What the last `keep` was told. */
  metric: KeptMetric | undefined;

  constructor(model: Module) {
    this.#model = model;
  }

  keep(metric?: KeptMetric): void {
    this.metric = metric;
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
        'restoreBest: nothing was kept; fit keeps the best parameters where the task has evaluate(), and not ' +
          'those of an earlier training: load them from its file',
      );
    }
    this.#model.parameters().forEach((parameter, i) => assign(parameter, copies[i]));
  }

  dispose(): void {
    dispose(this.#copies);
  }
}
