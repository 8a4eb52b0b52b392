/** Many to one: a recurrent network reads a sequence, and an MLP tells its class. */
import { add, cat, maskedMax, maskedMean, mul, ones, sum, unbind } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { Dropout, Embedding, GRU, Linear, LSTM, MLP, Module, normal, RNN } from 'lethe/nn';

export interface ClassifierSizes {
  /** Ids that there are, those of padding and of unknown tokens among them. */
  readonly tokens: number;
  readonly classes: number;
  /** Width of the vector of a token. */
  readonly embedding: number;
  /** Ids of the parts of tokens, where those have vectors too; a token's vector is the sum of its own and theirs. */
  readonly parts?: number;
  /** Ids and width of vectors that were learnt elsewhere, where there are some: they stay as they are. */
  readonly pretrained?: readonly [ids: number, width: number];
  /** Standard deviation of the vectors at first, .1 when left out: what is seen once or twice shall not weigh by chance. */
  readonly spread?: number;
  readonly cell: 'lstm' | 'gru' | 'rnn';
  /** Whether it reads in both directions; it does when left out. */
  readonly bidirectional?: boolean;
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

/** What is read: `ids` and `mask` of [time, batch], 0 in the mask behind the end, and `lengths` of [batch]. */
export interface ClassifierInput {
  readonly ids: Tensor;
  readonly lengths: Tensor;
  readonly mask: Tensor;
  /** Those of the parts of each token, [parts, time, batch]. */
  readonly parts?: Tensor;
  /** Ids of the vectors that were learnt elsewhere, [time, batch]. */
  readonly known?: Tensor;
  /** What is known of the sequences besides, of [batch, scores]. */
  readonly scores?: Tensor;
}

export class SequenceClassifier extends Module {
  readonly sizes: ClassifierSizes;
  readonly embedding: Embedding;
  readonly parts: Embedding | undefined;
  /** Zeros, until they are written or loaded. */
  readonly pretrained: Embedding | undefined;
  readonly rnn: LSTM | GRU | RNN;
  readonly head: MLP;
  readonly dropout: Dropout;
  readonly tokenDropout: Dropout;
  /** Logits from the scores. */
  readonly fromScores: Linear | undefined;

  /** @param scores numbers that are known of a sequence besides; none when left out. */
  constructor(
    device: Device,
    sizes: ClassifierSizes,
    { random, generator }: { random: Random; generator: Generator },
    scores?: number,
  ) {
    super();
    const { tokens, classes, embedding, hidden, layers, head, bidirectional = true } = sizes;
    this.sizes = sizes;
    const vectors = (ids: number): Embedding => {
      const table = new Embedding(device, ids, embedding, { random });
      table.weight.write(normal([ids, embedding], sizes.spread ?? 0.1, random));
      return table;
    };
    this.embedding = vectors(tokens);
    this.parts = sizes.parts === undefined ? undefined : vectors(sizes.parts);
    const [known, width] = sizes.pretrained ?? [0, 0];
    if (known > 0) {
      const zeros = { shape: [known, width], data: new Float32Array(known * width) };
      this.pretrained = Embedding.fromPretrained(device, zeros);
    }
    const options = {
      bidirectional,
      numLayers: layers,
      dropout: layers > 1 ? sizes.dropout : 0,
      generator,
      random,
    };
    const Layers = { lstm: LSTM, gru: GRU, rnn: RNN }[sizes.cell];
    this.rnn = new Layers(device, embedding + width, hidden, options);
    const directions = bidirectional ? 2 : 1;
    this.head = new MLP(device, [directions * hidden, ...head, classes], { random });
    this.dropout = new Dropout(sizes.dropout, generator);
    this.tokenDropout = new Dropout(sizes.tokenDropout, generator);
    if (scores !== undefined) this.fromScores = new Linear(device, scores, classes, { random });
  }

  /** Logits of [batch, classes]: those of the network, with what a linear layer makes of the scores added. */
  forward({ scores, ...sequence }: ClassifierInput): Tensor {
    const logits = this.#read(sequence);
    return this.fromScores && scores ? add(logits, this.fromScores.forward(scores)) : logits;
  }

  /** What stands for each token: [time, batch, width]. */
  #vectors({ ids, parts, known }: ClassifierInput): Tensor {
    const own = this.embedding.forward(ids);
    const learnt = this.parts && parts ? add(own, sum(this.parts.forward(parts), { dim: 0 })) : own;
    return this.pretrained && known ? cat([learnt, this.pretrained.forward(known)], 2) : learnt;
  }

  #read(input: ClassifierInput): Tensor {
    const { ids, lengths, mask } = input;
    const kept = this.tokenDropout.forward(ones(ids.device, [...ids.shape, 1]));
    const x = this.dropout.forward(mul(this.#vectors(input), kept));
    const { output, state } = this.rnn.run(x, undefined, { lengths });
    return this.classify(output, state[0], mask);
  }

  /** Logits from what the layers gave: their output over time, and the last state of each direction. */
  classify(output: Tensor, last: Tensor, mask: Tensor): Tensor {
    return this.head.forward(this.dropout.forward(this.#pooled(output, last, mask)));
  }

  #pooled(output: Tensor, last: Tensor, mask: Tensor): Tensor {
    switch (this.sizes.pooling) {
      case 'mean':
        return maskedMean(output, mask);
      case 'max':
        return maskedMax(output, mask);
      case 'last':
        return cat(unbind(last).slice(this.sizes.bidirectional === false ? -1 : -2), -1);
    }
  }
}
