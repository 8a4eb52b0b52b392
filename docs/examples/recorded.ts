/** A loop of one's own whose step is recorded once, then replayed on other batches: node recorded.ts */
import { backward, crossEntropy, Generator, openDevice, Random } from 'lethe';
import { reshape, scope, tensor } from 'lethe';
import type { Tensor } from 'lethe';
import { Dropout, Embedding, Linear, LSTM, Module } from 'lethe/nn';
import { Adam } from 'lethe/optim';

const [TIME, BATCH, CLASSES] = [16, 4, 12];

const device = await openDevice('cpu');
const random = new Random(1);
const generator = new Generator(device, 1); // of all dropout in the model
class Model extends Module {
  embedding = new Embedding(device, CLASSES, 8, { random });
  lstm = new LSTM(device, 8, 24, { random });
  dropout = new Dropout(0.1, generator);
  decoder = new Linear(device, 24, CLASSES, { random });
}
const model = new Model();
const optimizer = new Adam(model, { lr: 1e-2 });

/** Counts up from somewhere: inputs and targets, [time, batch]. */
function batch(): [number[], number[]] {
  const starts = Array.from({ length: BATCH }, () => Math.floor(CLASSES * random.uniform()));
  const ids = (shift: number) =>
    Array.from({ length: TIME }, (_, t) => starts.map((start) => (start + t + shift) % CLASSES));
  return [ids(0).flat(), ids(1).flat()];
}

// What the step reads: each replay writes its batch there.
const [ids, targets] = batch();
const x = tensor(device, ids, [TIME, BATCH], { dtype: 'i32' });
const y = tensor(device, targets, [TIME * BATCH], { dtype: 'i32' });

function trainStep(): Tensor {
  return scope(() => {
    const [h] = model.lstm.forward(model.embedding.forward(x));
    const logits = model.decoder.forward(model.dropout.forward(h));
    const loss = crossEntropy(reshape(logits, [TIME * BATCH, CLASSES]), y);
    backward(loss);
    optimizer.step({ maxNorm: 1 });
    optimizer.zeroGrad();
    return loss;
  });
}

trainStep().dispose(); // an optimiser makes its state at the first step, which no recording may
await device.tune(); // on a GPU: looks for the fastest kernels for what ran; on the CPU there is nothing to choose
const recorded = device.record(trainStep, [x, y]); // runs the step a second time

for (let step = 3; step <= 60; step++) {
  generator.advance(); // without it each replay would drop the same units
  recorded.replay(...batch());
  // Reading waits for the device: once in a while is enough.
  if (step % 20 === 0) console.log('step', step, 'loss', await recorded.result.item());
}
recorded.dispose();
