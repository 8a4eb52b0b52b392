// min-char-rnn: a vanilla recurrent network learns a text, character by character.
//
//   npm run min-char-rnn -- [FILE] [DEVICE] [ITERATIONS]
//
// The model and its settings are those of Andrej Karpathy's minimal example of that name (2015);
// the gradients come from the graph.
import { readFile } from 'node:fs/promises';

import * as lethe from 'lethe';
import { add, backward, crossEntropy, detach, linear, oneHot, scope, tanh, tensor } from 'lethe';
import type { DeviceKind, Tensor } from 'lethe';
import { normal, parameter } from 'lethe/nn';
import { Adagrad, clipGradValue } from 'lethe/optim';
import { Vocabulary } from 'lethe/text';
import { drawIndex } from 'lethe/train';

import { bundledText } from '../../src/text/bundled';

const HIDDEN = 100;
const STEPS = 25;
const LEARNING_RATE = 0.1;
const CLIP = 5;

const [file, kind = 'cpu', iterations = '10000'] = process.argv.slice(2);
const text = file ? await readFile(file, 'utf8').catch(refuse) : bundledText;
const vocabulary = Vocabulary.fromText(text);
const data = vocabulary.encode(text);
const V = vocabulary.size;

const device = await lethe.openDevice(kind as DeviceKind).catch(refuse);
const random = new lethe.Random(1);
const small = (...shape: number[]) => parameter(device, shape, normal(shape, 0.01, random));
const zero = (...shape: number[]) => parameter(device, shape, new Float32Array(shape[0]));

const Wxh = small(HIDDEN, V);
const Whh = small(HIDDEN, HIDDEN);
const Why = small(V, HIDDEN);
const bh = zero(HIDDEN);
const by = zero(V);
const parameters = { Wxh, Whh, Why, bh, by };
const optimizer = new Adagrad(Object.entries(parameters), { lr: LEARNING_RATE, eps: 1e-8 });

function refuse({ message }: Error): never {
  console.error(`${message}; npm run min-char-rnn -- [FILE] [DEVICE] [ITERATIONS]`);
  process.exit(2);
}

const id = (value: number): Tensor => tensor(device, [value], [1], { dtype: 'i32' });

/** h' = tanh(Wxh x + Whh h + bh) */
function step(x: Tensor, h: Tensor): Tensor {
  return tanh(add(add(linear(x, Wxh), linear(h, Whh)), bh));
}

/** y = Why h + by */
function output(h: Tensor): Tensor {
  return linear(h, Why, by);
}

/** The loss over STEPS characters from `start`, and the state after them, outside the graph. */
function learn(start: number, initial: Tensor): { loss: Tensor; h: Tensor } {
  return scope(() => {
    let h = initial;
    let loss: Tensor | undefined;
    for (let t = start; t < start + STEPS; t++) {
      h = step(oneHot(id(data[t]), V), h);
      const surprise = crossEntropy(output(h), id(data[t + 1]));
      loss = loss ? add(loss, surprise) : surprise;
    }
    const carried = detach(h);
    backward(loss!);
    clipGradValue(Object.values(parameters), CLIP);
    optimizer.step();
    optimizer.zeroGrad();
    return { loss: loss!, h: carried };
  });
}

/** `length` characters drawn from the model, from `first` on. */
async function write(first: number, initial: Tensor, length: number): Promise<string> {
  const ids: number[] = [];
  let h = detach(initial);
  for (let last = first; ids.length < length; ids.push(last)) {
    const next = lethe.noGrad(() =>
      scope(() => {
        const state = step(oneHot(id(last), V), h);
        return { state, y: output(state) };
      }),
    );
    h.dispose();
    h = next.state;
    last = drawIndex(await next.y.data(), 1, random);
    next.y.dispose();
  }
  h.dispose();
  return vocabulary.decode(ids);
}

console.log(`data has ${data.length} characters, ${V} unique.`);
let smoothLoss = Math.log(V) * STEPS;
let h = lethe.zeros(device, [1, HIDDEN]);
for (let n = 0, p = 0; n < Number(iterations); n++, p += STEPS) {
  if (p + STEPS + 1 >= data.length || n === 0) {
    p = 0;
    h.dispose();
    h = lethe.zeros(device, [1, HIDDEN]);
  }
  if (n % 100 === 0) {
    console.log(`----\n${await write(data[p], h, 200)}\n----`);
    console.log(`iter ${n}, loss: ${smoothLoss.toFixed(6)}`);
  }
  const result = learn(p, h);
  h.dispose();
  h = result.h;
  smoothLoss = 0.999 * smoothLoss + 0.001 * (await result.loss.item());
  result.loss.dispose();
}
device.dispose();
process.exit();
