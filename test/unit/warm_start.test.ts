/** New runs from the weights of others, and runs that end when they get no better. */
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  CheckpointError,
  NonFiniteError,
  openDevice,
  tensor,
  TextError,
} from '../../src/index';
import type { Device } from '../../src/index';
import { encodeSafetensors } from '../../src/io/safetensors';
import {
  CharTrainer,
  grownVocabulary,
  initFromCheckpoint,
  loadModel,
  markText,
  modelOnly,
  readCheckpoint,
  saveCheckpoint,
  train,
} from '../../src/train/index';
import type { CharModel, Checkpoint, LoopOptions, TrainConfig } from '../../src/train/index';
import { rejected, thrown, valuesOf } from '../setup/nn_helpers';

const TEXT = 'dog bites bone, bone bites back. '.repeat(20);
/** With characters before, between and behind those known, one of them outside of the first plane; no k. */
const OTHER = 'A hog grunts at a \u{1F436}: "zzz". '.repeat(20);
const TINY = { hidden: 6, embedding: 5, batch: 2, seq: 8, lr: 0.01, seed: 3 } as const;

async function trained(config: Partial<TrainConfig> = TINY): Promise<Uint8Array<ArrayBuffer>> {
  const trainer = new CharTrainer(await openDevice('cpu'), TEXT, config);
  for (let i = 0; i < 5; i++) await trainer.trainStep();
  const bytes = await saveCheckpoint(trainer, markText(TEXT, 'dog'));
  trainer.dispose();
  return bytes;
}

/** Logits for each character of a text, [position][character id]. */
async function logitsOf(device: Device, model: CharModel, ids: ArrayLike<number>) {
  const window = tensor(device, Int32Array.from(ids), [ids.length, 1], { dtype: 'i32' });
  const { logits } = model.eval().forward(window);
  const values = Array.from((await logits.data()) as Float32Array);
  const size = logits.shape[2];
  return Array.from({ length: ids.length }, (_, i) => values.slice(i * size, (i + 1) * size));
}

