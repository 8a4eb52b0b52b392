import { linear } from '../../ops/matmul';
import { gruGates } from '../../ops/recurrent';
import { gruSequence } from '../../ops/sequence';
import type { Device } from '../../tensor/device';
import { scope } from '../../tensor/scope';
import type { Tensor } from '../../tensor/tensor';
import { Cell } from './cell';
import type { CellOptions, CellSequence } from './cell';

const sweep: CellSequence = (input, layers, [h]) => {
  const [output, hn] = gruSequence(input, layers, h);
  return { output, state: [hn] };
};

/**
 * Gated recurrent unit, its gates in PyTorch's order r, z, n, the reset gate after the matmul. The
 * equations stand at `gruGates`.
 */
export class GRUCell extends Cell {
  constructor(device: Device, inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super(device, inputSize, hiddenSize, 3, ['h'], options);
  }

  project(x: Tensor): Tensor {
    return this.fromInput(x, 'own');
  }

  step(gx: Tensor, [h]: readonly Tensor[]): Tensor[] {
    return [gruGates(gx, linear(h, this.weight_hh, this.bias_hh), h)];
  }

  override get sequence(): CellSequence {
    return sweep;
  }

  override get stackKind(): string {
    return 'gru';
  }

  /** x of [batch, input] and h of [batch, hidden], zeros when left out, to h'. */
  forward(x: Tensor, h?: Tensor): Tensor {
    return scope(() => this.stepFrom(x, h && [h])[0]);
  }
}
