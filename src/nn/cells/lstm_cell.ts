import { ArgumentError } from '../../errors';
import { linear } from '../../ops/matmul';
import { lstmGates } from '../../ops/recurrent';
import { lstmSequence } from '../../ops/sequence';
import { checkOptions } from '../../options';
import type { OptionNames } from '../../options';
import type { Device } from '../../tensor/device';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { defaultRandom } from '../init';
import { Cell, CELL_OPTIONS } from './cell';
import type { CellOptions, CellSequence } from './cell';

export interface LSTMCellOptions extends CellOptions {
  /**
   * The forget gate's bias at first, in place of the random one: 1 keeps memory open from the
   * start (Jozefowicz et al., 2015). bias_ih takes it, bias_hh gets 0 there.
   */
  forgetBias?: number;
}

export const LSTM_CELL_OPTIONS: OptionNames<LSTMCellOptions> = {
  forgetBias: true,
  ...CELL_OPTIONS,
};

const sweep: CellSequence = (input, layers, [h, c]) => {
  const [output, hn, cn] = lstmSequence(input, layers, h, c);
  return { output, state: [hn, cn] };
};

/**
 * Long short-term memory, its gates in PyTorch's order i, f, g, o. The equations stand at
 * `lstmGates`.
 */
export class LSTMCell extends Cell {
  constructor(device: Device, inputSize: number, hiddenSize: number, given: LSTMCellOptions = {}) {
    checkOptions(new.target.name, given, LSTM_CELL_OPTIONS);
    const { forgetBias, ...options } = given;
    if (forgetBias !== undefined && options.bias === false) {
      throw new ArgumentError('LSTMCell: forgetBias is given, and bias is false; leave one out');
    }
    const random = options.random ?? defaultRandom();
    super(device, inputSize, hiddenSize, 4, ['h', 'c'], options);
    if (forgetBias === undefined) return;
    const bound = 1 / Math.sqrt(hiddenSize);
    for (const [bias, value] of [
      [this.bias_ih, forgetBias],
      [this.bias_hh, 0],
    ] as const) {
      bias?.write(
        Float64Array.from({ length: 4 * hiddenSize }, (_, i) =>
          Math.floor(i / hiddenSize) === 1 ? value : bound * (2 * random.uniform() - 1),
        ),
      );
    }
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, 'both');
  }

  step(gx: Tensor, [h, c]: readonly Tensor[]): Tensor[] {
    return lstmGates(gx, linear(h, this.weight_hh), c);
  }

  override get sequence(): CellSequence {
    return sweep;
  }

  override get stackKind(): string {
    return 'lstm';
  }

  /** x of [batch, input] and [h, c] of [batch, hidden], zeros when left out, to [h', c']. */
  forward(x: Tensor, state?: readonly [Tensor, Tensor]): [Tensor, Tensor] {
    return scope(() => this.stepFrom(x, state) as [Tensor, Tensor]);
  }
}
