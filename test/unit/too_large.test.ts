/** A model that does not fit is refused by name, before anything is made. */
import { describe, expect, test } from 'vitest';

import { CpuBackend } from '../../src/backend/cpu/cpu_backend';
import { checkMemory } from '../../src/cli/memory';
import { ArgumentError, openDevice, OutOfMemoryError, Random, tensor } from '../../src/index';
import { Device } from '../../src/tensor/device';
import * as nn from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { CharTrainer, completeConfig } from '../../src/train/index';

/** A GPU's limit of a buffer, on the CPU. */
class SmallBackend extends CpuBackend {
  override readonly maxBufferBytes: number = 1000;
}

const cpu = await openDevice('cpu');
const small = new Device(new SmallBackend(), 'a test');

type Make = (device: Device, size: number, random: Random) => unknown;

const MODULES: Readonly<Record<string, readonly [parameter: string, make: Make]>> = {
  Linear: [
    'inFeatures = N, outFeatures = N: weight of [N, N]',
    (d, n, random) => new nn.Linear(d, n, n, { random }),
  ],
  Embedding: [
    'numEmbeddings = N, embeddingDim = N: weight of [N, N]',
    (d, n, random) => new nn.Embedding(d, n, n, { random }),
  ],
  MLP: [
    'inFeatures = N, outFeatures = N: weight of [N, N]',
    (d, n, random) => new nn.MLP(d, [n, n], { random }),
  ],
  RNN: [
    'inputSize = 1, hiddenSize = N: weight_hh of [N, N]',
    (d, n, random) => new nn.RNN(d, 1, n, { random }),
  ],
  GRU: [
    'inputSize = 1, hiddenSize = N: weight_hh of [3N, N]',
    (d, n, random) => new nn.GRU(d, 1, n, { random }),
  ],
  LSTM: [
    'inputSize = 1, hiddenSize = N: weight_hh of [4N, N]',
    (d, n, random) => new nn.LSTM(d, 1, n, { random }),
  ],
  LSTMCell: [
    'inputSize = N, hiddenSize = N: weight_ih of [4N, N]',
    (d, n, random) => new nn.LSTMCell(d, n, n, { random }),
  ],
};

describe.each([
  ['the CPU', cpu, 65_536],
  ['a device with small buffers', small, 16],
])('on %s', (_, device, size) => {
  test.each(Object.entries(MODULES))('%s', (_, [parameter, make]) => {
    const random = new Random(1);
    const before = [random.state, device.memory()];
    const call = () => make(device, size, random);
    expect(call).toThrow(OutOfMemoryError);
    const named = parameter.replace(/(\d?)N/g, (_, times: string) =>
      String(size * Number(times || 1)),
    );
    expect(call).toThrow(`${named} needs `);
    expect(call).toThrow(`takes ${device.backend.maxBufferBytes} in one buffer; use smaller sizes`);
    expect([random.state, device.memory()]).toEqual(before);
  });
});

test('what fits is made', () => {
  expect(new nn.Linear(small, 15, 16).weight.shape).toEqual([16, 15]);
});

test('one-hot vectors', () => {
  const ids = tensor(cpu, [0, 1], [2], { dtype: 'i32' });
  const { liveTensors } = cpu.memory();
  expect(() => new nn.OneHot(2 ** 30).forward(ids)).toThrow(
    'oneHot: size = 1073741824: the result of [2, 1073741824] needs 8589934592 bytes, and CPU takes',
  );
  expect(cpu.memory().liveTensors).toBe(liveTensors);
});

test('an optimiser, which takes all parameters as one', () => {
  const layers = new nn.Sequential(new nn.Linear(small, 10, 20), new nn.Linear(small, 20, 10));
  const { liveTensors } = small.memory();
  expect(() => new Adam(layers)).toThrow(OutOfMemoryError);
  expect(() => new Adam(layers)).toThrow(
    'Adam: 430 parameters: one tensor of all, which a step takes, of [430] needs 1720 bytes',
  );
  expect(small.memory().liveTensors).toBe(liveTensors);
});

test('layers that were made before memory ended are freed', () => {
  const { liveTensors } = cpu.memory();
  let left = 2;
  const kind: nn.CellKind = {
    name: 'gru',
    create(...given) {
      if (left-- === 0) throw new OutOfMemoryError('no more');
      return new nn.GRUCell(...given);
    },
  };
  expect(() => new nn.Recurrent(cpu, kind, 3, 4, { numLayers: 3 })).toThrow('no more');
  expect(cpu.memory().liveTensors).toBe(liveTensors);
});

test('initial values that the host cannot hold', () => {
  expect(() => nn.uniform([2 ** 20, 2 ** 20], 1, new Random(1))).toThrow(OutOfMemoryError);
  expect(() => nn.normal([2 ** 20, 2 ** 20], 1, new Random(1))).toThrow(
    /normal: 1099511627776 numbers/,
  );
});

test('a character model', () => {
  const text = 'the cat sat on the mat\n'.repeat(9);
  const call = () => new CharTrainer(cpu, text, { hidden: 65_536, batch: 1, seq: 5 });
  expect(call).toThrow(OutOfMemoryError);
  expect(call).toThrow(
    /hiddenSize = 65536: weight_hh of \[262144, 65536\] needs 68719476736 bytes/,
  );
});

test('the command line refuses weights that pass the memory, before a device is opened', () => {
  const config = completeConfig({ hidden: 65_536, layers: 2 });
  const call = () => checkMemory(config, 60, 16 * 2 ** 30);
  expect(call).toThrow(ArgumentError);
  expect(call).toThrow(
    /^hidden = 65536: with 2 layers, [\d,]+ weights take [\d,]+ MB, and this machine has 16,384 MB of memory; choose fewer units or layers$/,
  );
  expect(() => checkMemory(completeConfig({}), 60, 16 * 2 ** 30)).not.toThrow();
});