describe('a new run from the weights of another', () => {
  test.each([
    ['an embedding', TINY],
    ['one-hot vectors', { ...TINY, embedding: 0 }],
    ['two layers of GRU', { ...TINY, cell: 'gru', layers: 2 } as const],
  ])('with %s: old characters as they were, new ones as a fresh model', async (_, config) => {
    const checkpoint = readCheckpoint(await trained(config));
    const device = await openDevice('cpu');
    const { trainer, added } = await initFromCheckpoint(device, OTHER, checkpoint);
    expect(added.join('')).toBe('":Ahruz\u{1F436}');
    expect(trainer.step).toBe(0);
    expect(trainer.config).toEqual(checkpoint.header.config);
    const { vocabulary } = trainer;
    expect(vocabulary.has('k')).toBe(true);

    // What it thinks of the old text is what it thought, character by character.
    const known = loadModel(device, checkpoint);
    const text = 'back bites dog';
    const before = await logitsOf(device, known.model, known.vocabulary.encode(text));
    const after = await logitsOf(device, trainer.model, vocabulary.encode(text));
    for (let id = 0; id < known.vocabulary.size; id++) {
      const place = vocabulary.encode(known.vocabulary.character(id))[0];
      for (const [i, row] of before.entries()) expect(after[i][place]).toBeCloseTo(row[id], 5);
    }
    trainer.model.train();

    // The rest are the values of a model that nothing was loaded into.
    const fresh = new CharTrainer(device, OTHER, trainer.config, vocabulary);
    const [own, other] = [
      await valuesOf(trainer.model.namedParameters()),
      await valuesOf(fresh.model.namedParameters()),
    ];
    const ids = added.map((character) => vocabulary.encode(character)[0]);
    for (const id of ids) expect(own['decoder.bias'][id]).toBe(other['decoder.bias'][id]);
    const row = (of: typeof own, name: string, id: number) =>
      of[name].slice(id * TINY.hidden, (id + 1) * TINY.hidden);
    for (const id of ids) {
      expect(row(own, 'decoder.weight', id)).toEqual(row(other, 'decoder.weight', id));
    }
    if (config.embedding === 0) {
      const column = (of: typeof own, id: number) =>
        of['rnn.weight_ih_l0'].filter((_, i) => i % vocabulary.size === id);
      for (const id of ids) expect(column(own, id)).toEqual(column(other, id));
      expect(column(own, vocabulary.encode('k')[0])).not.toEqual(
        column(other, vocabulary.encode('k')[0]),
      );
    }

    // And it learns.
    const losses: number[] = [];
    for (let i = 0; i < 30; i++) {
      await trainer.trainStep();
      losses.push((await trainer.report())!.loss);
    }
    expect(losses[29]).toBeLessThan(losses[0] - 0.5);
  });

  test('with a known vocabulary the weights are the very same, and the optimizer is fresh', async () => {
    const bytes = await trained();
    const checkpoint = readCheckpoint(bytes);
    const device = await openDevice('cpu');
    // One letter was put right.
    const text = TEXT.replace('bites', 'bitts');
    for (const from of [checkpoint, readCheckpoint(modelOnly(bytes))]) {
      const { trainer, added } = await initFromCheckpoint(device, text, from, {
        lr: 0.5,
        batch: 3,
      });
      expect(added).toEqual([]);
      expect(trainer.config).toEqual({ ...checkpoint.header.config, lr: 0.5, batch: 3 });
      for (const [name, values] of Object.entries(
        await valuesOf(trainer.model.namedParameters()),
      )) {
        expect(values, name).toEqual(
          Array.from(checkpoint.tensors.get(name)!.data as Float32Array),
        );
      }
      const fresh = new CharTrainer(device, text, trainer.config);
      const state = await trainer.optimizer.stateDict();
      expect(state).toEqual(await fresh.optimizer.stateDict());
      for (const one of [fresh, trainer]) one.dispose();
    }
    expect(device.memory().liveTensors).toBe(0);
  });

  test('refuses another model, and leaves nothing behind', async () => {
    const checkpoint = readCheckpoint(await trained());
    const device = await openDevice('cpu');
    for (const given of [
      { hidden: 7 },
      { layers: 2 },
      { cell: 'gru' },
      { embedding: 0 },
    ] as const) {
      const message = await rejected(
        ArgumentError,
        initFromCheckpoint(device, TEXT, checkpoint, given),
      );
      expect(message).toContain('the weights to begin with are of');
    }
    await rejected(ArgumentError, initFromCheckpoint(device, TEXT, checkpoint, { lr: -1 }));
    await rejected(TextError, initFromCheckpoint(device, '', checkpoint));
    const { header, tensors } = checkpoint;
    for (const [name, shape] of [
      ['decoder.bias', [3]],
      ['embedding.weight', [4, 5]],
    ] as const) {
      const data = new Float32Array(shape.reduce((a: number, b) => a * b, 1));
      const damaged: Checkpoint['tensors'] = new Map(tensors);
      damaged.set(name, { dtype: 'F32', shape, data });
      for (const text of [TEXT, OTHER]) {
        const from = { header, tensors: damaged };
        await rejected(CheckpointError, initFromCheckpoint(device, text, from));
      }
    }
    expect(device.memory().liveTensors).toBe(0);
  });

  test('halves of a pair that a vocabulary has apart stay apart', () => {
    const header = { vocabulary: [0xd83d, 0xdc36] } as Checkpoint['header'];
    const { vocabulary, added } = grownVocabulary(header, 'a');
    expect(vocabulary.codePoints).toEqual([0x61, 0xd83d, 0xdc36]);
    expect(added).toEqual(['a']);
  });
});

