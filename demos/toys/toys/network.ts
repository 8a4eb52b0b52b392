import type { Device, Random, Tensor } from 'lethe';
import { CELLS, Linear, Module, Recurrent } from 'lethe/nn';
import type { AnyRecurrent, CellName } from 'lethe/nn';

import { forgetBiasOf } from '../../../src/train/config';

/** What a toy's network is made by. */
export interface ToySizes {
  readonly features: number;
  readonly cell: CellName;
  readonly hidden: number;
  /** Classes, or 1 for a number. */
  readonly outputs: number;
}

/**
 * Of cells with a forget gate: these begin nearly open (0.95), so that a gradient reaches far back from the first step on
 * (Gers, Schmidhuber and Cummins, 2000).
 */
const FORGET_BIAS = 3;

/** One layer of a cell, and what it says after each step. */
export class ToyNetwork extends Module {
  readonly rnn: AnyRecurrent;
  readonly decoder: Linear;

  constructor(
    readonly device: Device,
    { features, cell, hidden, outputs }: ToySizes,
    random: Random,
  ) {
    super();
    const { kind } = CELLS[cell];
    const forgetBias = forgetBiasOf(cell, FORGET_BIAS) ?? undefined;
    this.rnn = new Recurrent(device, kind, features, hidden, { random, forgetBias });
    this.decoder = new Linear(device, hidden, outputs, { random });
  }

  /**
   * @param inputs f32 of [time, batch, features].
   * @returns f32 of [time, batch, outputs].
   */
  forward(inputs: Tensor): Tensor {
    return this.decoder.forward(this.rnn.run(inputs).output);
  }
}
