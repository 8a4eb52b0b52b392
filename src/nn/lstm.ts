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
 * LSTM layers; docs/cells.md has the equations. `forward(x, [h0, c0])` gives [y, [hn, cn]]; `Recurrent` has the
 * shapes.
 */
export class LSTM extends Recurrent<LSTMCell, [Tensor, Tensor], LSTMCellOptions> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: LSTMOptions = {}) {
    super(device, KIND, inputSize, hiddenSize, options);
  }
}
