/** A loop of one's own goes on exactly where it stood: node own_loop.ts 40; then with more steps. */
import { readFile, writeFile } from 'node:fs/promises';

import { backward, crossEntropy, detach, dispose, Generator, openDevice, Random } from 'lethe';
import { reshape, scope, tensor } from 'lethe';
import type { GeneratorState, RandomState, Tensor } from 'lethe';
import { decodeSafetensors, encodeSafetensors } from 'lethe/io';
import { Embedding, encodeModule, Linear, loadModule, LSTM, Module } from 'lethe/nn';
import { Adam, cosine, warmup } from 'lethe/optim';

const [, , until = '40', folder = '.'] = process.argv;
const FILES = ['model.safetensors', 'optimizer.safetensors', 'state.safetensors', 'loop.json'];
const [MODEL, OPTIMIZER, STATE, LOOP] = FILES.map((file) => `${folder}/${file}`);
const [TIME, BATCH] = [16, 4];

const text = 'the river ran to the sea, and the sea ran to the shore. '.repeat(40);
const characters = [...new Set(text)];
const ids = Array.from(text, (character) => characters.indexOf(character));

interface Loop {
  step: number;
  generator: GeneratorState;
  order: RandomState;
  offset: number;
}
const kept = JSON.parse(await readFile(LOOP, 'utf8').catch(() => 'null')) as Loop | null;
const device = await openDevice('cpu');
// What dropout drops, and where the windows of an epoch begin, go on from where they stood.
const generator = new Generator(device, 7, kept?.generator);
const order = kept ? Random.from(kept.order) : new Random(3);

const random = new Random(1);
class Model extends Module {
  embedding = new Embedding(device, characters.length, 8, { random });
  // A layer that drops without a generator has one of its own, which cannot be kept.
  lstm = new LSTM(device, 8, 24, { numLayers: 2, dropout: 0.2, generator, random });
  decoder = new Linear(device, 24, characters.length, { random });
}
const model = new Model();
const optimizer = new Adam(model, { lr: 1e-2 });
let state: [Tensor, Tensor] | undefined; // h and c go from window to window, and are 0 at first
if (kept) {
  await loadModule(await readFile(MODEL), model);
  optimizer.loadStateDict(decodeSafetensors(await readFile(OPTIMIZER)).tensors);
  const { tensors } = decodeSafetensors(await readFile(STATE));
  const [h, c] = ['h', 'c'].map((name) => tensors.get(name)!);
  state = [tensor(device, h.data, h.shape), tensor(device, c.data, c.shape)];
}

const rate = warmup(10, cosine(100)); // a factor for each step: there is nothing of it to keep
// Each row has a part of the text: row b of the next window goes on where row b of this one ended.
const part = Math.floor((ids.length - TIME) / BATCH);
const perEpoch = Math.floor(part / TIME);
let offset = kept?.offset ?? 0;
for (let step = kept?.step ?? 0; step < Number(until); step++) {
  optimizer.lr = 1e-2 * rate(step);
  const index = step % perEpoch;
  if (index === 0) {
    offset = Math.floor(order.uniform() * TIME); // each epoch cuts in other places
    dispose(state);
    state = undefined;
  }
  /** [time, batch], one after another. */
  const windows = (shift: number) =>
    Array.from({ length: TIME }, (_, t) =>
      Array.from({ length: BATCH }, (_, b) => ids[offset + b * part + index * TIME + t + shift]),
    ).flat();
  const { loss, next } = scope(() => {
    const x = tensor(device, windows(0), [TIME, BATCH], { dtype: 'i32' });
    const [y, [h, c]] = model.lstm.forward(model.embedding.forward(x), state);
    const logits = reshape(model.decoder.forward(y), [TIME * BATCH, -1]);
    const targets = tensor(device, windows(1), [TIME * BATCH], { dtype: 'i32' });
    const made = crossEntropy(logits, targets);
    const carried: [Tensor, Tensor] = [detach(h), detach(c)];
    backward(made);
    optimizer.step({ maxNorm: 1 });
    optimizer.zeroGrad();
    return { loss: made, next: carried };
  });
  dispose(state);
  state = next;
  if ((step + 1) % 10 === 0) console.log('step', step + 1, 'loss', await loss.item());
  loss.dispose();
}

/** Tensors as a safetensors file. */
function file(
  named: Iterable<readonly [string, { shape: readonly number[]; data: ArrayLike<number> }]>,
) {
  const tensors = Array.from(named, ([name, { shape, data }]) => {
    return [name, { dtype: 'F32', shape, data: Float32Array.from(data) }] as const;
  });
  return encodeSafetensors(new Map(tensors));
}
const [h, c] = state!;
const parts = [
  ['h', { shape: h.shape, data: await h.data() }],
  ['c', { shape: c.shape, data: await c.data() }],
] as const;
await writeFile(MODEL, await encodeModule(model));
await writeFile(OPTIMIZER, file(await optimizer.stateDict()));
await writeFile(STATE, file(parts));
const loop: Loop = {
  step: Number(until),
  generator: generator.position,
  order: order.state,
  offset,
};
await writeFile(LOOP, JSON.stringify(loop));
