/** A tagger of words that the page of shapes trained, in a program of your own. */
import { argmax, cat, openDevice, reshape, scope, tensor } from 'lethe';
import { TokenVocabulary } from 'lethe/data';
import type { TokenVocabularyData } from 'lethe/data';
import { Embedding, GRU, Linear, LSTM, Module, RNN } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

type Meta = Readonly<Record<'words' | 'endings' | 'tags', TokenVocabularyData>>;

/** The last three letters, behind a mark where the word has a capital. */
const endingOf = (word: string): string => {
  const small = word.toLowerCase();
  return (small === word ? '' : '^') + small.replace(/\d/g, '0').slice(-3);
};

/** From the file's bytes, a function that gives the tag of each word of a sentence. */
export async function readTagger(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { meta } = about as { meta: Meta };
  const [words, endings, tags] = [meta.words, meta.endings, meta.tags].map((data) =>
    TokenVocabulary.fromJSON(data),
  );
  const weights = ofModel(tensors);
  // The matrix of all gates tells which cell it is: an RNN has one, a GRU three, an LSTM four.
  const [rows, hidden] = weights.get('rnn.weight_hh_l0')!.shape;
  const Layers = { 1: RNN, 3: GRU, 4: LSTM }[rows / hidden]!;
  const bidirectional = weights.has('rnn.weight_hh_l0_reverse');
  const device = await openDevice();
  const model = new (class extends Module {
    words = new Embedding(device, words.size, 64);
    endings = new Embedding(device, endings.size, 16);
    rnn = new Layers(device, 64 + 16, hidden, { bidirectional });
    decoder = new Linear(device, this.rnn.outputSize, tags.size);
  })();
  model.loadStateDict(weights);
  return async (sentence: readonly string[]): Promise<string[]> => {
    const column = (ids: readonly number[]) =>
      tensor(device, ids, [ids.length, 1], { dtype: 'i32' });
    const best = scope(() => {
      const read = [
        model.words.forward(column(words.encode(sentence.map((word) => word.toLowerCase())))),
        model.endings.forward(column(endings.encode(sentence.map(endingOf)))),
      ];
      const { output } = model.rnn.run(cat(read, 2));
      return argmax(model.decoder.forward(reshape(output, [sentence.length, -1])), 1);
    });
    const ids = await best.data();
    best.dispose();
    return tags.decode(Array.from(ids));
  };
}
