import { defineCell } from '../../cell/definition';
import { ArgumentError } from '../../errors';
import { checkOptions } from '../../options';
import type { OptionNames } from '../../options';
import type { Device } from '../../tensor/device';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { SCAN_CELL_OPTIONS, ScanCell } from './scan_cell';
import type { ScanCellOptions } from './scan_cell';

/**
 * Long short-term memory, its gates in PyTorch's order.
 *
 * Source: Hochreiter and Schmidhuber (1997), with the forget gate of Gers et al. (2000).
 */
export const lstm = /* @__PURE__ */ defineCell({
  name: 'lstm',
  gates: ['i', 'f', 'g', 'o'],
  state: ['h', 'c'],
  step(m, z, s) {
    const c = m.add(m.mul(m.sigmoid(z.f), s.c), m.mul(m.sigmoid(z.i), m.tanh(z.g)));
    return { h: m.mul(m.sigmoid(z.o), m.tanh(c)), c };
  },
});

export interface LSTMCellOptions extends ScanCellOptions {
  /**
   * The forget gate's bias at first, in place of the random one: 1 keeps memory open from the
   * start (Jozefowicz et al., 2015). bias_ih takes it, bias_hh gets 0 there.
   */
  forgetBias?: number;
}

export const LSTM_CELL_OPTIONS: OptionNames<LSTMCellOptions> = {
  forgetBias: true,
  ...SCAN_CELL_OPTIONS,
};

/** Long short-term memory, as PyTorch's LSTMCell; `lstm` has the equations. */
export class LSTMCell extends ScanCell {
  declare readonly weight_hh: Tensor;

  constructor(device: Device, inputSize: number, hiddenSize: number, given: LSTMCellOptions = {}) {
    checkOptions(new.target.name, given, LSTM_CELL_OPTIONS);
    const { forgetBias, ...options } = given;
    if (forgetBias !== undefined && options.bias === false) {
      throw new ArgumentError(
        `${new.target.name}: forgetBias is given, and bias is false; leave one out`,
      );
    }
    const biases = forgetBias === undefined ? undefined : { f: forgetBias };
    super(device, lstm, inputSize, hiddenSize, options, biases);
  }

  /** x of [batch, input] and [h, c] of [batch, hidden], zeros when left out, to [h', c']. */
  forward(x: Tensor, state?: readonly [Tensor, Tensor]): [Tensor, Tensor] {
    return scope(() => this.stepFrom(x, state) as [Tensor, Tensor]);
  }
}
