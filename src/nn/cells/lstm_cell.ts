import type { Device } from '../../tensor/device';
import type { Tensor } from '../../tensor/tensor';
import { checkOptions, divideOptions } from '../../options';
import type { OptionNames } from '../../options';
import { checkVariant, LSTM_VARIANT, lstmOf } from './lstm';
import type { LSTMVariant } from './lstm';
import { SCAN_CELL_OPTIONS, ScanCell } from './scan_cell';
import type { ScanCellOptions } from './scan_cell';

/** What `LSTMCell` takes. */
export interface LSTMCellOptions extends ScanCellOptions, LSTMVariant {}

export const LSTM_CELL_OPTIONS: OptionNames<LSTMCellOptions> = {
  ...LSTM_VARIANT,
  ...SCAN_CELL_OPTIONS,
};

/**
 * Long short-term memory, as PyTorch's LSTMCell ([equations](../../../docs/cells.md#lstm)).
 *
 * @example
 * ```ts
 * import { openDevice, zeros } from 'lethe';
 * import { LSTMCell } from 'lethe/nn';
 *
 * const device = await openDevice('cpu');
 * const cell = new LSTMCell(device, 8, 16);
 * let state = cell.forward(zeros(device, [3, 8])); // [batch, input]; a state of zeros
 * for (let t = 1; t < 5; t++) state = cell.forward(zeros(device, [3, 8]), state);
 * const [h, c] = state;
 * console.log(h.shape, c.shape); // [ 3, 16 ] [ 3, 16 ]
 * ```
 */
export class LSTMCell extends ScanCell {
  declare readonly weight_hh: Tensor;

  constructor(device: Device, inputSize: number, hiddenSize: number, given: LSTMCellOptions = {}) {
    const owner = new.target.name;
    checkOptions(owner, given, LSTM_CELL_OPTIONS);
    const [variant, options] = divideOptions<LSTMVariant, ScanCellOptions>(given, LSTM_VARIANT);
    checkVariant(owner, variant);
    super(device, lstmOf(variant), inputSize, hiddenSize, options);
  }

  /** x of [batch, input] and [h, c] of [batch, hidden], zeros when left out, to [h', c']. */
  override forward(x: Tensor, state?: readonly [Tensor, Tensor]): [Tensor, Tensor] {
    return super.forward(x, state) as [Tensor, Tensor];
  }
}
