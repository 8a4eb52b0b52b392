import { linear } from '../../ops/matmul';
import { reshape, slice, split, unbind } from '../../ops/movement';
import { add, mul, sigmoid, sub, tanh } from '../../ops/pointwise';
import type { Device } from '../../tensor/device';
import type { Tensor } from '../../tensor/tensor';
import { Cell } from './cell';
import type { CellOptions } from './cell';
import type { UnrolledCell } from './entry';

const PARTS = { gates: ['r', 'z', 'n'], state: ['h'] } as const;

/**
 * The gated recurrent unit whose reset gate acts before the product: n reads U_n (r h), where PyTorch's
 * reads r (U_n h). That is a second product in each step, which waits for the first, so it is no cell of
 * `defineCell`, and is unrolled. The biases of PyTorch's names only occur as sums.
 *
 * Source: Cho et al. (2014); Keras with reset_after=False, ONNX with linear_before_reset=0.
 */
export class GRUResetBeforeCell extends Cell {
  declare readonly weight_hh: Tensor;

  constructor(device: Device, inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(device, PARTS, inputSize, hiddenSize, options);
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, 'both');
  }

  /** The rows of r and z, and those of n. */
  override shared(): Tensor[] {
    return split(this.weight_hh, [2 * this.hiddenSize, this.hiddenSize]);
  }

  step(gx: Tensor, [h]: readonly Tensor[], [gates, candidate] = this.shared()): Tensor[] {
    const [batch, H] = h.shape;
    const sums = add(slice(gx, 1, { end: 2 * H }), linear(h, gates));
    const [r, z] = unbind(reshape(sigmoid(sums), [batch, 2, H]), 1);
    const n = tanh(add(slice(gx, 1, { start: 2 * H }), linear(mul(r, h), candidate)));
    return [add(n, mul(z, sub(h, n)))];
  }
}

export const GRU_RESET_BEFORE_ENTRY: UnrolledCell = {
  label: 'GRU, reset before',
  kind: { name: 'gru-reset-before', create: (...given) => new GRUResetBeforeCell(...given) },
  parts: PARTS,
  equations: [
    'r = sigmoid(W_r x + U_r h + b_r)',
    'z = sigmoid(W_z x + U_z h + b_z)',
    'n = tanh(W_n x + U_n (r * h) + b_n)',
    "h' = (1 - z) * n + z * h",
  ],
  kept: 19,
  remade: 8,
  source:
    'Cho et al. (2014), the form of the first GRU: the reset gate acts before the recurrent product. Keras ' +
    'with reset_after=False, ONNX with linear_before_reset=0, its default.',
  use: 'Weights from elsewhere that are in this form. Else take the GRU, which is as good and many times faster.',
};
