import { linear } from '../../ops/matmul';
import { rnnGate } from '../../ops/recurrent';
import type { Nonlinearity } from '../../ops/recurrent';
import { rnnSequence } from '../../ops/sequence';
import type { Device } from '../../tensor/device';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { Cell } from './cell';
import type { CellOptions, CellSequence } from './cell';

export interface RNNCellOptions extends CellOptions {
  nonlinearity?: Nonlinearity;
}

/**
 * h' = f(W_ih x + b_ih + W_hh h + b_hh), f being tanh, relu or sigmoid.
 *
 * Source: Elman (1990).
 */
export class RNNCell extends Cell {
  readonly nonlinearity: Nonlinearity;

  constructor(
    device: Device,
    inputSize: number,
    hiddenSize: number,
    { nonlinearity = 'tanh', ...options }: RNNCellOptions = {},
  ) {
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
    return (input, layers, [h], options) => {
      const [output, hn] = rnnSequence(input, layers, h, { ...options, nonlinearity });
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
