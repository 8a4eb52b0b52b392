import { add, linear, mul, sigmoid, slice, split, sub, tanh } from 'lethe';
import type { Device, Tensor } from 'lethe';
import { Cell } from 'lethe/nn';
import type { CellKind, CellOptions } from 'lethe/nn';

const PARTS = { gates: ['f', 'n'], state: ['h'] } as const;

/**
 * Minimal gated unit whose gate acts before the product: f = sigmoid(W_f x + U_f h),
 * n = tanh(W_n x + U_n (f h)), h' = h + f (n - h).
 *
 * Source: Zhou, Wu, Zhang and Zhou (2016).
 */
export class MGUCell extends Cell {
  declare readonly weight_hh: Tensor;

  constructor(device: Device, inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(device, PARTS, inputSize, hiddenSize, options);
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, 'both');
  }

  /** U_f and U_n. */
  override shared(): Tensor[] {
    return split(this.weight_hh, [this.hiddenSize, this.hiddenSize]);
  }

  step(gx: Tensor, [h]: readonly Tensor[], [Uf, Un] = this.shared()): Tensor[] {
    const H = this.hiddenSize;
    const f = sigmoid(add(slice(gx, 1, { end: H }), linear(h, Uf)));
    const n = tanh(add(slice(gx, 1, { start: H }), linear(mul(f, h), Un)));
    return [add(h, mul(f, sub(n, h)))];
  }
}

/** For `Recurrent`, which makes layers of it. */
export const mguResetBefore: CellKind<MGUCell> = {
  name: 'mgu-reset-before',
  create: (...given) => new MGUCell(...given),
};
