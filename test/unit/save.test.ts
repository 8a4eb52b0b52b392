import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { afterAll, describe, expect, test } from 'vitest';

import { nodePlatform } from '../../src/backend/node_platform';
import { usePlatform } from '../../src/backend/platform';
import {
  ArgumentError,
  CheckpointError,
  NonFiniteError,
  openDevice,
  Random,
  tensor,
} from '../../src/index';
import type { LetheError } from '../../src/index';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/index';
import {
  Embedding,
  encodeModule,
  Linear,
  loadModule,
  LSTM,
  Module,
  saveModule,
} from '../../src/nn/index';
import type { ModuleSource } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { CharTrainer, markText, saveCheckpoint } from '../../src/train/index';
import { expectClose } from '../setup/fixtures';
import { formula } from '../setup/formula';
import { HIDDEN, INPUT, RECURRENT_CASES } from '../setup/recurrent_fixtures';

const device = await openDevice('cpu');

class Model extends Module {
  embedding: Embedding;
  lstm: LSTM;
  decoder: Linear;

  constructor(seed: number, hidden = 4) {
    super();
    const random = new Random(seed);
    this.embedding = new Embedding(device, 7, 3, { random });
    this.lstm = new LSTM(device, 3, hidden, { numLayers: 2, random });
    this.decoder = new Linear(device, hidden, 7, { random });
  }
}

const folder = mkdtempSync(join(tmpdir(), 'lethe-save-'));
const path = join(folder, 'model.safetensors');
const saved = new Model(1);
await saveModule(path, saved);
const bytes = new Uint8Array(readFileSync(path));

