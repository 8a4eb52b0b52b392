import * as lethe from 'lethe';
import { backward, crossEntropy, matmul, openDevice, Random, reshape, scope, tensor } from 'lethe';
import * as ctc from 'lethe/ctc';
import * as data from 'lethe/data';
import * as inspect from 'lethe/inspect';
import * as io from 'lethe/io';
import * as metrics from 'lethe/metrics';
import * as nn from 'lethe/nn';
import { Embedding, Linear, LSTM } from 'lethe/nn';
import * as optim from 'lethe/optim';
import { Adam } from 'lethe/optim';
import * as text from 'lethe/text';
import * as train from 'lethe/train';

const [TIME, BATCH, VOCABULARY] = [4, 3, 7];

/**
 * The losses of a few steps that learn a row of numbers.
 *
 * @param {lethe.Device} device
 */
async function losses(device) {
  const random = new Random(1);
  const embedding = new Embedding(device, VOCABULARY, 8, { random });
  const lstm = new LSTM(device, 8, 16, { numLayers: 2, random });
  const decoder = new Linear(device, 16, VOCABULARY, { random });
  const modules = Object.entries({ embedding, lstm, decoder });
  const named = modules.flatMap(([name, module]) => [...module.namedParameters(`${name}.`)]);
  const optimizer = new Adam(named, { lr: 0.02 });
  const ids = Int32Array.from({ length: TIME * BATCH }, (_, i) => i % VOCABULARY);
  const targets = ids.map((id) => (id + BATCH) % VOCABULARY);
  const found = [];
  for (let step = 0; step < 5; step++) {
    const loss = scope(() => {
      const x = embedding.forward(tensor(device, ids, [TIME, BATCH], { dtype: 'i32' }));
      const [y] = lstm.forward(x);
      const logits = reshape(decoder.forward(y), [TIME * BATCH, VOCABULARY]);
      const result = crossEntropy(
        logits,
        tensor(device, targets, [TIME * BATCH], { dtype: 'i32' }),
      );
      backward(result);
      optimizer.step({ maxNorm: 5 });
      optimizer.zeroGrad();
      return result;
    });
    found.push(await loss.item());
    loss.dispose();
  }
  return found;
}

/**
 * Opens a device, and trains on it; what it is, or why there is none.
 *
 * @param {lethe.DeviceKind} kind
 */
async function tryDevice(kind) {
  try {
    const device = await openDevice(kind);
    const { description, reason } = device;
    const found = { kind: device.kind, description, reason, losses: await losses(device) };
    device.dispose();
    return found;
  } catch (error) {
    return { error: String(error) };
  }
}

export async function tryLethe() {
  return {
    // All entries, so that a bundle holds every one of them.
    names: [lethe, ctc, data, inspect, io, metrics, nn, optim, text, train].flatMap(Object.keys)
      .length,
    cpu: await tryDevice('cpu'),
    auto: await tryDevice('auto'),
    webgpu: await tryDevice('webgpu'),
  };
}

/** How many threads share products on the CPU that are large enough for three, once those have had the time to start. */
export async function largeProducts() {
  const device = await openDevice('cpu', { threads: 3 });
  const x = tensor(device, new Float32Array(256 ** 2).fill(0.5), [256, 256]);
  for (let i = 0; i < 20; i++) {
    await scope(() => matmul(x, x)).data();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  const { threads } = device;
  device.dispose();
  return threads;
}
