/** The state goes from batch to batch of a long series: truncated back-propagation through time, in a `Trainer`. */
import { assign, detach, mseLoss, openDevice, Random, zeros } from 'lethe';
import type { Tensor } from 'lethe';
import { hostArray } from 'lethe/data';
import { Linear, LSTM, Module } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { Trainer } from 'lethe/train';
import type { Task } from 'lethe/train';

const [TIME, BATCH, HIDDEN] = [8, 4, 16];
const device = await openDevice('cpu');

// Stands for yours: a target depends on more inputs than a window has.
const random = new Random(1);
let sum = 0;
const series = Array.from({ length: 3200 }, () => {
  const x = random.uniform() - 0.5;
  sum = 0.95 * sum + x;
  return { x, y: sum };
});

// Each row has a part of the series: row b of the next window goes on where row b of this one ended.
const part = Math.floor(series.length / BATCH);
function window(name: 'x' | 'y', index: number) {
  const steps = Array.from({ length: TIME }, (_, t) =>
    Array.from({ length: BATCH }, (_, b) => series[b * part + index * TIME + t][name]),
  );
  return hostArray(steps.flat(), 'f32', [TIME, BATCH, 1]); // [time, batch, features]
}
const batches = {
  perEpoch: Math.floor(part / TIME),
  batch: (_epoch: number, index: number) => ({ x: window('x', index), y: window('y', index) }),
};

/** @param carry false resets the state before each window. */
async function train(carry: boolean): Promise<number> {
  const random = new Random(2);
  class Model extends Module {
    lstm = new LSTM(device, 1, HIDDEN, { random });
    decoder = new Linear(device, HIDDEN, 1, { random });
  }
  const model = new Model();
  // Tensors that stay: a recorded step reads and writes the same ones each time.
  const [h, c] = ['h', 'c'].map(() => zeros(device, [1, BATCH, HIDDEN]));
  let last: Tensor[] = [];
  const task: Task = {
    model,
    batches,
    prepare(_batch, { index }) {
      if (carry && index > 0) return; // else an epoch begins, at the beginning of each part
      for (const tensor of [h, c]) tensor.write(new Float32Array(tensor.size));
    },
    loss({ x, y }) {
      const [output, next] = model.lstm.forward(x, [h, c]);
      last = next.map(detach); // no gradient goes back into the window before
      return mseLoss(model.decoder.forward(output), y);
    },
    finish() {
      [h, c].forEach((tensor, i) => assign(tensor, last[i]));
    },
    carried: new Map(Object.entries({ h, c })), // saveTraining keeps them, loadTraining fills them
  };
  const optimizer = new Adam(model, { lr: 1e-2 });
  const trainer = new Trainer(device, task, { optimizer, clipNorm: 1 });
  let loss = NaN;
  for await (const event of trainer.fit({ epochs: 10 })) {
    if (event.kind === 'report') ({ loss } = event);
  }
  return loss;
}
console.log('carried', (await train(true)).toFixed(4));
console.log('reset before each window', (await train(false)).toFixed(4));