const server = createServer((request, response) => {
  if (request.url === '/model.safetensors') response.end(bytes);
  else response.writeHead(404).end('no such thing');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
afterAll(() => void server.close());

async function valuesOf(module: Module): Promise<Record<string, number[]>> {
  const entries = await Promise.all(
    Array.from(
      module.stateDict(),
      async ([name, value]) => [name, [...(await value.data())]] as [string, number[]],
    ),
  );
  return Object.fromEntries(entries);
}

async function refusal(call: () => unknown): Promise<LetheError> {
  try {
    await call();
  } catch (error) {
    return error as LetheError;
  }
  throw new Error('nothing was refused');
}

const SOURCES: Readonly<Record<string, () => ModuleSource | Promise<ModuleSource>>> = {
  'a path': () => path,
  'a file: URL': () => pathToFileURL(path),
  'a file: URL as text': () => pathToFileURL(path).href,
  'an http: URL': () => new URL(`${origin}/model.safetensors`),
  'an http: URL as text': () => `${origin}/model.safetensors`,
  'a Response': () => fetch(`${origin}/model.safetensors`),
  'a Blob': () => new Blob([bytes]),
  'an ArrayBuffer': () => bytes.buffer,
  bytes: () => bytes,
  'bytes within others': () => new Uint8Array([9, ...bytes, 9]).subarray(1, -1),
  'a DataView': () => new DataView(bytes.buffer),
};

test.each(Object.entries(SOURCES))('a module comes back from %s', async (_, source) => {
  const model = new Model(2);
  expect(await valuesOf(model)).not.toEqual(await valuesOf(saved));
  expect(await loadModule(await source(), model)).toBe(model);
  expect(await valuesOf(model)).toEqual(await valuesOf(saved));
});

test('the file has the names of the state, and is the bytes of encodeModule', async () => {
  expect(await encodeModule(saved)).toEqual(bytes);
  const { tensors } = decodeSafetensors(bytes);
  expect([...tensors.keys()].sort()).toEqual([...saved.stateDict().keys()].sort());
  expect(tensors.get('lstm.weight_hh_l1')).toMatchObject({ dtype: 'F32', shape: [16, 4] });
  expect(readdirSync(folder)).toEqual(['model.safetensors']);
});

test('f64 keeps its digits', async () => {
  const linear = new Linear(device, 2, 2, { dtype: 'f64' });
  const other = new Linear(device, 2, 2, { dtype: 'f64' });
  await loadModule(await encodeModule(linear), other);
  expect(await valuesOf(other)).toEqual(await valuesOf(linear));
});

test('a saved module is of one moment', async () => {
  const linear = new Linear(device, 2, 2);
  const before = await valuesOf(linear);
  const encoding = encodeModule(linear);
  linear.weight.write([9, 9, 9, 9]);
  const other = await loadModule(await encoding, new Linear(device, 2, 2));
  expect(await valuesOf(other)).toEqual(before);
});

test("PyTorch's nn.LSTM, as its safetensors file has it, computes the same", async () => {
  const { options, inputs, parameters, expected } = RECURRENT_CASES.find(
    ({ title }) =>
      title === 'LSTM numLayers=3 bias=true bidirectional=false projSize=0 lengths=none',
  )!;
  const tensors = Object.entries(parameters).map(([name, shape]) => {
    return [name, { dtype: 'F32', shape, data: formula(name, shape) }] as const;
  });
  const file = encodeSafetensors(new Map(tensors), { format: 'pt' });
  const lstm = new LSTM(device, INPUT, HIDDEN, { numLayers: options.numLayers });
  await loadModule(file, lstm);
  const [x, h0, c0] = Object.entries(inputs).map(([name, shape]) =>
    tensor(device, formula(name, shape), shape),
  );
  const [y] = lstm.forward(x, [h0, c0]);
  expectClose(await y.data(), expected.get('y')!, { atol: 1e-5, rtol: 1e-4, what: 'y' });
});

describe('refused', () => {
  const model = new Model(3);
  const optimizer = new Adam(model);
  const untyped = (value: unknown): never => value as never;

  test.each<[string, new () => LetheError, RegExp, () => unknown]>([
    [
      'a file that is not there',
      CheckpointError,
      /^cannot read .*missing\.safetensors: it does not exist$/,
      () => loadModule(join(folder, 'missing.safetensors'), model),
    ],
    [
      'a folder',
      CheckpointError,
      /cannot read .*: it is a folder/,
      () => loadModule(folder, model),
    ],
    [
      'a folder that is not there',
      CheckpointError,
      /cannot write .*no[/\\]model.*: there is no folder .*no; make it/,
      () => saveModule(join(folder, 'no', 'model.safetensors'), model),
    ],
    [
      'a URL that is not there',
      CheckpointError,
      /^cannot fetch http:.*\/other: the server answers 404$/,
      () => loadModule(`${origin}/other`, model),
    ],
    [
      'a Response that failed',
      CheckpointError,
      /^cannot fetch http:.*\/other: the server answers 404$/,
      async () => loadModule(await fetch(`${origin}/other`), model),
    ],
    [
      'a server that is not there',
      CheckpointError,
      /^cannot fetch http:\/\/127\.0\.0\.1:1\/x: /,
      () => loadModule('http://127.0.0.1:1/x', model),
    ],
    [
      'a damaged file',
      CheckpointError,
      /^the file is cut off/,
      () => loadModule(bytes.subarray(0, 100), model),
    ],
    [
      'a file of torch.save',
      CheckpointError,
      /^the file is a zip file, as PyTorch's .pt and .pth are: .*save_file\(/,
      () => loadModule(new TextEncoder().encode('PK\x03\x04\0\0\x08\x08 archive/data.pkl'), model),
    ],
    [
      'a page of HTML',
      CheckpointError,
      /not a safetensors file/,
      () => loadModule(new Blob(['<!doctype html><title>x</title>']), model),
    ],
    [
      'another model',
      CheckpointError,
      /model\.safetensors does not fit: .*lstm\.weight_hh_l0 has shape \[16, 4\], the model \[20, 5\]/,
      () => loadModule(path, new Model(1, 5)),
    ],
    [
      'the module first',
      ArgumentError,
      /^saveModule: target = an object of Model; a path is needed first/,
      () => saveModule(untyped(model), untyped(path)),
    ],
    [
      'no module',
      ArgumentError,
      /^saveModule: module = undefined; give the module itself/,
      () => saveModule(path, untyped(undefined)),
    ],
    [
      'several modules',
      ArgumentError,
      /^encodeModule: module = a plain object; .*a class that extends Module/,
      () => encodeModule(untyped({ model })),
    ],
    [
      'an optimiser',
      ArgumentError,
      /^saveModule: module = an object of Adam; give the module that it updates/,
      () => saveModule(path, untyped(optimizer)),
    ],
    [
      'no source',
      ArgumentError,
      /^loadModule: source = undefined; a path, a URL/,
      () => loadModule(untyped(undefined), model),
    ],
    [
      'the module first, on the way back',
      ArgumentError,
      /^loadModule: module = .*model\.safetensors; give the module itself/,
      () => loadModule(untyped(model), untyped(path)),
    ],
    [
      "a state's tensors",
      CheckpointError,
      /^tensor "embedding\.weight" is a Tensor of a device.*saveModule and encodeModule/,
      () => encodeSafetensors(untyped(model.stateDict())),
    ],
    [
      'a module for encodeSafetensors',
      CheckpointError,
      /^tensor "training" = true; \{ dtype, shape, data \} is needed/,
      () => encodeSafetensors(untyped(model)),
    ],
    [
      'an ArrayBuffer for decodeSafetensors',
      ArgumentError,
      /bytes = an object of ArrayBuffer; a Uint8Array is needed/,
      () => decodeSafetensors(untyped(bytes.buffer)),
    ],
  ])('%s', async (_, type, message, call) => {
    const before = await valuesOf(model);
    const error = await refusal(call);
    expect(error).toBeInstanceOf(type);
    expect(error.message).toMatch(message);
    expect(await valuesOf(model)).toEqual(before);
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  });

  test('a NaN, and the file before stays', async () => {
    const broken = new Model(4);
    broken.decoder.bias!.write([0, 0, NaN, 0, 0, 0, 0]);
    const error = await refusal(() => saveModule(path, broken));
    expect(error).toBeInstanceOf(NonFiniteError);
    expect(error.message).toBe('saveModule: NaN or infinity in decoder.bias; nothing is saved');
    expect(new Uint8Array(readFileSync(path))).toEqual(bytes);
  });

  test('a checkpoint of a character model, with the way to read it', async () => {
    const story = 'the cat sat on the mat\n'.repeat(9);
    const trainer = new CharTrainer(device, story, { hidden: 4, batch: 1, seq: 5 });
    const file = join(folder, 'checkpoint.safetensors');
    writeFileSync(file, await saveCheckpoint(trainer, markText(story, 'story')));
    const { message } = await refusal(() => loadModule(file, model));
    expect(message).toMatch(/does not fit: .*loadModel of lethe\/train reads this checkpoint$/);
  });

  test('a file in a page, which has none; a text is a URL there', async () => {
    const { files: _, ...page } = nodePlatform;
    usePlatform(page);
    try {
      const error = await refusal(() => saveModule('model.safetensors', model));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toMatch(/no files here .*model\.safetensors.*encodeModule\(module\)/);
      await loadModule(`${origin}/model.safetensors`, new Model(5));
      const missing = await refusal(() => loadModule(`${origin}/none`, model));
      expect(missing.message).toMatch(/the server answers 404/);
    } finally {
      usePlatform(nodePlatform);
    }
  });
});
