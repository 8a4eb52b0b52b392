import { add, linear, mul, sigmoid, slice, split, sub, tanh } from 'lethe';
import type { Device, Tensor } from 'lethe';
import { Cell } from 'lethe/nn';
import type { CellKind, CellOptions } from 'lethe/nn';

const PARTS = { gates: ['z', 'n'], state: ['h'] } as const;

/**
 * Minimal gated unit whose gate acts before the product: z = sigmoid(W_z x + U_z h),
 * n = tanh(W_n x + U_n (z h)), h' = h + z (n - h).
 *
 * Source: Zhou, Wu, Zhang and Zhou (2016), where z is called f.
 */
export class MGUCell extends Cell {
  declare readonly weight_hh: Tensor;

  constructor(device: Device, inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(device, PARTS, inputSize, hiddenSize, options);
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, 'both');
  }

  /** U_z and U_n. */
  override shared(): Tensor[] {
    return split(this.weight_hh, [this.hiddenSize, this.hiddenSize]);
  }

  step(gx: Tensor, [h]: readonly Tensor[], [Uz, Un] = this.shared()): Tensor[] {
    const H = this.hiddenSize;
    const z = sigmoid(add(slice(gx, 1, { end: H }), linear(h, Uz)));
    const n = tanh(add(slice(gx, 1, { start: H }), linear(mul(z, h), Un)));
    return [add(h, mul(z, sub(n, h)))];
  }
}

/** For `Recurrent`, which makes layers of it. */
export const mguResetBefore: CellKind<MGUCell> = {
  name: 'mgu-reset-before',
  create: (...given) => new MGUCell(...given),
};
