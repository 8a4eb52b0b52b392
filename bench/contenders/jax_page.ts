// jax-js: one jitted function for the whole step, unrolled in time (0.1.25 has no lax.scan). Splitting
// the projected sequence once is faster than slicing each step from it; jit takes no gather whose
// gradient scatters, so that the embedding is a matmul with one-hot rows.
import { defaultDevice, init, jit, lax, nn, numpy as np, valueAndGrad } from '@jax-js/jax';
import type { Array as JaxArray } from '@jax-js/jax';

import type { Streams } from '../../src/text/index';
import type { Job, Turn } from '../types';
import { adapterName, initialWeights, makeStreams } from './model';

type Arrays = Record<string, JaxArray>;
/** First and second moments, as Adam keeps them. */
interface Moments {
  m: Arrays;
  v: Arrays;
}
/** Parameters, moments and the carried state: what a step hands to the next. */
interface Carried {
  weights: Arrays;
  moments: Moments;
  state: JaxArray[];
}
interface Batch {
  ids: JaxArray;
  labels: JaxArray;
  /** The learning rate and the second moment's factor, both corrected for the start. */
  corrections: JaxArray;
}
type Step = (carried: Carried, batch: Batch) => { loss: JaxArray; next: Carried };

const BETA1 = 0.9;
const BETA2 = 0.999;
const EPSILON = 1e-8;

let job: Job;
let streams: Streams;
let step: Step;
let carried: Carried;
let count = 0;

/** x of [n, in] by a weight of [out, in]. */
function linear(x: JaxArray, weight: JaxArray): JaxArray {
  return lax.dot(x, weight, { lhsContractingDims: [1], rhsContractingDims: [1] });
}

function lstmStep(gx: JaxArray, gh: JaxArray, [, c]: JaxArray[]): JaxArray[] {
  const [i, f, g, o] = np.split(gx.add(gh), 4, 1);
  const cell = nn
    .sigmoid(f)
    .mul(c)
    .add(nn.sigmoid(i).mul(np.tanh(g)));
  return [nn.sigmoid(o).mul(np.tanh(cell.ref)), cell];
}

function gruStep(gx: JaxArray, gh: JaxArray, [h]: JaxArray[]): JaxArray[] {
  const [xr, xz, xn] = np.split(gx, 3, 1);
  const [hr, hz, hn] = np.split(gh, 3, 1);
  const z = nn.sigmoid(xz.add(hz));
  const n = np.tanh(xn.add(nn.sigmoid(xr.add(hr)).mul(hn)));
  return [n.ref.add(z.mul(h.sub(n)))];
}

/** All steps of one layer: x of [time batch, hidden] to its outputs, and the state after. */
function runLayer(x: JaxArray, weights: Arrays, layer: number, before: JaxArray[]) {
  const weight = weights[`rnn.weight_hh_l${layer}`];
  const bias = weights[`rnn.bias_hh_l${layer}`];
  const projected = linear(x, weights[`rnn.weight_ih_l${layer}`]).add(
    weights[`rnn.bias_ih_l${layer}`],
  );
  const advance = job.cell === 'lstm' ? lstmStep : gruStep;
  const outputs: JaxArray[] = [];
  let state = before;
  for (const gx of np.split(projected, job.seq, 0)) {
    // The GRU gives away the hidden state twice, the LSTM once.
    const h = job.cell === 'gru' ? state[0].ref : state[0];
    const gh = linear(h, weight.ref).add(bias.ref);
    state = advance(gx, gh, state);
    outputs.push(state[0].ref);
  }
  weight.dispose();
  bias.dispose();
  return { output: np.concatenate(outputs, 0), state };
}

function loss(weights: Arrays, before: JaxArray[], ids: JaxArray, labels: JaxArray) {
  const parts = before.length / job.layers;
  const state: JaxArray[] = [];
  let x = np.matmul(nn.oneHot(ids, job.vocabulary), weights['embedding.weight']);
  for (let layer = 0; layer < job.layers; layer++) {
    const own = before.slice(layer * parts, (layer + 1) * parts);
    const result = runLayer(x, weights, layer, own);
    x = result.output;
    state.push(...result.state);
  }
  const logits = linear(x, weights['decoder.weight']).add(weights['decoder.bias']);
  const chosen = nn.logSoftmax(logits, -1).mul(nn.oneHot(labels, job.vocabulary));
  const mean = chosen.sum().mul(-1 / (job.seq * job.batch));
  return [mean, state] as [JaxArray, JaxArray[]];
}

