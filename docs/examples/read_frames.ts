/** A network that the page of shapes trained to label the frames of a clip, in a program of your own. */
import { argmax, openDevice, reshape, scope, tensor } from 'lethe';
import { GRU, Linear, LSTM, Module, RNN } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

/** Grey values of 16 x 16 pixels, from 0 to 1. */
const PIXELS = 256;

/** From the file's bytes, a function that labels frames, each a list of its pixels, row by row from the top. */
export async function readWatcher(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { labels } = (about as { meta: { labels: string[] } }).meta;
  const weights = ofModel(tensors);
  // The matrix of all gates tells which cell it is: an RNN has one, a GRU three, an LSTM four.
  const [rows, hidden] = weights.get('rnn.weight_hh_l0')!.shape;
  const Layers = { 1: RNN, 3: GRU, 4: LSTM }[rows / hidden]!;
  const bidirectional = weights.has('rnn.weight_hh_l0_reverse');
  const device = await openDevice();
  const model = new (class extends Module {
    encoder = new Linear(device, PIXELS, hidden, { activation: 'relu' });
    rnn = new Layers(device, hidden, hidden, { bidirectional });
    decoder = new Linear(device, this.rnn.outputSize, labels.length);
  })();
  model.loadStateDict(weights);
  return async (frames: readonly (readonly number[])[]): Promise<string[]> => {
    const best = scope(() => {
      const x = tensor(device, frames.flat(), [frames.length, 1, PIXELS]);
      const { output } = model.rnn.run(model.encoder.forward(x));
      return argmax(model.decoder.forward(reshape(output, [frames.length, -1])), 1);
    });
    const ids = await best.data();
    best.dispose();
    return Array.from(ids, (id) => labels[id]);
  };
}
