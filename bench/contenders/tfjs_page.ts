// TensorFlow.js: a step of its core operations in one tidy, faster than its LSTM layer; the
// embedding as a matmul with one-hot rows, faster than a gather and its gradient.
import * as tf from '@tensorflow/tfjs';
import '@tensorflow/tfjs-backend-webgpu';

import type { Streams } from '../../src/text/index';
import type { Job, Turn } from '../types';
import { adapterName, initialWeights, makeStreams } from './model';

let job: Job;
let streams: Streams;
let optimizer: tf.Optimizer;
let state: tf.Tensor[];
const weights: Record<string, tf.Variable> = {};

/** x of [n, in] by a weight of [out, in]. */
function linear(x: tf.Tensor, weight: string, bias: string): tf.Tensor {
  return tf.matMul(x, weights[weight], false, true).add(weights[bias]);
}

function lstmStep(gx: tf.Tensor, gh: tf.Tensor, [, c]: tf.Tensor[]): tf.Tensor[] {
  const [i, f, g, o] = tf.split(gx.add(gh), 4, 1);
  const cell = f.sigmoid().mul(c).add(i.sigmoid().mul(g.tanh()));
  return [o.sigmoid().mul(cell.tanh()), cell];
}

function gruStep(gx: tf.Tensor, gh: tf.Tensor, [h]: tf.Tensor[]): tf.Tensor[] {
  const [xr, xz, xn] = tf.split(gx, 3, 1);
  const [hr, hz, hn] = tf.split(gh, 3, 1);
  const z = xz.add(hz).sigmoid();
  const n = xn.add(xr.add(hr).sigmoid().mul(hn)).tanh();
  return [n.add(z.mul(h.sub(n)))];
}

/** All steps of one layer: x of [time batch, hidden] to its outputs, and the state after. */
function runLayer(x: tf.Tensor, layer: number, before: tf.Tensor[]) {
  const projected = linear(x, `rnn.weight_ih_l${layer}`, `rnn.bias_ih_l${layer}`);
  const advance = job.cell === 'lstm' ? lstmStep : gruStep;
  const outputs: tf.Tensor[] = [];
  let after = before;
  for (const gx of tf.split(projected, job.seq, 0)) {
    const gh = linear(after[0], `rnn.weight_hh_l${layer}`, `rnn.bias_hh_l${layer}`);
    after = advance(gx, gh, after);
    outputs.push(after[0]);
  }
  return { output: tf.concat(outputs, 0), after };
}

function forward(ids: tf.Tensor): { logits: tf.Tensor; after: tf.Tensor[] } {
  const parts = state.length / job.layers;
  const after: tf.Tensor[] = [];
  let x = tf.matMul(tf.oneHot(ids, job.vocabulary), weights['embedding.weight']);
  for (let layer = 0; layer < job.layers; layer++) {
    const result = runLayer(x, layer, state.slice(layer * parts, (layer + 1) * parts));
    x = result.output;
    after.push(...result.after);
  }
  return { logits: linear(x, 'decoder.weight', 'decoder.bias'), after };
}

function update(gradients: Record<string, tf.Tensor>): void {
  const squares = Object.values(gradients).map((gradient) => gradient.square().sum());
  // Not by addN: with more than a few terms its kernel has too many buffers, and adds nothing.
  const norm = squares.reduce((sum, square) => sum.add(square)).sqrt();
  const scale = tf.minimum(tf.scalar(job.clip).div(norm.add(1e-6)), 1);
  const entries = Object.entries(gradients);
  const clipped = entries.map(([name, gradient]) => [name, gradient.mul(scale)] as const);
  optimizer.applyGradients(Object.fromEntries(clipped));
}

function resetState(): void {
  tf.dispose(state);
  const parts = job.layers * (job.cell === 'lstm' ? 2 : 1);
  state = Array.from({ length: parts }, () => tf.zeros([job.batch, job.hidden]));
}

/** @param backend `cpu` or `webgpu`. */
export async function begin(what: Job, backend: string): Promise<string> {
  job = what;
  if (!(await tf.setBackend(backend))) throw new Error(`TensorFlow.js finds no ${backend}`);
  await tf.ready();
  streams = makeStreams(job);
  for (const { name, shape, values } of await initialWeights(job)) {
    weights[name] = tf.variable(tf.tensor(values, shape), true, name);
  }
  optimizer = tf.train.adam(job.lr, 0.9, 0.999, 1e-8);
  state = [];
  resetState();
  return backend === 'webgpu' ? adapterName() : 'JavaScript, 1 thread';
}

async function trainStep(): Promise<number> {
  const window = streams.next();
  if (window.first) resetState();
  const loss = tf.tidy(() => {
    const ids = tf.tensor1d(window.inputs, 'int32');
    const labels = tf.oneHot(tf.tensor1d(window.targets, 'int32'), job.vocabulary);
    let next: tf.Tensor[] = [];
    const { value, grads } = tf.variableGrads(() => {
      const { logits, after } = forward(ids);
      next = after.map((part) => tf.keep(part));
      return tf.losses.softmaxCrossEntropy(labels, logits);
    });
    update(grads);
    tf.dispose(state);
    state = next;
    return value;
  });
  const [value] = await loss.data();
  loss.dispose();
  return value;
}

export async function turn(steps: number): Promise<Turn> {
  let loss = 0;
  const start = performance.now();
  for (let i = 0; i < steps; i++) loss += (await trainStep()) / steps;
  return { milliseconds: (performance.now() - start) / steps, loss };
}
