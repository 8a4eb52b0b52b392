/** A model of one's own writes: an id is drawn from its logits, read, and the next one is drawn. */
import { dispose, openDevice, Random, reshape, tensor } from 'lethe';
import type { Tensor } from 'lethe';
import { Embedding, Linear, LSTM, Module } from 'lethe/nn';
import { drawIndex, evalMode } from 'lethe/train';

const device = await openDevice('cpu');
const random = new Random(1);
const IDS = 20;

class Model extends Module {
  embedding = new Embedding(device, IDS, 8, { random });
  lstm = new LSTM(device, 8, 32, { random });
  decoder = new Linear(device, 32, IDS, { random });
}
const model = new Model(); // untrained: await loadModule('model.safetensors', model)

const ids = [0]; // what it begins with
let state: [Tensor, Tensor] | undefined;
for (let i = 0; i < 10; i++) {
  const step = evalMode(model, () => {
    const x = tensor(device, ids.slice(-1), [1, 1], { dtype: 'i32' }); // [time, batch]
    const [y, next] = model.lstm.forward(model.embedding.forward(x), state);
    return { logits: reshape(model.decoder.forward(y), [IDS]), next };
  });
  ids.push(drawIndex(await step.logits.data(), 0.8, random, { topK: 10, topP: 0.95 })); // 0.8: the temperature
  dispose([step.logits, state]);
  state = step.next;
}
dispose(state);
console.log(ids.length, 'ids:', ids.join(' '));
