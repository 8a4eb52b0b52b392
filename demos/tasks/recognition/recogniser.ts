/** A recurrent network that tells for each frame how probable each label is, and the blank. */
import type { Device, Generator, Random, Tensor } from 'lethe';
import { Dropout, GRU, Linear, LSTM, Module } from 'lethe/nn';

export interface RecogniserSizes {
  /** Numbers in a frame. */
  readonly features: number;
  /** Labels and the blank. */
  readonly classes: number;
  /** Units that look at each frame by itself before the recurrent layers; 0 for none. */
  readonly front: number;
  readonly cell: 'lstm' | 'gru';
  /** Units of each direction. */
  readonly hidden: number;
  readonly layers: number;
  /** Probability of dropping an element of what the recurrent layers, and the last layer, are given. */
  readonly dropout: number;
}

/** The blank's bias at first: else a network learns for epochs that everything is blank, before it learns a label. */
const RARE = -2;

export class Recogniser extends Module {
  readonly sizes: RecogniserSizes;
  readonly device: Device;
  readonly front: Linear | undefined;
  readonly rnn: LSTM | GRU;
  readonly decoder: Linear;
  readonly dropout: Dropout;

  constructor(
    device: Device,
    sizes: RecogniserSizes,
    { random, generator }: { random: Random; generator: Generator },
  ) {
    super();
    const { features, classes, front, hidden, layers, dropout } = sizes;
    this.sizes = sizes;
    this.device = device;
    if (front > 0) this.front = new Linear(device, features, front, { activation: 'relu', random });
    const Layers = sizes.cell === 'lstm' ? LSTM : GRU;
    this.rnn = new Layers(device, front || features, hidden, {
      bidirectional: true,
      numLayers: layers,
      dropout: layers > 1 ? dropout : 0,
      generator,
      random,
    });
    this.decoder = new Linear(device, 2 * hidden, classes, { random });
    this.decoder.bias!.write(
      Float32Array.from({ length: classes }, (_, c) => (c === 0 ? RARE : 0)),
    );
    this.dropout = new Dropout(dropout, generator);
  }

  /**
   * @param frames f32 of [time, batch, features].
   * @param frameCounts i32 of [batch].
   * @returns logits of [time, batch, classes].
   */
  forward(frames: Tensor, frameCounts: Tensor): Tensor {
    const x = this.front ? this.dropout.forward(this.front.forward(frames)) : frames;
    const { output } = this.rnn.run(x, undefined, { lengths: frameCounts });
    return this.decoder.forward(this.dropout.forward(output));
  }
}
