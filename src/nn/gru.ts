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

/**
 * GRU layers ([equations](../../docs/cells.md#gru)). `forward(x, h0)` gives [y, hn]; `Recurrent` has the shapes.
 *
 * @example
 * ```ts
 * import { ones, openDevice } from 'lethe';
 * import { GRU } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const gru = new GRU(device, 8, 16, { batchFirst: true });
 * const [y, h] = gru.forward(ones(device, [3, 5, 8])); // [batch, time, input]
 * const [more] = gru.forward(ones(device, [3, 2, 8]), h); // goes on from there
 * console.log(y.shape, more.shape); // [ 3, 5, 16 ] [ 3, 2, 16 ]
 * ```
 */
export class GRU extends Recurrent<GRUCell, Tensor, CellOptions> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: GRUOptions = {}) {
    super(device, KIND, inputSize, hiddenSize, options);
  }
}