describe('patience', () => {
  const options = { steps: 100, logEvery: 10, evalEvery: 2, sampleEvery: 0, sample: {} };

  /** A trainer whose held-out losses are these, and how its training went. */
  async function run(losses: readonly number[], more: Partial<LoopOptions>) {
    const trainer = new CharTrainer(await openDevice('cpu'), TEXT, TINY);
    const left = [...losses];
    trainer.evaluate = () => Promise.resolve({ loss: left.shift()! });
    const improved: number[] = [];
    let end: unknown;
    for await (const event of train(trainer, { ...options, ...more })) {
      if (event.kind === 'report' && event.improved) improved.push(event.step);
      end = event;
    }
    return { step: trainer.step, improved, end };
  }

  test('ends a run that gets no better, after its step was told', async () => {
    const losses = [3, 2, 2.5, 1.9, 1.9, 2.1, 2.2, 0.1];
    const { step, improved, end } = await run(losses, { patience: 3 });
    expect(step).toBe(14);
    expect(improved).toEqual([2, 4, 8]);
    expect(end).toEqual({ kind: 'stalled', step: 14, patience: 3, best: { step: 8, loss: 1.9 } });
  });

  test('without it training goes on to the end', async () => {
    const { step, end } = await run(Array<number>(10).fill(3), { steps: 20 });
    expect(step).toBe(20);
    expect(end).toEqual({ kind: 'step', step: 20 });
  });

  test('the best of earlier counts', async () => {
    const best = { step: 1, loss: 2 };
    const { step, improved, end } = await run([3, 2.5, 1], { patience: 2, best });
    expect([step, improved]).toEqual([4, []]);
    expect(end).toMatchObject({ kind: 'stalled', best });
  });

  test('a loss that is not finite improves on nothing, and does not stand in the way', async () => {
    const losses = [NaN, 3, NaN, -Infinity, 2.5, Infinity, 2, NaN, NaN, NaN, 1];
    const { step, improved, end } = await run(losses, { patience: 3 });
    expect([step, improved]).toEqual([20, [4, 10, 14]]);
    expect(end).toMatchObject({ kind: 'stalled', best: { step: 14, loss: 2 } });
  });

  test('ends a run that has no finite loss', async () => {
    const message = await rejected(
      NonFiniteError,
      run(Array<number>(4).fill(NaN), { patience: 3 }),
    );
    expect(message).toMatch(/not finite in 3 evaluations.*lower learning rate/);
  });

  test('is refused where nothing is evaluated', async () => {
    const device = await openDevice('cpu');
    const go = async (config: Partial<TrainConfig>, more: Partial<LoopOptions>) => {
      const trainer = new CharTrainer(device, TEXT, config);
      for await (const event of train(trainer, { ...options, ...more })) void event;
    };
    const attempt = (...what: Parameters<typeof go>) => rejected(ArgumentError, go(...what));
    expect(await attempt(TINY, { patience: 2, evalEvery: 0 })).toContain('evalEvery');
    expect(await attempt({ ...TINY, validFraction: 0 }, { patience: 2 })).toContain(
      'nothing is held out',
    );
    for (const patience of [-1, 1.5, NaN]) {
      expect(await attempt(TINY, { patience })).toContain(`patience = ${patience}`);
    }
  });
});

test('steps left out are those of the configuration', async () => {
  const trainer = new CharTrainer(await openDevice('cpu'), TEXT, { ...TINY, steps: 7 });
  const every = { logEvery: 1, evalEvery: 0, sampleEvery: 0, sample: {} };
  for await (const event of train(trainer, every)) void event;
  expect(trainer.step).toBe(7);
  const endless = new CharTrainer(await openDevice('cpu'), TEXT, TINY);
  for await (const event of train(endless, every)) {
    if (event.kind === 'step' && event.step === 9) break;
  }
  expect(endless.step).toBe(9);
});

test('a checkpoint carries the held-out loss that was measured', async () => {
  const trainer = new CharTrainer(await openDevice('cpu'), TEXT, TINY);
  const mark = markText(TEXT, 'dog');
  expect(readCheckpoint(await saveCheckpoint(trainer, mark)).header.valLoss).toBeUndefined();
  const { loss: valLoss } = await trainer.evaluate();
  const { header, tensors } = readCheckpoint(await saveCheckpoint(trainer, mark, { valLoss }));
  expect(header.valLoss).toBe(valLoss);
  for (const bad of [NaN, Infinity, -Infinity]) {
    const saved = saveCheckpoint(trainer, mark, { valLoss: bad });
    expect(await rejected(NonFiniteError, saved)).toContain(`valLoss = ${bad}`);
  }
  const bad = { ...header, valLoss: 'low' } as unknown as Checkpoint['header'];
  thrown(CheckpointError, () =>
    readCheckpoint(encodeSafetensors(tensors, { lethe: JSON.stringify(bad) })),
  );
});
