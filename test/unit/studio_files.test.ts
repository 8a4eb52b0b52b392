/** What the studio keeps of a run, and what it makes of files that are damaged. */
import { beforeAll, describe, expect, test } from 'vitest';

import { bits, nats, roughly, significant } from '../../demos/shared/format';
import { EMPTY, entered } from '../../demos/train/journal';
import type { Journal } from '../../demos/train/protocol';
import { decodeRunFile, encodeRunFile, runWithText } from '../../demos/train/run_file';
import type { BareCheckpoint, BestCheckpoint, SavedRun } from '../../demos/train/run_file';
import { CheckpointError, openDevice } from '../../src/index';
import { decodeSafetensors, encodeSafetensors } from '../../src/io/index';
import {
  CharTrainer,
  loadModel,
  markText,
  modelOnly,
  readCheckpoint,
  resumeTraining,
  saveCheckpoint,
} from '../../src/train/index';

const TEXT = 'to be or not to be, that is the question. '.repeat(8);
const JOURNAL: Journal = {
  ...EMPTY,
  points: [{ step: 1, loss: 3, smoothed: 3, validation: null }],
  samples: [
    {
      ...{ id: 1, step: 0, automatic: true, temperature: 0.8, prime: '', done: true },
      text: 'b',
      scores: [{ character: 'b', probability: 0.5, likeliest: [['b', 0.5]] }],
    },
  ],
};

let saved: SavedRun;
let best: BestCheckpoint;

beforeAll(async () => {
  const device = await openDevice('cpu');
  const train = { cell: 'gru', hidden: 4, embedding: 0, batch: 2, seq: 8 } as const;
  const trainer = new CharTrainer(device, TEXT, train);
  best = { step: 0, loss: 2, checkpoint: await saveCheckpoint(trainer) };
  await trainer.trainStep();
  saved = {
    id: 'a run',
    source: { name: 'hamlet', text: TEXT },
    settings: { train: trainer.config, device: 'cpu', temperature: 0.8, stopAfter: 0 },
    journal: JOURNAL,
    mark: markText(TEXT, 'hamlet'),
    step: 1,
    checkpoint: await saveCheckpoint(trainer, markText(TEXT, 'hamlet')),
  };
  device.dispose();
});

/** The run of a file that was exported. */
function decodeRun(bytes: Uint8Array<ArrayBuffer>): SavedRun {
  const read = decodeRunFile(bytes, 'mine');
  if ('header' in read) throw new Error('a checkpoint by itself');
  return read;
}

/** The file of the run, its description changed. */
function changed(change: (description: Record<string, unknown>) => void): Uint8Array<ArrayBuffer> {
  const { tensors, metadata } = decodeSafetensors(encodeRunFile(saved));
  const description = JSON.parse(metadata.studio) as Record<string, unknown>;
  change(description);
  return encodeSafetensors(tensors, { ...metadata, studio: JSON.stringify(description) });
}

test('a file has the best model, where there is one', async () => {
  const run = { ...saved, journal: { ...JOURNAL, best: { step: 0, loss: 2 } }, best };
  const file = encodeRunFile(run);
  const back = decodeRun(file);
  expect(back).toEqual({ ...run, id: back.id });
  // The command line goes on with it, and takes its model alone.
  const device = await openDevice('cpu');
  const read = readCheckpoint(file);
  resumeTraining(device, TEXT, read).dispose();
  loadModel(device, read).model.dispose();
  expect(modelOnly(file).length).toBeLessThan(saved.checkpoint.length);
  const { tensors, metadata } = decodeSafetensors(file);
  const { data } = tensors.get('beside.best')!;
  tensors.set('beside.best', { dtype: 'U32', shape: [9], data: data.slice(0, 9) as Uint32Array });
  expect(() => decodeRunFile(encodeSafetensors(tensors, metadata), 'mine')).toThrow(
    /mine, its best model/,
  );
  expect(decodeRun(encodeRunFile(saved)).journal.best).toBeNull();
  // As a run of before, whose journal does not speak of it.
  const old = changed(({ journal }) => delete (journal as Record<string, unknown>)['best']);
  expect(decodeRun(old).journal.best).toBeNull();
});

