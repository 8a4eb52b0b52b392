import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { GRUCell } from './cells/gru_cell';
import { SCAN_CELL_OPTIONS } from './cells/scan_cell';
import type { ScanCellOptions } from './cells/scan_cell';
import type { RecurrentOptions } from './layer_options';
import { Recurrent } from './recurrent';
import type { CellKind } from './recurrent';

export interface GRUOptions extends RecurrentOptions, ScanCellOptions {}

const KIND: CellKind<GRUCell, ScanCellOptions> = {
  name: 'gru',
  options: SCAN_CELL_OPTIONS,
  create: (...given) => new GRUCell(...given),
};

/** GRU layers; `gru` has the equations. `forward(x, h0)` gives [y, hn]; `Recurrent` has the shapes. */
export class GRU extends Recurrent<GRUCell, Tensor> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: GRUOptions = {}) {
    super(device, KIND, inputSize, hiddenSize, options);
  }
}
