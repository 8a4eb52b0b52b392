/** `lethe/sample`: what a page loads that lets a model write and does nothing else. */
import { describe, expect, test } from 'vitest';

import { ArgumentError, CheckpointError, openDevice, TextError } from '../../src/index';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/index';
import { DEFINITIONS } from '../../src/nn/cells/definitions';
import { CELLS } from '../../src/nn/cells/registry';
import { readWriter } from '../../src/sample/index';
import {
  CharTrainer,
  loadModel,
  modelOnly,
  readCheckpoint,
  sampleText,
  saveCheckpoint,
} from '../../src/train/index';
import type { CellName, SampleOptions, TrainConfig } from '../../src/train/index';

const TEXT = 'the quick brown fox jumps over the lazy dog.\n'.repeat(8);
const device = await openDevice('cpu', { reference: true });

/** A checkpoint that has learnt a little. */
async function trained(settings: Partial<TrainConfig>): Promise<Uint8Array> {
  const config = { ...{ hidden: 5, embedding: 3, batch: 4, seq: 9, lr: 0.02 }, ...settings };
  const trainer = new CharTrainer(device, TEXT, { ...config, validFraction: 0 });
  for (let i = 0; i < 4; i++) await trainer.trainStep();
  const bytes = await saveCheckpoint(trainer);
  trainer.dispose();
  return bytes;
}

/** What `lethe/train` writes. */
async function expected(bytes: Uint8Array, options: SampleOptions): Promise<string> {
  const { model, vocabulary } = loadModel(device, readCheckpoint(bytes));
  const text = await sampleText(model, vocabulary, options);
  model.dispose();
  return text;
}

test('the table of equations is the registry, but for the cell that is written by hand', () => {
  const defined = Object.entries(CELLS).filter(([name]) => name !== 'gru-reset-before');
  expect(Object.keys(DEFINITIONS).sort()).toEqual(defined.map(([name]) => name).sort());
  for (const [name, { kind }] of defined) {
    expect(DEFINITIONS[name as keyof typeof DEFINITIONS], name).toBe(kind);
  }
});

describe('writes what lethe/train writes', () => {
  test.each(Object.keys(DEFINITIONS))('%s', async (cell) => {
    const bytes = await trained({ cell: cell as CellName, layers: 2 });
    const options = { prime: 'the ', length: 60, seed: 7 };
    const text = readWriter(bytes).sampleText(options);
    expect(text).toHaveLength(60);
    expect(text).toBe(await expected(bytes, options));
  });

  test.each<SampleOptions>([
    { temperature: 0 },
    { temperature: 0.6, topK: 4 },
    { topP: 0.7, seed: 3 },
    { prime: 'Ωthe', unknown: 'skip', length: 30 },
    { length: 0 },
  ])('by %j', async (options) => {
    const bytes = modelOnly(await trained({ cell: 'gru', embedding: 0 }));
    expect(readWriter(bytes).sampleText(options)).toBe(await expected(bytes, options));
  });

  test('a character at a time, and each text from the beginning', async () => {
    const writer = readWriter(await trained({}));
    const [first] = writer.sample({ length: 3 });
    expect(writer.sampleText({ length: 3 })[0]).toBe(first);
    expect(writer.vocabulary.has(first)).toBe(true);
  });
});

describe('refuses', () => {
  test('a prime that the model does not know, and an option that there is not', async () => {
    const writer = readWriter(await trained({}));
    expect(() => writer.sampleText({ prime: 'Ω' })).toThrow(TextError);
    expect(() => writer.sampleText({ temprature: 1 } as never)).toThrow(/did you mean temperature/);
  });

  test('a cell that is written by hand, and says what serves it', async () => {
    const bytes = await trained({ cell: 'gru-reset-before' });
    expect(() => readWriter(bytes)).toThrow(ArgumentError);
    expect(() => readWriter(bytes, 'a.safetensors')).toThrow(
      /^a\.safetensors: the cell gru-reset-before .*lethe\/train/,
    );
  });

  test('a file that is damaged', async () => {
    const bytes = await trained({});
    expect(() => readWriter(bytes.subarray(0, 40))).toThrow(CheckpointError);
    const { tensors, metadata } = decodeSafetensors(bytes);
    const without = new Map([...tensors].filter(([name]) => name !== 'decoder.bias'));
    expect(() => readWriter(encodeSafetensors(without, metadata))).toThrow(
      /^checkpoint: decoder\.bias is missing; \[\d+\] is needed/,
    );
    const other = new Map(tensors);
    other.set('rnn.bias_hh_l0', { dtype: 'F32', shape: [3], data: new Float32Array(3) });
    expect(() => readWriter(encodeSafetensors(other, metadata))).toThrow(
      /rnn\.bias_hh_l0 is \[3\]; \[20\] is needed/,
    );
  });
});
