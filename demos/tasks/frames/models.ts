import { relu, reshape } from 'lethe';
import type { Device, Random, Tensor } from 'lethe';
import { GRU, Linear, LSTM, MLP, Module, RNN } from 'lethe/nn';

import { PIXELS } from './batch';
import { LABELS } from './clips';

const WIDTH = 64;

/** Makes of frames what a last layer reads the label from, [time batch, WIDTH]. */
export interface Labeller extends Module {
  readonly decoder: Linear;
  features(pixels: Tensor): Tensor;
}

/** What a watcher keeps its state by; an LSTM that reads forward when left out. */
export interface WatcherNetwork {
  readonly cell?: 'lstm' | 'gru' | 'rnn';
  readonly bidirectional?: boolean;
}

/** It keeps a state from frame to frame. */
export class Watcher extends Module implements Labeller {
  readonly encoder: Linear;
  readonly rnn: LSTM | GRU | RNN;
  readonly decoder: Linear;

  constructor(
    device: Device,
    random: Random,
    { cell = 'lstm', bidirectional = false }: WatcherNetwork = {},
  ) {
    super();
    const Layers = { lstm: LSTM, gru: GRU, rnn: RNN }[cell];
    this.encoder = new Linear(device, PIXELS, WIDTH, { activation: 'relu', random });
    this.rnn = new Layers(device, WIDTH, WIDTH, { bidirectional, random });
    this.decoder = new Linear(device, this.rnn.outputSize, LABELS.length, { random });
  }

  features(pixels: Tensor): Tensor {
    const { output } = this.rnn.run(this.encoder.forward(pixels));
    return reshape(output, [-1, this.rnn.outputSize]);
  }
}

/** As many layers of as many units, and no state: what it knows of a frame is that frame alone. */
export class Glance extends Module implements Labeller {
  readonly encoder: MLP;
  readonly decoder: Linear;

  constructor(device: Device, random: Random) {
    super();
    this.encoder = new MLP(device, [PIXELS, WIDTH, WIDTH], { random });
    this.decoder = new Linear(device, WIDTH, LABELS.length, { random });
  }

  features(pixels: Tensor): Tensor {
    return reshape(relu(this.encoder.forward(pixels)), [-1, WIDTH]);
  }
}
