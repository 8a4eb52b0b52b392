import { checkNonlinearity } from '../../ops/common';
import { linear } from '../../ops/matmul';
import { rnnGate } from '../../ops/recurrent';
import type { Nonlinearity } from '../../ops/recurrent';
import { rnnSequence } from '../../ops/sequence';
import { checkOptions } from '../../options';
import type { OptionNames } from '../../options';
import type { Device } from '../../tensor/device';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { Cell, CELL_OPTIONS } from './cell';
import type { CellOptions, CellSequence } from './cell';

export interface RNNCellOptions extends CellOptions {
  nonlinearity?: Nonlinearity;
}

export const RNN_CELL_OPTIONS: OptionNames<RNNCellOptions> = {
  nonlinearity: true,
  ...CELL_OPTIONS,
};

/**
 * h' = f(W_ih x + b_ih + W_hh h + b_hh), f being tanh, relu or sigmoid.
 *
 * Source: Elman (1990).
 */
export class RNNCell extends Cell {
  readonly nonlinearity: Nonlinearity;

  constructor(device: Device, inputSize: number, hiddenSize: number, given: RNNCellOptions = {}) {
    checkOptions(new.target.name, given, RNN_CELL_OPTIONS);
    const { nonlinearity = 'tanh', ...options } = given;
    checkNonlinearity(new.target.name, 'nonlinearity', nonlinearity);
    super(device, inputSize, hiddenSize, 1, ['h'], options);
    this.nonlinearity = nonlinearity;
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, 'both');
  }

  step(gx: Tensor, [h]: readonly Tensor[]): Tensor[] {
    return [rnnGate(gx, linear(h, this.weight_hh), this.nonlinearity)];
  }

  override get sequence(): CellSequence {
    const { nonlinearity } = this;
    return (input, layers, [h]) => {
      const [output, hn] = rnnSequence(input, layers, h, { nonlinearity });
      return { output, state: [hn] };
    };
  }

  override get stackKind(): string {
    return `rnn ${this.nonlinearity}`;
  }

  /** x of [batch, input] and h of [batch, hidden], zeros when left out, to h'. */
  forward(x: Tensor, h?: Tensor): Tensor {
    return scope(() => this.stepFrom(x, h && [h])[0]);
  }
}
