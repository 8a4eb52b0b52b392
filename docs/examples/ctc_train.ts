/** Learns to read frames by CTC, on sounds made here: node ctc_train.ts */
import { ctcLoss, openDevice, Random } from 'lethe';
import type { Tensor } from 'lethe';
import { ctcBeamSearch } from 'lethe/ctc';
import { bucketBatches, hostArray, padVectors } from 'lethe/data';
import type { Batch } from 'lethe/data';
import { wordErrorRate } from 'lethe/metrics';
import { Linear, LSTM, Module } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { batchTensors, evalMode, Trainer } from 'lethe/train';

const LETTERS = 'abcdef';
const FEATURES = 8; // numbers in a frame
const LONGEST = 5; // labels in the longest target
const random = new Random(1);
const between = (low: number, high: number) =>
  low + Math.floor((high - low + 1) * random.uniform());

// Data: an utterance has the frames of some letters, each for 2 to 5 frames, with noise; nobody tells where they are.
const normals = () => Array.from({ length: FEATURES }, () => random.normal());
const sounds = Array.from(LETTERS, normals);
const noisy = (sound: readonly number[]) => {
  const noise = normals();
  return sound.map((value, i) => value + 0.5 * noise[i]);
};
const pause = sounds[0].map(() => 0);
function utterance() {
  const labels = Array.from({ length: between(1, LONGEST) }, () => between(1, LETTERS.length));
  const frames = labels.flatMap((label) => {
    const letter = Array.from({ length: between(2, 5) }, () => noisy(sounds[label - 1]));
    return [...letter, noisy(pause)];
  });
  return { frames, labels }; // [time][features], and classes: 1 is "a", 0 is left to the blank
}
const train = Array.from({ length: 400 }, utterance);
const test = Array.from({ length: 50 }, utterance);

type Utterance = ReturnType<typeof utterance>;

const batchesOf = (part: readonly Utterance[], shuffle: boolean) =>
  bucketBatches(part, {
    batchSize: 16,
    seed: 1,
    shuffle,
    maxShapes: 4, // a training step is recorded once for each
    lengthOf: ({ frames }) => frames.length,
    collate(some, [time]) {
      const { values, lengths } = padVectors(
        some.map(({ frames }) => frames),
        { time },
      );
      const padded = some.flatMap(({ labels }) => [
        ...labels,
        ...new Array<number>(LONGEST - labels.length).fill(0),
      ]);
      return {
        frames: values, // [time, batch, features]
        inputLengths: lengths,
        targets: hostArray(padded, 'i32', [some.length, LONGEST]),
        targetLengths: hostArray(
          some.map(({ labels }) => labels.length),
          'i32',
        ),
      };
    },
  });

const device = await openDevice('cpu'); // 'auto' takes a GPU, which larger models need
class Recogniser extends Module {
  lstm = new LSTM(device, FEATURES, 32, { bidirectional: true, random });
  decoder = new Linear(device, 2 * 32, 1 + LETTERS.length, { random });

  /** Logits, [time, batch, classes]. */
  forward(frames: Tensor, lengths: Tensor): Tensor {
    const [y] = this.lstm.forward(frames, undefined, { lengths });
    return this.decoder.forward(y);
  }
}
const model = new Recogniser();

const trainer = new Trainer(
  device,
  {
    model,
    batches: batchesOf(train, true),
    loss: ({ frames, targets, inputLengths, targetLengths }) =>
      ctcLoss(model.forward(frames, inputLengths), targets, { inputLengths, targetLengths }),
  },
  { optimizer: new Adam(model, { lr: 1e-2 }), clipNorm: 5 },
);
for await (const event of trainer.fit({ epochs: 8 })) {
  if (event.kind === 'report') console.log('epoch', event.epoch, 'loss', event.loss.toFixed(2));
}

/** The likeliest labels of each utterance of a batch. */
async function read({ frames, inputLengths }: Batch) {
  const logits = evalMode(model, () => {
    const inputs = batchTensors(device, { frames, inputLengths });
    return model.forward(inputs.frames, inputs.inputLengths);
  });
  const given = { shape: logits.shape, data: await logits.data() };
  logits.dispose();
  const found = ctcBeamSearch(given, { lengths: inputLengths.data, width: 10 });
  return found.map(([best]) => best.labels);
}
const batches = batchesOf(test, false);
const [found, right]: number[][][] = [[], []];
for (let i = 0; i < batches.perEpoch; i++) {
  found.push(...(await read(batches.batch(0, i))));
  right.push(...batches.examples(0, i).map(({ labels }) => labels));
}
const spell = (labels: readonly number[]) => labels.map((label) => LETTERS[label - 1]).join('');
console.log('heard', spell(found.at(-1)!), 'said', spell(right.at(-1)!));
console.log('label error rate', wordErrorRate(found, right).toFixed(3));