function clip(gradients: Arrays): Arrays {
  const squares = Object.values(gradients).map((gradient) => np.square(gradient.ref).sum());
  const norm = np.sqrt(squares.reduce((sum, square) => sum.add(square)));
  const scale = np.minimum(np.reciprocal(norm.add(1e-6)).mul(job.clip), 1);
  const entries = Object.entries(gradients);
  const clipped = entries.map(([name, gradient]) => [name, gradient.mul(scale.ref)] as const);
  scale.dispose();
  return Object.fromEntries(clipped);
}

function adam(weights: Arrays, gradients: Arrays, { m, v }: Moments, corrections: JaxArray) {
  const [rate, factor] = np.split(corrections, 2);
  const next: { weights: Arrays; moments: Moments } = { weights: {}, moments: { m: {}, v: {} } };
  for (const [name, gradient] of Object.entries(gradients)) {
    const mean = m[name].mul(BETA1).add(gradient.ref.mul(1 - BETA1));
    const square = v[name].mul(BETA2).add(np.square(gradient).mul(1 - BETA2));
    next.moments.m[name] = mean.ref;
    next.moments.v[name] = square.ref;
    const divisor = np.sqrt(square).mul(factor.ref).add(EPSILON);
    next.weights[name] = weights[name].sub(mean.mul(rate.ref).div(divisor));
  }
  rate.dispose();
  factor.dispose();
  return next;
}

function makeStep(): Step {
  const differentiate = valueAndGrad(loss, { hasAux: true });
  return jit(({ weights, moments, state: before }: Carried, batch: Batch) => {
    const { ids, labels, corrections } = batch;
    const entries = Object.entries(weights).map(([name, weight]) => [name, weight.ref] as const);
    const kept = Object.fromEntries(entries);
    const [[value, state], gradients] = differentiate(kept, before, ids, labels);
    const updated = adam(weights, clip(gradients), moments, corrections);
    return { loss: value, next: { ...updated, state } };
  });
}

function zeroState(): JaxArray[] {
  const parts = job.layers * (job.cell === 'lstm' ? 2 : 1);
  return Array.from({ length: parts }, () => np.zeros([job.batch, job.hidden]));
}

/** @param backend `wasm` or `webgpu`. */
export async function begin(what: Job, backend: string): Promise<string> {
  job = what;
  if (!(await init(backend)).includes(backend)) throw new Error(`jax-js finds no ${backend}`);
  defaultDevice(backend);
  streams = makeStreams(job);
  carried = { weights: {}, moments: { m: {}, v: {} }, state: zeroState() };
  for (const { name, shape, values } of await initialWeights(job)) {
    carried.weights[name] = np.array(values, { shape });
    carried.moments.m[name] = np.zeros(shape);
    carried.moments.v[name] = np.zeros(shape);
  }
  step = makeStep();
  if (backend === 'webgpu') return adapterName();
  const threads = self.crossOriginIsolated ? navigator.hardwareConcurrency : 1;
  return `WebAssembly, ${threads} thread${threads > 1 ? 's' : ''}`;
}

async function trainStep(): Promise<number> {
  const window = streams.next();
  if (window.first && count > 0) {
    for (const part of carried.state) part.dispose();
    carried.state = zeroState();
  }
  count++;
  const rates = [job.lr / (1 - BETA1 ** count), 1 / Math.sqrt(1 - BETA2 ** count)];
  const result = step(carried, {
    ids: np.array(window.inputs, { dtype: np.int32 }),
    labels: np.array(window.targets, { dtype: np.int32 }),
    corrections: np.array(new Float32Array(rates)),
  });
  carried = result.next;
  return (await result.loss.data())[0];
}

export async function turn(steps: number): Promise<Turn> {
  let loss = 0;
  const start = performance.now();
  for (let i = 0; i < steps; i++) loss += (await trainStep()) / steps;
  return { milliseconds: (performance.now() - start) / steps, loss };
}
