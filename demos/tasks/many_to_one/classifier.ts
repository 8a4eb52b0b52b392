/** Many to one: a recurrent network reads a sequence, and an MLP tells its class. */
import { cat, maskedMax, maskedMean, mul, ones, unbind } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { Dropout, Embedding, GRU, LSTM, MLP, Module, normal } from 'lethe/nn';

export interface ClassifierSizes {
  /** Ids that there are, those of padding and of unknown tokens among them. */
  readonly tokens: number;
  readonly classes: number;
  /** Width of the vector of a token. */
  readonly embedding: number;
  readonly cell: 'lstm' | 'gru';
  /** Units of each direction. */
  readonly hidden: number;
  readonly layers: number;
  /** Widths of the hidden layers of the MLP. */
  readonly head: readonly number[];
  /** What the MLP is given: mean or largest output over time, or the last state of both directions. */
  readonly pooling: 'mean' | 'max' | 'last';
  /** Probability of dropping an element of what is read, and of what the MLP is given. */
  readonly dropout: number;
  /** Probability of dropping a token as a whole, so that no single one is relied on. */
  readonly tokenDropout: number;
}

/** Standard deviation of the vectors at first: what is seen once or twice shall not weigh by chance. */
const SMALL = 0.1;

export class SequenceClassifier extends Module {
  readonly sizes: ClassifierSizes;
  readonly embedding: Embedding;
  readonly rnn: LSTM | GRU;
  readonly head: MLP;
  readonly dropout: Dropout;
  readonly tokenDropout: Dropout;

  constructor(
    device: Device,
    sizes: ClassifierSizes,
    { random, generator }: { random: Random; generator: Generator },
  ) {
    super();
    const { tokens, classes, embedding, hidden, layers, head } = sizes;
    this.sizes = sizes;
    this.embedding = new Embedding(device, tokens, embedding, { random });
    this.embedding.weight.write(normal([tokens, embedding], SMALL, random));
    const options = {
      bidirectional: true,
      numLayers: layers,
      dropout: layers > 1 ? sizes.dropout : 0,
      generator,
      random,
    };
    const Layers = sizes.cell === 'lstm' ? LSTM : GRU;
    this.rnn = new Layers(device, embedding, hidden, options);
    this.head = new MLP(device, [2 * hidden, ...head, classes], { random });
    this.dropout = new Dropout(sizes.dropout, generator);
    this.tokenDropout = new Dropout(sizes.tokenDropout, generator);
  }

  /**
   * @param ids i32 of [time, batch].
   * @param lengths i32 of [batch].
   * @param mask f32 of [time, batch], 0 behind the end of a sequence.
   * @returns logits of [batch, classes].
   */
  forward(ids: Tensor, lengths: Tensor, mask: Tensor): Tensor {
    const kept = this.tokenDropout.forward(ones(ids.device, [...ids.shape, 1]));
    const x = this.dropout.forward(mul(this.embedding.forward(ids), kept));
    const { output, state } = this.rnn.run(x, undefined, { lengths });
    const read = this.#pooled(output, state[0], mask);
    return this.head.forward(this.dropout.forward(read));
  }

  #pooled(output: Tensor, last: Tensor, mask: Tensor): Tensor {
    switch (this.sizes.pooling) {
      case 'mean':
        return maskedMean(output, mask);
      case 'max':
        return maskedMax(output, mask);
      case 'last':
        return cat(unbind(last).slice(-2), -1);
    }
  }
}
