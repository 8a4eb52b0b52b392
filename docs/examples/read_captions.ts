/** A network that the page of shapes trained to describe pictures, in a program of your own. */
import { add, dispose, mul, openDevice, permute, reshape, scope, sub, tanh, tensor } from 'lethe';
import { TokenVocabulary } from 'lethe/data';
import type { TokenVocabularyData } from 'lethe/data';
import { Decoder, greedy, Linear, MLP, Module, parameter } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

type Meta = { vocabulary: TokenVocabularyData; longest: number };

/** Three by three patches of 8 x 8 pixels. */
const [ACROSS, PATCH] = [3, 8];

/** From the file's bytes, a function that describes a picture: [24, 24, 3] values from 0 to 1. */
export async function readCaptioner(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { vocabulary, longest } = (about as { meta: Meta }).meta;
  const words = TokenVocabulary.fromJSON(vocabulary);
  const device = await openDevice();
  const places = new Float32Array(ACROSS * ACROSS * 32);
  const model = new (class extends Module {
    patches = new MLP(device, [3 * PATCH * PATCH, 128, 32]);
    places = parameter(device, [ACROSS * ACROSS, 32], places);
    join = new Linear(device, places.length, 128);
    decoder = new Decoder(device, words.size, 32, 128, { attention: 'general', keySize: 32 });
  })();
  model.loadStateDict(ofModel(tensors));
  return async (pixels: readonly number[]): Promise<string> => {
    const { state, memory } = scope(() => {
      const rows = tensor(device, pixels, [1, ACROSS, PATCH, ACROSS, 3 * PATCH]);
      const cut = reshape(permute(rows, [0, 1, 3, 2, 4]), [1, ACROSS * ACROSS, -1]);
      const seen = add(model.patches.forward(mul(sub(cut, 0.2), 2)), model.places);
      return {
        state: reshape(tanh(model.join.forward(reshape(seen, [1, -1]))), [1, 1, -1]),
        memory: model.decoder.attention!.project(permute(seen, [1, 0, 2])),
      };
    });
    const [{ ids }] = await greedy(
      (given, before) => model.decoder.step(given, before, memory),
      [state],
      { begin: [words.bos], end: words.eos, maxLength: longest },
    );
    dispose([state, memory]);
    return words.decode(ids).join(' ');
  };
}