describe('a run in a file', () => {
  test('comes back whole', () => {
    const back = decodeRun(encodeRunFile(saved));
    expect(back).toEqual({ ...saved, id: back.id });
    // A run of its own: it takes the place of no other.
    expect(back.id).not.toBe(saved.id);
  });

  test('comes back where losses were not finite', () => {
    const report = { step: 1, loss: NaN, smoothedLoss: NaN, skipped: 1, gradNorm: NaN, lr: 1 };
    const more = { epoch: 1, charactersPerSecond: 1, bytes: 1, pooledBytes: 1 };
    const points = [{ step: 1, loss: Infinity, smoothed: NaN, validation: null }];
    const journal = { ...JOURNAL, points, report: { ...report, ...more } };
    const back = decodeRun(encodeRunFile({ ...saved, journal })).journal;
    expect(back.points).toEqual([{ step: 1, loss: null, smoothed: null, validation: null }]);
    const figures = [nats(back.points[0].loss), bits(NaN), roughly(back.report!.loss)];
    expect([...figures, significant(back.report!.gradNorm)]).toEqual(['–', '–', '–', '–']);
  });

  test('takes the settings of training from its checkpoint', () => {
    const file = changed((run) => {
      (run['settings'] as { train: object }).train = { hidden: 99 };
    });
    expect(decodeRun(file).settings.train.hidden).toBe(4);
  });

  test.each<[string, (run: Record<string, unknown>) => void, RegExp]>([
    ['another version', (run) => (run['version'] = 7), /version 7/],
    ['no journal', (run) => delete run['journal'], /damaged/],
    ['no text', (run) => (run['source'] = { name: 'x' }), /damaged/],
    ['no settings', (run) => (run['settings'] = null), /damaged/],
    [
      'a strange device',
      (run) => (run['settings'] = { device: 'abacus', temperature: 1 }),
      /damaged/,
    ],
    ['points that are none', (run) => (run['journal'] = { ...JOURNAL, points: [null] }), /damaged/],
    ['samples that are none', (run) => (run['journal'] = { ...JOURNAL, samples: [7] }), /damaged/],
  ])('%s is refused', (_, change, message) => {
    const decode = () => decodeRunFile(changed(change), 'mine.safetensors');
    expect(decode).toThrow(CheckpointError);
    expect(decode).toThrow(message);
  });

  test('a header that does not fit its weights is refused before a model is made', () => {
    const { tensors, metadata } = decodeSafetensors(encodeRunFile(saved));
    for (const wrong of [{ hidden: 65_536 }, { layers: 1000 }]) {
      const header = JSON.parse(metadata.lethe) as { config: object };
      header.config = { ...header.config, ...wrong };
      const file = encodeSafetensors(tensors, { ...metadata, lethe: JSON.stringify(header) });
      expect(() => decodeRunFile(file, 'mine')).toThrow(/its weights are not those of/);
    }
  });

  test('a part and noise are refused', () => {
    const bytes = encodeRunFile(saved);
    expect(() => decodeRunFile(bytes.slice(0, bytes.length - 9), 'mine')).toThrow(CheckpointError);
    expect(() => decodeRunFile(new Uint8Array(100).fill(77), 'mine')).toThrow(CheckpointError);
  });

  test('a checkpoint by itself goes on with its text, a model alone does not', () => {
    const bare = decodeRunFile(saved.checkpoint, 'theirs') as BareCheckpoint;
    expect([bare.resumes, bare.header.text]).toEqual([true, saved.mark]);
    const run = runWithText(bare, saved.source);
    expect(run).toMatchObject({ step: 1, mark: saved.mark, checkpoint: saved.checkpoint });
    expect(run.settings.train).toEqual(saved.settings.train);
    expect(run.journal.report).toMatchObject({ step: 1, loss: run.journal.points[0].loss });
    // What is not known of it comes through a file.
    const back = decodeRun(encodeRunFile(run));
    expect(back.journal.points).toEqual(run.journal.points);
    const model = decodeRunFile(modelOnly(saved.checkpoint), 'theirs') as BareCheckpoint;
    expect(model.resumes).toBe(false);
  });
});

describe('the journal', () => {
  test('has an upper limit, also where every step is measured', () => {
    let journal = EMPTY;
    for (let step = 1; step <= 9000; step++) {
      const report = {
        ...{ step, loss: 1, smoothedLoss: 1, lr: 1, skipped: 0, gradNorm: 1 },
        epoch: 1,
      };
      const more = { charactersPerSecond: 1, bytes: 1, pooledBytes: 1 };
      journal = entered(journal, { kind: 'report', report: { ...report, ...more } });
      journal = entered(journal, { kind: 'validation', step, loss: 2 });
    }
    expect(journal.points.length).toBeLessThanOrEqual(4001);
    expect(journal.points.length).toBeGreaterThan(2000);
    expect(journal.points.at(-1)!.step).toBe(9000);
  });

  test('of two points, the one with a validation loss stays', () => {
    let journal = EMPTY;
    for (let step = 1; step <= 4001; step++) {
      const report = {
        ...{ step, loss: 1, smoothedLoss: 1, lr: 1, skipped: 0, gradNorm: 1 },
        epoch: 1,
      };
      const more = { charactersPerSecond: 1, bytes: 1, pooledBytes: 1 };
      journal = entered(journal, { kind: 'report', report: { ...report, ...more } });
      if (step % 100 === 0) journal = entered(journal, { kind: 'validation', step, loss: 2 });
    }
    const measured = journal.points.filter(({ validation }) => validation !== null);
    expect(measured.map(({ step }) => step)).toEqual(
      Array.from({ length: 40 }, (_, i) => 100 * (i + 1)),
    );
  });

  test('keeps what the model thought of the latest samples alone', () => {
    let journal = EMPTY;
    for (let id = 1; id <= 25; id++) {
      const sample = { ...JOURNAL.samples[0], id };
      journal = entered(journal, { kind: 'sample', sample });
    }
    expect(journal.samples.map(({ scores }) => scores.length)).toEqual([
      ...Array<number>(20).fill(1),
      ...Array<number>(5).fill(0),
    ]);
  });
});
