import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { LSTM_CELL_OPTIONS, LSTMCell } from './cells/lstm_cell';
import type { LSTMCellOptions } from './cells/lstm_cell';
import type { RecurrentOptions } from './layer_options';
import { Recurrent } from './recurrent';
import type { CellKind } from './recurrent';

/** What `LSTM` takes: the options of all recurrent layers, and those of its cell. */
export interface LSTMOptions extends RecurrentOptions, LSTMCellOptions {}

const KIND: CellKind<LSTMCell, LSTMCellOptions> = {
  name: 'lstm',
  options: LSTM_CELL_OPTIONS,
  create: (...given) => new LSTMCell(...given),
};

/**
 * LSTM layers ([equations](../../docs/cells.md#lstm)). `forward(x, [h0, c0])` gives [y, [hn, cn]]; `Recurrent` has
 * the shapes.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { LSTM } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const lstm = new LSTM(device, 8, 16, { numLayers: 2, bidirectional: true });
 * const x = ones(device, [5, 3, 8]); // [time, batch, input]
 * const [y, [h, c]] = lstm.forward(x, undefined, { lengths: [5, 2, 4] });
 * console.log(y.shape, h.shape, c.shape); // [ 5, 3, 32 ] [ 4, 3, 16 ] [ 4, 3, 16 ]
 * ```
 */
export class LSTM extends Recurrent<LSTMCell, [Tensor, Tensor], LSTMCellOptions> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super(device, KIND, inputSize, hiddenSize, options);
  }
}
