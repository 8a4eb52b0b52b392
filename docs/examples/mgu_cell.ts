import { add, linear, mul, neg, sigmoid, slice, tanh } from 'lethe';
import type { Device, Tensor } from 'lethe';
import { Cell, CELL_OPTIONS, layerOptions, Recurrent } from 'lethe/nn';
import type { CellOptions, RecurrentOptions } from 'lethe/nn';

/**
 * Minimal gated unit: f = sigmoid(W_f x + U_f h), n = tanh(W_n x + U_n (f h)),
 * h' = h + f (n - h).
 *
 * Source: Zhou, Wu, Zhang and Zhou (2016).
 */
export class MGUCell extends Cell {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(device, inputSize, hiddenSize, 2, ['h'], options);
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, 'both');
  }

  step(gx: Tensor, [h]: readonly Tensor[]): Tensor[] {
    const H = this.hiddenSize;
    const Uf = slice(this.weight_hh, 0, { end: H });
    const Un = slice(this.weight_hh, 0, { start: H });
    const f = sigmoid(add(slice(gx, 1, { end: H }), linear(h, Uf)));
    const n = tanh(add(slice(gx, 1, { start: H }), linear(mul(f, h), Un)));
    return [add(h, mul(f, add(n, neg(h))))];
  }
}

export interface MGUOptions extends RecurrentOptions, CellOptions {}

/** Its layers: stacking, dropout and the time loop come from `Recurrent`. */
export class MGU extends Recurrent<MGUCell> {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: MGUOptions = {}) {
    const { recurrent, cell } = layerOptions('MGU', options, CELL_OPTIONS);
    super(device, inputSize, (size) => new MGUCell(device, size, hiddenSize, cell), recurrent);
  }
}
