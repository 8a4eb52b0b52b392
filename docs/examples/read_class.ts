/** A classifier that the page of shapes trained, of names or of sentences, in a program of your own. */
import { amax, cat, mean, openDevice, scope, softmax, tensor, unbind } from 'lethe';
import type { Device } from 'lethe';
import { TokenVocabulary } from 'lethe/data';
import type { TokenVocabularyData } from 'lethe/data';
import { Embedding, GRU, LSTM, MLP, Module, RNN } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

type Counts = Readonly<Record<'tokens' | 'embedding' | 'hidden' | 'classes', number>>;
type Sizes = Counts & {
  cell: 'gru' | 'lstm' | 'rnn';
  bidirectional?: boolean;
  head: number[];
  pooling: 'mean' | 'max' | 'last';
};
type Meta = { classes: string[]; vocabulary: TokenVocabularyData; sizes: Sizes };

class Classifier extends Module {
  readonly embedding: Embedding;
  readonly rnn: GRU | LSTM | RNN;
  readonly head: MLP;
  constructor(device: Device, sizes: Sizes) {
    super();
    const { tokens, embedding, hidden, classes, bidirectional = true } = sizes;
    const Layers = { gru: GRU, lstm: LSTM, rnn: RNN }[sizes.cell];
    this.embedding = new Embedding(device, tokens, embedding);
    this.rnn = new Layers(device, embedding, hidden, { bidirectional });
    this.head = new MLP(device, [this.rnn.outputSize, ...sizes.head, classes]);
  }
}

/** From the file's bytes, a function that gives the probability of each class of a text's letters or words. */
export async function readClassifier(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { classes, vocabulary, sizes } = (about as { meta: Meta }).meta;
  const device = await openDevice();
  const model = new Classifier(device, sizes);
  model.loadStateDict(ofModel(tensors));
  const known = TokenVocabulary.fromJSON(vocabulary);
  return async (tokens: readonly string[]): Promise<Record<string, number>> => {
    const ids = known.encode(tokens);
    const probabilities = scope(() => {
      const x = model.embedding.forward(tensor(device, ids, [ids.length, 1], { dtype: 'i32' }));
      const { output, state } = model.rnn.run(x);
      const read = {
        mean: () => mean(output, { dim: 0 }),
        max: () => amax(output, { dim: 0 }),
        last: () => cat(unbind(state[0]), -1),
      }[sizes.pooling]();
      return softmax(model.head.forward(read), 1);
    });
    const values = await probabilities.data();
    probabilities.dispose();
    return Object.fromEntries(classes.map((label, i) => [label, values[i]]));
  };
}
