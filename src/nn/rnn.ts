import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { RNN_CELL_OPTIONS, RNNCell } from './cells/rnn_cell';
import type { RNNCellOptions } from './cells/rnn_cell';
import type { RecurrentOptions } from './layer_options';
import { Recurrent } from './recurrent';
import type { CellKind } from './recurrent';

/** What `RNN` takes. */
export interface RNNOptions extends RecurrentOptions, RNNCellOptions {}

const KIND: CellKind<RNNCell, RNNCellOptions> = {
  name: 'rnn',
  options: RNN_CELL_OPTIONS,
  create: (...given) => new RNNCell(...given),
};

/**
 * Simple recurrent layers ([equation](../../docs/cells.md#rnn)). `forward(x, h0)` gives [y, hn]; `Recurrent` has the shapes.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { RNN } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const rnn = new RNN(device, 8, 16, { nonlinearity: 'relu' });
 * const [y, h] = rnn.forward(ones(device, [5, 3, 8])); // [time, batch, input]
 * console.log(y.shape, h.shape); // [ 5, 3, 16 ] [ 1, 3, 16 ]
 * ```
 */
export class RNN extends Recurrent<RNNCell, Tensor, RNNCellOptions> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: RNNOptions = {}) {
    super(device, KIND, inputSize, hiddenSize, options);
  }
}
