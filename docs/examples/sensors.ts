/** Recordings of sensors: several channels, unequal lengths, gaps (NaN); a number is learnt for each step. */
import { writeFile } from 'node:fs/promises';

import { mseLoss, openDevice, Random } from 'lethe';
import type { Tensor } from 'lethe';
import { fixedBatches, hostArray, padVectors, StandardScaler } from 'lethe/data';
import { encodeModule, Linear, LSTM, Module } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { batchTensors, evalMode, Trainer } from 'lethe/train';

const [, , folder = '.'] = process.argv;
const random = new Random(1);

/** Stands for yours: three channels, one silent now and then; the target is a mean of the last two steps. */
function record() {
  const time = 20 + Math.floor(30 * random.uniform());
  const clean = Array.from({ length: time }, () =>
    [20, 1000, 0.5].map((x) => x * random.uniform()),
  );
  const targets = clean.map(([x], t) => [(x + clean[Math.max(t - 1, 0)][0]) / 40]);
  const rows = clean.map((row) => row.map((x) => (random.uniform() < 0.1 ? NaN : x)));
  return { rows, targets };
}
const [train, held] = [200, 40].map((count) => Array.from({ length: count }, record));

// One scaler, of all rows to train on that are complete. It refuses NaN, as padVectors does.
const rows = train.flatMap((recording) => recording.rows);
const scaler = StandardScaler.fit(rows.filter((row) => row.every(Number.isFinite)));
const { offset } = scaler.data;

/** A gap is the channel's mean, which is scaled to 0; a second channel of 0 and 1 tells where one was. */
function fill(rows: readonly (readonly number[])[]): number[][] {
  const filled = rows.map((row) => row.map((x, i) => (Number.isNaN(x) ? offset[i] : x)));
  const gaps = rows.map((row) => row.map((x) => Number(Number.isNaN(x))));
  return scaler.transform(filled).map((row, t) => [...row, ...gaps[t]]);
}

function collate(recordings: readonly ReturnType<typeof record>[]) {
  const { values: x, lengths, mask } = padVectors(recordings.map(({ rows }) => fill(rows)));
  const { values: y } = padVectors(recordings.map(({ targets }) => targets));
  return { x, y, lengths, mask: hostArray(mask.data, 'f32', y.shape) }; // [time, batch, 1]
}

const device = await openDevice('cpu');
class Model extends Module {
  lstm = new LSTM(device, 2 * offset.length, 32, { random });
  decoder = new Linear(device, 32, 1, { random });
  loss({ x, y, lengths, mask }: Record<keyof ReturnType<typeof collate>, Tensor>): Tensor {
    const [h] = this.lstm.forward(x, undefined, { lengths });
    return mseLoss(this.decoder.forward(h), y, { mask }); // of steps, not of padding
  }
}
const model = new Model();

async function measure(): Promise<number> {
  const loss = evalMode(model, () => model.loss(batchTensors(device, collate(held))));
  const value = await loss.item();
  loss.dispose();
  return value;
}
const batches = fixedBatches(train, { batchSize: 20, seed: 1, collate });
const task = { model, batches, loss: (batch: Parameters<Model['loss']>[0]) => model.loss(batch) };
const trainer = new Trainer(device, task, {
  optimizer: new Adam(model, { lr: 1e-2 }),
  clipNorm: 1,
});
console.log('before', (await measure()).toFixed(4));
for await (const event of trainer.fit({ epochs: 10 })) void event;
console.log('after', (await measure()).toFixed(4));

await writeFile(`${folder}/model.safetensors`, await encodeModule(model)); // or saveModule
await writeFile(`${folder}/scaler.json`, JSON.stringify(scaler)); // Scaler.fromJSON(JSON.parse(...)) in the page
