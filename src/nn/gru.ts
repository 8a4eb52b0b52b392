import type { Device } from '../tensor/device';
import type { Tensor } from '../tensor/tensor';
import { CELL_OPTIONS } from './cells/cell';
import type { CellOptions } from './cells/cell';
import { GRUCell } from './cells/gru_cell';
import type { RecurrentOptions } from './layer_options';
import { Recurrent } from './recurrent';
import type { CellKind } from './recurrent';

/** What `GRU` takes. */
export interface GRUOptions extends RecurrentOptions, CellOptions {}

const KIND: CellKind<GRUCell, CellOptions> = {
  name: 'gru',
  options: CELL_OPTIONS,
  create: (...given) => new GRUCell(...given),
};

/** GRU layers; docs/cells.md has the equations. `forward(x, h0)` gives [y, hn]; `Recurrent` has the shapes. */
export class GRU extends Recurrent<GRUCell, Tensor, CellOptions> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: GRUOptions = {}) {
    super(device, KIND, inputSize, hiddenSize, options);
  }
}
