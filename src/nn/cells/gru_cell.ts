import { defineCell } from '../../cell/definition';
import { checkOptions } from '../../options';
import type { Device } from '../../tensor/device';
import type { Tensor } from '../../tensor/tensor';
import { CELL_OPTIONS } from './cell';
import type { CellOptions } from './cell';
import type { DefinedCell } from './entry';
import { ScanCell } from './scan_cell';

/**
 * Gated recurrent unit, its gates in PyTorch's order, the reset gate after the matmul.
 *
 * Source: Cho et al. (2014), in the form of cuDNN and PyTorch.
 */
export const gru = /* @__PURE__ */ defineCell({
  name: 'gru',
  gates: ['r', 'z', 'n'],
  apart: ['n'],
  state: ['h'],
  step(m, z, s) {
    const update = m.sigmoid(z.z);
    const n = m.tanh(m.add(z.n, m.mul(m.sigmoid(z.r), z.hn)));
    return { h: m.add(m.mul(m.sub(1, update), n), m.mul(update, s.h)) };
  },
});

export const GRU_ENTRY: DefinedCell = {
  label: 'GRU',
  kind: gru,
  compared: true,
  source:
    'Cho et al. (2014), in the form of cuDNN and PyTorch: the reset gate acts after the recurrent product. ' +
    'Keras with reset_after=True, ONNX with linear_before_reset=1.',
  use: 'As good as the LSTM on most tasks, with a quarter fewer weights and one state instead of two.',
};

/** Gated recurrent unit, as PyTorch's GRUCell ([equations](../../../docs/cells.md#gru)). */
export class GRUCell extends ScanCell {
  declare readonly weight_hh: Tensor;

  constructor(device: Device, inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    checkOptions(new.target.name, options, CELL_OPTIONS);
    super(device, gru, inputSize, hiddenSize, options);
  }

  /** x of [batch, input] and h of [batch, hidden], zeros when left out, to h'. */
  override forward(x: Tensor, h?: Tensor): Tensor {
    return super.forward(x, h) as Tensor;
  }
}
