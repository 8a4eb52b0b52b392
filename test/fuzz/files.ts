/** Files that are read back whole, and what reads each of them. */
import { decodeRunFile, encodeRunFile } from '../../demos/train/run_file';
import { EMPTY } from '../../demos/train/journal';
import { openDevice, Random, sum } from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { encodeSafetensors } from '../../src/io/index';
import { encodeModule, loadModule, LSTM } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import {
  CharTrainer,
  loadModel,
  loadTraining,
  markText,
  readCheckpoint,
  resumeTraining,
  sampleText,
  saveCheckpoint,
  saveTraining,
  Trainer,
} from '../../src/train/index';

type Bytes = Uint8Array<ArrayBuffer>;

export interface Original {
  readonly name: string;
  readonly bytes: Bytes;
  /** Reads the file, and uses what it has read. Throws what its readers throw. */
  readonly read: (bytes: Bytes, device: Device) => Promise<void>;
}

const TEXT = 'A river, a ferry; nobody remembers. '.repeat(6);
const SETTINGS = { hidden: 3, layers: 2, embedding: 2, batch: 2, seq: 5, dropout: 0.2 } as const;

/** A model of any task. */
function tinyTrainer(device: Device): Trainer {
  const model = new LSTM(device, 2, 3, { random: new Random(1) });
  const data = Float32Array.from({ length: 12 }, (_, i) => Math.sin(i));
  const batches = { perEpoch: 4, batch: () => ({ x: { shape: [3, 2, 2], data } }) };
  const loss = ({ x }: { x: Tensor }): Tensor => sum(model.forward(x)[0]);
  return new Trainer(device, { model, batches, loss }, { optimizer: new Adam(model) });
}

function disposeTrainer(trainer: Trainer): void {
  trainer.dispose();
  trainer.optimizer.dispose();
  trainer.model.dispose();
}

/** Every type that is read, those that Lethe does not write among them. */
function allTypes(): Bytes {
  const sizes = { F64: 8, I64: 8, F32: 4, I32: 4, U32: 4, F16: 2, BF16: 2 };
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } };
  let at = 0;
  for (const [dtype, size] of Object.entries(sizes)) {
    header[dtype.toLowerCase()] = { dtype, shape: [2, 3], data_offsets: [at, at + 6 * size] };
    at += 6 * size;
  }
  const json = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(8 + json.length + at);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  const random = new Random(5);
  for (let i = 8 + json.length; i < bytes.length; i++) bytes[i] = random.bits() & 0x3f;
  // I64 that fit into 32 bits: the upper halves are 0.
  const longs = 8 + json.length + 6 * sizes.F64;
  for (let i = 0; i < 6; i++) bytes.fill(0, longs + 8 * i + 4, longs + 8 * i + 8);
  return bytes;
}

async function readCharacters(bytes: Bytes, device: Device): Promise<void> {
  const checkpoint = readCheckpoint(bytes);
  const { model, vocabulary } = loadModel(device, checkpoint);
  try {
    await sampleText(model, vocabulary, { length: 3, seed: 1 });
  } finally {
    model.dispose();
  }
  const trainer = resumeTraining(device, TEXT, checkpoint);
  try {
    await trainer.trainStep();
    await trainer.report();
  } finally {
    trainer.dispose();
  }
}

async function readAnyTraining(bytes: Bytes, device: Device): Promise<void> {
  const trainer = tinyTrainer(device);
  try {
    loadTraining(trainer, bytes);
    await trainer.trainStep();
    await trainer.report();
  } finally {
    disposeTrainer(trainer);
  }
}

/** The files, made on a device of their own. */
export async function originals(): Promise<Original[]> {
  const device = await openDevice('cpu', { threads: 1 });
  const trainer = new CharTrainer(device, TEXT, SETTINGS);
  for (let step = 0; step < 3; step++) await trainer.trainStep();
  await trainer.report();
  const mark = markText(TEXT, 'a text');
  const checkpoint = await saveCheckpoint(trainer, mark, { valLoss: 2 });
  const best = { step: trainer.step, loss: 2, checkpoint };
  const any = tinyTrainer(device);
  await any.trainStep();
  const module = new LSTM(device, 2, 3, { numLayers: 2 });
  const sample = {
    id: 1,
    step: 1,
    automatic: true,
    temperature: 1,
    prime: '',
    text: 'a',
    done: true,
  };
  const run = encodeRunFile({
    ...{ checkpoint, best, mark, step: trainer.step, source: { name: 'a text', text: TEXT } },
    settings: { train: trainer.config, device: 'cpu', temperature: 0.8, stopAfter: 0 },
    journal: {
      ...EMPTY,
      points: [{ step: 1, loss: 3, smoothed: 3, validation: null }],
      samples: [{ ...sample, scores: [{ character: 'a', probability: 1, likeliest: [['a', 1]] }] }],
    },
  });
  const files: Original[] = [
    { name: 'safetensors of all types', bytes: allTypes(), read: () => Promise.resolve() },
    {
      name: 'safetensors without tensors',
      bytes: encodeSafetensors({}, { a: 'b' }),
      read: () => Promise.resolve(),
    },
    { name: 'checkpoint', bytes: checkpoint, read: readCharacters },
    {
      name: 'training',
      bytes: await saveTraining(any, { words: ['a', 'b'] }),
      read: readAnyTraining,
    },
    {
      name: 'module',
      bytes: await encodeModule(module),
      async read(bytes, on) {
        const other = new LSTM(on, 2, 3, { numLayers: 2 });
        try {
          await loadModule(bytes, other);
        } finally {
          other.dispose();
        }
      },
    },
    {
      name: 'run of the studio',
      bytes: run,
      async read(bytes, on) {
        const read = decodeRunFile(bytes, 'run');
        await readCharacters(read.checkpoint, on);
        if ('best' in read && read.best) await readCharacters(read.best.checkpoint, on);
      },
    },
  ];
  device.dispose();
  return files;
}
