import { add, linear, mul, neg, sigmoid, slice, tanh } from 'lethe';
import type { Device, Tensor } from 'lethe';
import { Cell, Recurrent } from 'lethe/nn';
import type { CellKind, CellOptions, RecurrentOptions } from 'lethe/nn';

/**
 * Minimal gated unit: f = sigmoid(W_f x + U_f h), n = tanh(W_n x + U_n (f h)),
 * h' = h + f (n - h).
 *
 * Source: Zhou, Wu, Zhang and Zhou (2016).
 */
export class MGUCell extends Cell {
  declare readonly weight_hh: Tensor;

  constructor(device: Device, inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(device, { gates: ['f', 'n'], state: ['h'] }, inputSize, hiddenSize, options);
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

const KIND: CellKind<MGUCell> = { name: 'mgu', create: (...given) => new MGUCell(...given) };

/** Its layers: stacking, directions, lengths, dropout and the time loop come from `Recurrent`. */
export class MGU extends Recurrent<MGUCell, Tensor, CellOptions> {
  constructor(
    device: Device,
    inputSize: number,
    hiddenSize: number,
    options: RecurrentOptions & CellOptions = {},
  ) {
    super(device, KIND, inputSize, hiddenSize, options);
  }
}
