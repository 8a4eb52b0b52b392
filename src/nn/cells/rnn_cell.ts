import { defineCell } from '../../cell/definition';
import { checkNonlinearity } from '../../ops/common';
import type { Nonlinearity } from '../../ops/common';
import { checkOptions } from '../../options';
import type { OptionNames } from '../../options';
import type { Device } from '../../tensor/device';
import type { Tensor } from '../../tensor/tensor';
import { CELL_OPTIONS } from './cell';
import type { CellOptions } from './cell';
import type { DefinedCell } from './entry';
import { ScanCell } from './scan_cell';

const rnnOf = (nonlinearity: Nonlinearity) =>
  defineCell({
    name: `rnn-${nonlinearity}`,
    gates: ['h'],
    state: ['h'],
    step: (m, z) => ({ h: m[nonlinearity](z.h) }),
  });

/**
 * h' = f(W_ih x + b_ih + W_hh h + b_hh), by f.
 *
 * Source: Elman (1990).
 */
export const rnn = {
  tanh: /* @__PURE__ */ rnnOf('tanh'),
  relu: /* @__PURE__ */ rnnOf('relu'),
  sigmoid: /* @__PURE__ */ rnnOf('sigmoid'),
} as const;

export const RNN_ENTRY: DefinedCell = {
  label: 'RNN',
  kind: rnn.tanh,
  compared: true,
  source: 'Elman (1990).',
  use: 'To see what the others mend: its gradient vanishes or explodes within some tens of steps.',
};

/** What `RNNCell` takes. */
export interface RNNCellOptions extends CellOptions {
  /** The function of the step, `tanh` when left out. */
  nonlinearity?: Nonlinearity;
}

export const RNN_CELL_OPTIONS: OptionNames<RNNCellOptions> = {
  nonlinearity: true,
  ...CELL_OPTIONS,
};

/** The simple recurrent cell, as PyTorch's RNNCell ([equation](../../../docs/cells.md#rnn)). */
export class RNNCell extends ScanCell {
  declare readonly weight_hh: Tensor;
  /** The function of the step. */
  readonly nonlinearity: Nonlinearity;

  constructor(device: Device, inputSize: number, hiddenSize: number, given: RNNCellOptions = {}) {
    checkOptions(new.target.name, given, RNN_CELL_OPTIONS);
    const { nonlinearity = 'tanh', ...options } = given;
    checkNonlinearity(new.target.name, 'nonlinearity', nonlinearity);
    super(device, rnn[nonlinearity], inputSize, hiddenSize, options);
    this.nonlinearity = nonlinearity;
  }

  /** x of [batch, input] and h of [batch, hidden], zeros when left out, to h'. */
  override forward(x: Tensor, h?: Tensor): Tensor {
    return super.forward(x, h) as Tensor;
  }
}
