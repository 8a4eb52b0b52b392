/** A truecaser that the page of shapes trained, in a program of your own. */
import { argmax, openDevice, reshape, scope, tensor } from 'lethe';
import { TokenVocabulary } from 'lethe/data';
import type { TokenVocabularyData } from 'lethe/data';
import { Embedding, GRU, Linear, LSTM, Module, RNN } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

interface Meta {
  characters: TokenVocabularyData;
  sizes: {
    cell: 'gru' | 'lstm' | 'rnn';
    bidirectional: boolean;
    embedding: number;
    hidden: number;
  };
}

/** From the file's bytes, a function that puts capitals into a text in lower case. */
export async function readTruecaser(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { characters, sizes } = (about as { meta: Meta }).meta;
  const { cell, bidirectional, embedding, hidden } = sizes;
  const known = TokenVocabulary.fromJSON(characters);
  const Layers = { gru: GRU, lstm: LSTM, rnn: RNN }[cell];
  const device = await openDevice();
  const model = new (class extends Module {
    embedding = new Embedding(device, known.size, embedding);
    rnn = new Layers(device, embedding, hidden, { bidirectional });
    decoder = new Linear(device, this.rnn.outputSize, 2);
  })();
  model.loadStateDict(ofModel(tensors));
  return async (text: string): Promise<string> => {
    const letters = [...text];
    const classes = scope(() => {
      const ids = tensor(device, known.encode(letters), [letters.length, 1], { dtype: 'i32' });
      const { output } = model.rnn.run(model.embedding.forward(ids));
      return argmax(model.decoder.forward(reshape(output, [letters.length, -1])), 1);
    });
    const capitals = await classes.data();
    classes.dispose();
    return letters.map((letter, i) => (capitals[i] ? letter.toUpperCase() : letter)).join('');
  };
}
