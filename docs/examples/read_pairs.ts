/** An encoder and decoder that the page of shapes trained (dates, sounds, sums), in a program of your own. */
import { openDevice, tensor } from 'lethe';
import { TokenVocabulary } from 'lethe/data';
import type { TokenVocabularyData } from 'lethe/data';
import { Decoder, Encoder, EncoderDecoder } from 'lethe/nn';
import type { AttentionKind, CellName } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

interface Meta {
  source: TokenVocabularyData;
  target: TokenVocabularyData;
  maxLength: number;
  sizes: {
    cell: CellName;
    embedding: number;
    hidden: number;
    attention?: AttentionKind;
    bidirectional?: boolean;
  };
}

/** From the file's bytes, a function that writes the one sequence for the other. */
export async function readPairs(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { source, target, maxLength, sizes } = (about as { meta: Meta }).meta;
  const { cell, embedding, hidden, attention, bidirectional = true } = sizes;
  const [read, written] = [source, target].map((data) => TokenVocabulary.fromJSON(data));
  const device = await openDevice();
  const encoder = new Encoder(device, read.size, embedding, hidden, { cell, bidirectional });
  const looks = attention && { attention, keySize: encoder.outputSize };
  const decoder = new Decoder(device, written.size, embedding, hidden, { cell, ...looks });
  const model = new EncoderDecoder(encoder, decoder).eval();
  model.loadStateDict(ofModel(tensors));
  return async (tokens: readonly string[]): Promise<string[]> => {
    const ids = tensor(device, read.encode(tokens), [tokens.length, 1], { dtype: 'i32' });
    const options = { begin: written.bos, end: written.eos, maxLength };
    const [found] = await model.generate(ids, options);
    ids.dispose();
    return written.decode(found.ids);
  };
}
