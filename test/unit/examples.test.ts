/** The examples of docstrings compile against what the package exports, run, and print what they say. */
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { format } from 'node:util';

import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import { nodePlatform } from '../../src/backend/node_platform';
import { usePlatform } from '../../src/backend/platform';
import { openDevice } from '../../src/index';
import { CharTrainer, saveCheckpoint } from '../../src/train/index';
import {
  allExamples,
  compileErrors,
  examplesOf,
  toldLines,
  writeExamples,
} from '../setup/examples';

/** Exports that need one: those that users meet first. */
const REQUIRED = [
  ...['openDevice', 'tensor', 'scope', 'matmul', 'crossEntropy', 'ctcLoss', 'backward'],
  ...['LSTM', 'GRU', 'RNN', 'Linear', 'Embedding', 'Module', 'defineCell'],
  ...['Decoder', 'EncoderDecoder', 'greedy', 'beamSearch', 'saveModule', 'loadModule'],
  ...['Adam', 'SGD', 'clipGradNorm', 'Trainer', 'CharTrainer', 'CharModel', 'evalMode'],
  ...['sample', 'sampleText', 'drawIndex', 'readWriter', 'Vocabulary', 'TokenVocabulary'],
  ...['padSequences', 'bucketBatches', 'ctcGreedy', 'ctcBeamSearch', 'train', 'resumeTraining'],
  ...['Recurrent', 'saveTraining', 'loadTraining', 'loadModel', 'evaluate', 'mseLoss'],
  ...['noGrad', 'detach', 'CRF', 'Attention', 'traceCells', 'decodeSafetensors', 'parseCsv'],
];

const cache = resolve('.cache/examples');
const examples = await allExamples();
const files = await writeExamples(join(cache, 'src'), examples);
const root = process.cwd();
let folder: string;

beforeAll(async () => {
  // No example is to look for the GPU of this machine.
  usePlatform({ ...nodePlatform, findGpu: async () => ({ reason: 'not in a test of the CPU' }) });
  folder = await mkdtemp(join(tmpdir(), 'lethe-'));
  const device = await openDevice('cpu');
  const text = 'the river ran to the sea, and the sea ran to the shore.\n'.repeat(10);
  const trainer = new CharTrainer(device, text, { hidden: 8, batch: 2, seq: 8 });
  await writeFile(join(folder, 'checkpoint.safetensors'), await saveCheckpoint(trainer));
  trainer.dispose();
  device.dispose();
});

afterAll(async () => {
  usePlatform(nodePlatform);
  await rm(folder, { recursive: true });
});

afterEach(() => {
  process.chdir(root);
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

test('the exports that users meet first have one', () => {
  const owners = new Set(examples.map(({ owner }) => owner));
  expect(REQUIRED.filter((name) => !owners.has(name))).toEqual([]);
});

test('each imports what it is an example of', () => {
  const others = examples.filter(({ owner, code }) => {
    return !new RegExp(`^import .*\\b${owner}\\b.* from 'lethe`, 'm').test(code);
  });
  expect(others).toEqual([]);
});

test('none asks for Node: they stand in scripts that pages load', () => {
  expect(examples.filter(({ code }) => /\bnode:|\bprocess\??\./.test(code))).toEqual([]);
});

test('none is overlooked', async () => {
  const names = (await readdir('src', { recursive: true })).filter((name) => name.endsWith('.ts'));
  const sources = await Promise.all(names.map((name) => readFile(join('src', name), 'utf8')));
  expect(sources.join('').match(/@example/g)).toHaveLength(examples.length);
});

test('all compile', async () => {
  expect(await compileErrors(files)).toEqual([]);
});

test('one that does not would be found', async () => {
  const source = `
/**
 * Nothing.
 *
 * @example
 * \`\`\`ts
 * import { zeros } from 'lethe';
 * import { matmul, openDevice } from 'lethe/ops';
 * import { LSTM, nothing } from 'lethe/nn';
 *
 * const hidden: string = 5;
 * new LSTM(await openDevice(), 3);
 * \`\`\`
 */
export class LSTM {}`;
  const found = examplesOf('src/nn/nothing.ts', source);
  expect(found.map(({ owner }) => owner)).toEqual(['LSTM']);
  const errors = await compileErrors(await writeExamples(join(cache, 'broken'), found));
  expect(errors.join('\n')).toMatch(/'zeros' is declared but its value is never read/);
  expect(errors.join('\n')).toMatch(/Cannot find module 'lethe\/ops'/);
  expect(errors.join('\n')).toMatch(/no exported member 'nothing'/);
  expect(errors.join('\n')).toMatch(/hidden: string = 5;: Type 'number'/);
  expect(errors.join('\n')).toMatch(/LSTM\(await openDevice\(\), 3\);: Expected/);
  expect(() => examplesOf('a.ts', source.replaceAll('```ts', '```'))).toThrow('no block of ts');
});

test.each(examples.map(({ owner }, i) => [owner, i] as const))('%s', async (_, i) => {
  const log = vi.spyOn(console, 'log').mockImplementation(() => {});
  const fetched = async (name: string) => new Response(await readFile(join(folder, name)));
  vi.stubGlobal('fetch', fetched);
  process.chdir(folder);
  await import(/* @vite-ignore */ files[i]);
  const told = toldLines(examples[i].code);
  const printed = log.mock.calls.map((values) => format(...values));
  expect(printed).toHaveLength(told.length);
  expect(printed).toEqual(told.map((line) => line ?? (expect.any(String) as string)));
});
