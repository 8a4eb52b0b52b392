/** A reader of digits that the page of shapes trained, in a program of your own. */
import { openDevice, scope, softmax, tensor } from 'lethe';
import { Linear, Module } from 'lethe/nn';
import { ofModel, readTrainingFile } from 'lethe/train';

/** From the file's bytes, a function that gives the probability of each digit, of a square of grey values. */
export async function readDigits(bytes: Uint8Array) {
  const { about, tensors } = readTrainingFile(bytes);
  const { size } = (about as { meta: { size: number } }).meta;
  const device = await openDevice();
  const model = new (class extends Module {
    first = new Linear(device, size * size, 128, { activation: 'relu' });
    second = new Linear(device, 128, 64, { activation: 'relu' });
    last = new Linear(device, 64, 10);
  })();
  model.loadStateDict(ofModel(tensors));
  /** @param pixels row by row from the top, each from 0 to 1 */
  return async (pixels: readonly number[]): Promise<number[]> => {
    const probabilities = scope(() => {
      const x = tensor(device, pixels, [1, size * size]);
      return softmax(model.last.forward(model.second.forward(model.first.forward(x))), 1);
    });
    const values = await probabilities.data();
    probabilities.dispose();
    return Array.from(values);
  };
}
