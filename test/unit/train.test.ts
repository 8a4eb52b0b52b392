/** Rung 5 on the CPU: the trainer of character models, its checkpoints, evaluation and samples. */
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  backward,
  CheckpointError,
  noGrad,
  NonFiniteError,
  openDevice,
  Random,
  scope,
  tensor,
  TextError,
} from '../../src/index';
import { encodeSafetensors } from '../../src/io/safetensors';
import { evaluationWindows, Vocabulary } from '../../src/text/index';
import {
  CharTrainer,
  completeConfig,
  drawIndex,
  type DrawIndexOptions,
  evaluate,
  initFromCheckpoint,
  loadModel,
  markText,
  modelOnly,
  readCheckpoint,
  resumeTraining,
  sample,
  sampleText,
  sampleTexts,
  saveCheckpoint,
  train,
} from '../../src/train/index';
import { windowTensors } from '../../src/train/char_model';
import type { TrainConfig, TrainEvent } from '../../src/train/index';
import { rejected, thrown, valuesOf } from '../setup/nn_helpers';

/** Letters in an order without a period. */
const TEXT = Array.from({ length: 400 }, (_, i) => 'abcdefgh \n'[(i * i + (i >> 3)) % 10]).join('');
const PHRASE = 'the cat sat on a mat. ';

const TINY = {
  hidden: 16,
  embedding: 8,
  batch: 4,
  seq: 8,
  lr: 0.01,
  seed: 3,
} satisfies Partial<TrainConfig>;

/** Everything hard at once: dropout, two layers, a schedule, and streams that end often. */
const HARD = {
  ...TINY,
  layers: 2,
  dropout: 0.3,
  schedule: 'cosine',
  scheduleSteps: 60,
  warmup: 5,
} satisfies Partial<TrainConfig>;

async function make(config: Partial<TrainConfig> = TINY, text = TEXT): Promise<CharTrainer> {
  return new CharTrainer(await openDevice('cpu'), text, config);
}

/** Takes steps; the loss of each. */
async function steps(trainer: CharTrainer, count: number): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < count; i++) {
    await trainer.trainStep();
    losses.push((await trainer.report())!.loss);
  }
  return losses;
}

/** All that training depends on. */
async function snapshot(trainer: CharTrainer) {
  const optimizer = await trainer.optimizer.stateDict();
  return {
    parameters: await valuesOf(trainer.model.namedParameters()),
    optimizer: Object.fromEntries(
      [...optimizer].map(([name, { shape, data }]) => [name, { shape, data: Array.from(data) }]),
    ),
    state: await valuesOf(trainer.task.carried),
    progress: trainer.progress,
  };
}

/** Of the scan with two states and one, and one that is unrolled. */
const CELLS = ['rnn', 'lstm', 'gru', 'gru-reset-before'] as const;

describe.each(CELLS)('%s', (cell) => {
  test('learns a short text by heart', async () => {
    const trainer = await make({ ...TINY, cell, hidden: 32, seq: 11, lr: 0.02 }, PHRASE.repeat(12));
    let loss = Infinity;
    for (let i = 0; i < 6 && !(loss < 0.1); i++) {
      for (let step = 0; step < 50; step++) await trainer.trainStep();
      loss = (await steps(trainer, 1))[0];
    }
    expect(loss).toBeLessThan(0.1);
    expect((await trainer.evaluate()).loss).toBeLessThan(0.3);
    const options = { prime: PHRASE, length: 44, temperature: 0 };
    expect(await sampleText(trainer.model, trainer.vocabulary, options)).toBe(PHRASE.repeat(2));
  });

  test('20 steps, a checkpoint, and 20 more are 40 steps, bit for bit', async () => {
    const config = { ...HARD, cell };
    const whole = await make(config);
    // The streams end within each half.
    expect(whole.stepsPerEpoch).toBeLessThan(15);
    const expected = await steps(whole, 40);

    const first = await make(config);
    const losses = await steps(first, 20);
    const bytes = await saveCheckpoint(first, markText(TEXT, 'test'));
    const before = await snapshot(first);
    const checkpoint = readCheckpoint(bytes);
    const second = resumeTraining(await openDevice('cpu'), TEXT, checkpoint);
    expect(await snapshot(second)).toEqual(before);
    expect(second.config).toEqual(first.config);
    losses.push(...(await steps(second, 20)));
    expect(losses).toEqual(expected);
    expect(await snapshot(second)).toEqual(await snapshot(whole));
    expect(await second.evaluate()).toEqual(await whole.evaluate());
  });

  test('live bytes are the same after steps 10 and 200', async () => {
    const trainer = await make({ ...HARD, cell });
    const look = async (count: number) => {
      for (let i = 0; i < count; i++) {
        await trainer.trainStep();
        if (i % 5 > 0) continue;
        await trainer.report();
        await trainer.evaluate();
        await sampleText(trainer.model, trainer.vocabulary, { length: 3 });
        // One that is given up half-way.
        for await (const _ of trainer.sample({ length: 10 })) break;
      }
      const { liveBytes, liveTensors } = trainer.device.memory();
      return { liveBytes, liveTensors };
    };
    const after10 = await look(10);
    expect(await look(190)).toEqual(after10);
    trainer.dispose();
    expect(trainer.device.memory()).toMatchObject({ liveBytes: 0, liveTensors: 0 });
  });

  test('the state is carried from window to window, and reset where the streams begin', async () => {
    const trainer = await make({ ...TINY, cell, lr: 0 });
    const { stepsPerEpoch } = trainer;
    expect(stepsPerEpoch).toBeGreaterThan(2);
    const parts = [...trainer.task.carried.values()];
    const zero = parts.map(({ size }) => new Float32Array(size));
    const state = () => Promise.all(parts.map((part) => part.data()));
    expect(await state()).toEqual(zero);
    const firstLosses = await steps(trainer, 1);
    const first = await state();
    expect(first).not.toEqual(zero);
    firstLosses.push(...(await steps(trainer, stepsPerEpoch - 1)));
    expect(await state()).not.toEqual(first);
    // With a rate of 0 the second pass is the first again, if it starts from zeros.
    const again = await steps(trainer, 1);
    expect(await state()).toEqual(first);
    again.push(...(await steps(trainer, stepsPerEpoch - 1)));
    expect(again).toEqual(firstLosses);
    expect(trainer.progress.cursor).toEqual({ epoch: 2, window: 0 });
  });

  test('evaluation is the mean over all windows, with the state carried', async () => {
    const trainer = await make({ ...TINY, cell, dropout: 0.5, validFraction: 0.3 });
    await steps(trainer, 5);
    const ids = trainer.vocabulary.encode(TEXT).slice(Math.floor(400 * 0.7));
    const { model, device } = trainer;
    model.eval();
    let total = 0;
    let count = 0;
    for (const { inputs, targets, seq, batch } of evaluationWindows(ids, { batch: 1, seq: 1000 })) {
      const { logits } = noGrad(() => {
        const embedded = model.forward(tensorOf(inputs, [seq, batch]));
        return embedded;
      });
      const values = Float64Array.from(await logits.data());
      const n = trainer.vocabulary.size;
      targets.forEach((target, row) => {
        const scores = values.subarray(row * n, (row + 1) * n);
        const sumOfExp = scores.reduce((all, score) => all + Math.exp(score), 0);
        total += Math.log(sumOfExp) - scores[target];
      });
      count += targets.length;
    }
    model.train();
    expect(await evaluate(model, ids, { batch: 1, seq: 7 })).toBeCloseTo(total / count, 5);
    expect(model.training).toBe(true);
    expect(model.dropout.training).toBe(true);
    function tensorOf(values: Int32Array, shape: number[]) {
      return tensor(device, values, shape, { dtype: 'i32' });
    }
  });
});

test.each(['sgd', 'adagrad', 'rmsprop', 'adam', 'adamw'] as const)(
  '%s resumes bit for bit',
  async (optimizer) => {
    const config = { ...HARD, optimizer };
    const whole = await make(config);
    const expected = await steps(whole, 12);
    const first = await make(config);
    const losses = await steps(first, 6);
    const bytes = await saveCheckpoint(first, markText(TEXT, 'test'));
    const second = resumeTraining(await openDevice('cpu'), TEXT, readCheckpoint(bytes));
    losses.push(...(await steps(second, 6)));
    expect(losses).toEqual(expected);
    expect(await snapshot(second)).toEqual(await snapshot(whole));
  },
);

test('the same seed gives the same run, another seed another', async () => {
  const run = async (seed: number) => {
    const trainer = await make({ ...HARD, seed });
    const losses = await steps(trainer, 15);
    return { losses, ...(await snapshot(trainer)) };
  };
  const first = await run(3);
  expect(await run(3)).toEqual(first);
  expect((await run(4)).losses).not.toEqual(first.losses);
});

test('looking on changes nothing: reports, evaluations and samples', async () => {
  const quiet = await make(HARD);
  for (let i = 0; i < 30; i++) await quiet.trainStep();
  const busy = await make(HARD);
  for (let i = 0; i < 30; i++) {
    await busy.trainStep();
    await busy.evaluate();
    await sampleText(busy.model, busy.vocabulary, { length: 4, seed: i });
  }
  const [a, b] = [await quiet.report(), await busy.report()];
  expect(a).toEqual(b);
  expect(await snapshot(busy)).toEqual(await snapshot(quiet));
});

test('a report averages the steps since the last; more steps than are kept on the device', async () => {
  const one = await make({ ...TINY, hidden: 4 });
  const losses = await steps(one, 300);
  const other = await make({ ...TINY, hidden: 4 });
  expect(await other.report()).toBeNull();
  for (let i = 0; i < 300; i++) await other.trainStep();
  const report = (await other.report())!;
  expect(report.step).toBe(300);
  expect(report.skipped).toBe(0);
  expect(report.loss).toBeCloseTo(losses.reduce((sum, loss) => sum + loss, 0) / 300, 10);
  const smoothed = losses.reduce((mean, loss, i) => {
    const weight = Math.max(1 / (i + 1), 0.05);
    return (1 - weight) * mean + weight * loss;
  });
  expect(report.smoothedLoss).toBeCloseTo(smoothed, 10);
  expect(await other.report()).toBeNull();
});

test('one-hot input, orthogonal weights and a forget bias', async () => {
  const config = { ...TINY, embedding: 0, recurrentInit: 'orthogonal', forgetBias: 1 } as const;
  const trainer = await make(config);
  expect([...trainer.model.stateDict().keys()]).toEqual([
    ...['weight_ih', 'weight_hh', 'bias_ih', 'bias_hh'].map((name) => `rnn.${name}_l0`),
    'decoder.weight',
    'decoder.bias',
  ]);
  const losses = await steps(trainer, 60);
  expect(losses[59]).toBeLessThan(losses[0]);
  // Before anything is learned, all characters are about as likely.
  expect(Math.abs(losses[0] - Math.log(10))).toBeLessThan(0.5);
});

test('the schedule and the clip are obeyed', async () => {
  const trainer = await make({
    ...TINY,
    schedule: 'step',
    scheduleSteps: 3,
    gamma: 0.5,
    warmup: 2,
  });
  const rates: number[] = [];
  for (let i = 0; i < 9; i++) {
    await trainer.trainStep();
    rates.push(trainer.optimizer.lr / TINY.lr);
  }
  expect(rates.map((rate) => Number(rate.toFixed(6)))).toEqual([
    0.333333, 0.666667, 1, 1, 1, 0.5, 0.5, 0.5, 0.25,
  ]);

  // The first step of SGD is rate times gradient, which the clip holds.
  const config = { ...TINY, optimizer: 'sgd', lr: 1, clip: 0.01 } as const;
  for (const [clip, clipValue, bound] of [
    [0.01, 0, 0.01],
    [0, 1e-5, Infinity],
    [0, 0, Infinity],
  ]) {
    const clipped = await make({ ...config, clip, clipValue });
    const before = Object.values(await valuesOf(clipped.model.namedParameters())).flat();
    await clipped.trainStep();
    const after = Object.values(await valuesOf(clipped.model.namedParameters())).flat();
    const moves = after.map((value, i) => value - before[i]);
    const norm = Math.hypot(...moves);
    if (bound === 0.01) expect(norm).toBeCloseTo(0.01, 4);
    else if (clipValue > 0) expect(Math.max(...moves.map(Math.abs))).toBeLessThan(1.2e-5);
    else expect(norm).toBeGreaterThan(0.02);
  }
});

describe('checkpoints', () => {
  async function save(config: Partial<TrainConfig> = HARD) {
    const trainer = await make(config);
    await steps(trainer, 3);
    return { trainer, bytes: await saveCheckpoint(trainer, markText(TEXT, 'a text')) };
  }

  test('with another text are refused', async () => {
    const { bytes } = await save();
    const device = await openDevice('cpu');
    const checkpoint = readCheckpoint(bytes);
    for (const text of [
      `${TEXT}a`,
      TEXT.slice(0, -1),
      `b${TEXT.slice(1)}`,
      '',
      'αβγ'.repeat(200),
    ]) {
      const message = thrown(CheckpointError, () => resumeTraining(device, text, checkpoint));
      expect(message).toContain('a text');
    }
    expect(device.memory().liveTensors).toBe(0);
  });

  test('cut short anywhere are refused', async () => {
    const { bytes } = await save(TINY);
    for (let length = 0; length < bytes.length; length += 97) {
      thrown(CheckpointError, () => readCheckpoint(bytes.slice(0, length)));
    }
    thrown(CheckpointError, () => readCheckpoint(bytes.slice(0, -1)));
  });

  test('with a byte of the header changed are refused, or are still whole', async () => {
    const { bytes } = await save(TINY);
    const device = await openDevice('cpu');
    const header = 8 + Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
    const random = new Random(1);
    const wrong = new Set<string>();
    for (let i = 0; i < 400; i++) {
      const damaged = bytes.slice();
      const at = Math.floor(random.uniform() * header);
      damaged[at] = at < 8 ? damaged[at] ^ (1 << (i % 8)) : 32 + Math.floor(random.uniform() * 95);
      try {
        // A number in the settings may turn into another valid one, and memory is finite.
        const { header: read } = readCheckpoint(damaged);
        const { hidden, embedding, layers, batch } = read.config;
        if ([hidden, embedding, layers, batch].some((size) => size > 99)) continue;
        resumeTraining(device, TEXT, readCheckpoint(damaged)).dispose();
      } catch (error) {
        if (!(error instanceof CheckpointError)) wrong.add(String(error));
      }
    }
    expect([...wrong]).toEqual([]);
    expect(device.memory().liveTensors).toBe(0);
  });

  test('with settings out of range, or a place outside the text, are refused', async () => {
    const { bytes } = await save(TINY);
    const device = await openDevice('cpu');
    const { header, tensors } = readCheckpoint(bytes);
    const { config, progress } = header;
    const changed: Partial<typeof header>[] = [
      { config: { ...config, cell: 'foo' as never } },
      { config: { ...config, hidden: -1 } },
      { config: { ...config, lr: 'x' as never } },
      { config: null as never },
      { progress: { ...progress, cursor: { epoch: 0, window: 1000 } } },
      { progress: { ...progress, cursor: null as never } },
      { progress: {} as never },
      { vocabulary: [1, 2, 3] },
      { vocabulary: 'abc' as never },
      { config: { ...config, hidden: 8 } },
      { config: { ...config, layers: 2 } },
    ];
    for (const [i, change] of changed.entries()) {
      let error: unknown;
      try {
        const lethe = JSON.stringify({ ...header, ...change });
        const damaged = readCheckpoint(encodeSafetensors(tensors, { lethe }));
        resumeTraining(device, TEXT, damaged).dispose();
      } catch (reason) {
        error = reason;
      }
      expect.soft(error, `change ${i}`).toBeInstanceOf(CheckpointError);
    }
    expect.soft(device.memory().liveTensors).toBe(0);
  });

  test('that lack a tensor, or have one of another shape, are refused', async () => {
    const { trainer, bytes } = await save();
    const device = await openDevice('cpu');
    const { header, tensors } = readCheckpoint(bytes);
    const names = [...tensors.keys()];
    expect(names).toContain('embedding.weight');
    expect(names).toContain('rnn.weight_hh_l1');
    expect(names).toContain('optimizer.exp_avg_sq.decoder.bias');
    expect(names).toContain('state.c');
    expect([...trainer.task.carried.keys()]).toEqual(['h', 'c']);
    for (const name of names) {
      const without = new Map(tensors);
      without.delete(name);
      let error: unknown;
      try {
        resumeTraining(device, TEXT, { header, tensors: without }).dispose();
      } catch (reason) {
        error = reason;
      }
      expect.soft(error, `without ${name}`).toBeInstanceOf(CheckpointError);
      const reshaped = new Map(tensors);
      const value = tensors.get(name)!;
      reshaped.set(name, { ...value, shape: [1, ...value.shape] });
      if (name === 'optimizer.clock') continue;
      const message = thrown(CheckpointError, () =>
        resumeTraining(device, TEXT, { header, tensors: reshaped }),
      );
      expect(message).toContain(name.replace(/^(optimizer|state)\./, ''));
    }
    expect(device.memory().liveTensors).toBe(0);
  });

  test('files of other programs are refused', () => {
    const empty = new TextEncoder().encode('{}');
    const bytes = new Uint8Array(8 + empty.length);
    bytes[0] = empty.length;
    bytes.set(empty, 8);
    expect(thrown(CheckpointError, () => readCheckpoint(bytes, 'x.bin'))).toContain('x.bin');
  });

  test('give the model alone, and freeing it frees all', async () => {
    const { trainer, bytes } = await save();
    const device = await openDevice('cpu');
    const checkpoint = readCheckpoint(bytes);
    const { model, vocabulary } = loadModel(device, checkpoint);
    expect(vocabulary.codePoints).toEqual(trainer.vocabulary.codePoints);
    expect(await valuesOf(model.namedParameters())).toEqual(
      await valuesOf(trainer.model.namedParameters()),
    );
    const options = { length: 30, seed: 5 };
    const expected = await sampleText(trainer.model, trainer.vocabulary, options);
    expect(await sampleText(model, vocabulary, options)).toBe(expected);
    model.dispose();
    expect(device.memory().liveTensors).toBe(0);
  });

  test('without what only training needs: the same samples, and no going on', async () => {
    const { bytes } = await save();
    const device = await openDevice('cpu');
    const small = modelOnly(bytes);
    expect(small.length).toBeLessThan(bytes.length / 2);
    const [whole, alone] = [bytes, small].map((each) => readCheckpoint(each));
    expect(alone.header).toEqual(whole.header);
    const samples: string[] = [];
    for (const checkpoint of [whole, alone]) {
      const { model, vocabulary } = loadModel(device, checkpoint);
      samples.push(await sampleText(model, vocabulary, { length: 60, seed: 5 }));
      model.dispose();
    }
    expect(samples[1]).toBe(samples[0]);
    expect(modelOnly(small)).toEqual(small);
    const message = thrown(CheckpointError, () => resumeTraining(device, TEXT, alone));
    expect(message).toMatch(
      /a model alone.*state of the optimizer is missing.*give the whole checkpoint/,
    );
    expect(device.memory().liveTensors).toBe(0);
    thrown(CheckpointError, () => modelOnly(bytes.slice(0, -1)));
  });

  test('that do not fit leave nothing of the model behind', async () => {
    const { bytes } = await save();
    const device = await openDevice('cpu');
    const { header, tensors } = readCheckpoint(bytes);
    tensors.delete('decoder.bias');
    expect(thrown(CheckpointError, () => loadModel(device, { header, tensors }))).toContain(
      'decoder.bias is missing',
    );
    expect(device.memory().liveTensors).toBe(0);
  });
});

describe('sampling', () => {
  test('the same seed draws the same text, another seed another', async () => {
    const { model, vocabulary } = await make();
    const draw = (seed: number, temperature = 1) =>
      sampleText(model, vocabulary, { length: 60, seed, temperature });
    const first = await draw(1);
    expect(first.length).toBe(60);
    expect(await draw(1)).toBe(first);
    expect(await draw(2)).not.toBe(first);
    expect(await draw(1, 0)).toBe(await draw(2, 0));
    expect([...first].every((character) => vocabulary.has(character))).toBe(true);
  });

  test('texts side by side are those of the seeds one after the other', async () => {
    const { model, vocabulary, device } = await make();
    const before = device.memory().liveTensors;
    const options = { prime: 'ab', length: 50, seed: 2 ** 32 - 1 };
    const texts = await sampleTexts(model, vocabulary, { ...options, batch: 3 });
    expect(texts).toEqual([
      await sampleText(model, vocabulary, options),
      await sampleText(model, vocabulary, { ...options, seed: 0 }),
      await sampleText(model, vocabulary, { ...options, seed: 1 }),
    ]);
    expect(new Set(texts).size).toBe(3);
    expect(await sampleTexts(model, vocabulary, { length: 0, batch: 2 })).toEqual(['', '']);
    for (const bad of [0, 1.5, NaN]) {
      const message = await rejected(ArgumentError, sampleTexts(model, vocabulary, { batch: bad }));
      expect(message).toContain(`batch = ${bad}`);
    }
    expect(device.memory().liveTensors).toBe(before);
  });

  test('a text of many chunks is that of one character after the other', async () => {
    const { model, vocabulary } = await make();
    const text = await sampleText(model, vocabulary, { length: 2500, seed: 4 });
    expect(text).toHaveLength(2500);
    let walked = '';
    for await (const character of sample(model, vocabulary, { length: 2500, seed: 4 })) {
      walked += character;
      if (walked.length === 40) await new Promise((resolve) => setTimeout(resolve, 1));
    }
    expect(walked).toBe(text);
    expect(await sampleText(model, vocabulary, { length: 33, seed: 4 })).toBe(text.slice(0, 33));
  });

  test('temperature 0 takes the likeliest each time', async () => {
    const trainer = await make();
    await steps(trainer, 30);
    const { model, vocabulary, device } = trainer;
    const ids = [...vocabulary.encode('abc')];
    const expected: number[] = [];
    for (let i = 0; i < 12; i++) {
      // The whole text anew each time, in place of a carried state.
      const all = [...ids, ...expected];
      const { logits } = noGrad(() =>
        model.forward(tensor(device, all, [all.length, 1], { dtype: 'i32' })),
      );
      const last = (await logits.data()).slice(-vocabulary.size);
      expected.push(last.indexOf(Math.max(...last)));
    }
    const options = { prime: 'abc', length: 12, temperature: 0 };
    expect(await sampleText(model, vocabulary, options)).toBe(vocabulary.decode(expected));
  });

  test('bad options', async () => {
    const { model, vocabulary, device } = await make();
    const before = device.memory().liveTensors;
    const draw = (options: object) => sampleText(model, vocabulary, { length: 3, ...options });
    expect(await rejected(TextError, draw({ prime: 'aZ' }))).toContain("'Z' at position 1");
    expect(await rejected(ArgumentError, draw({ prime: '' }))).toContain('prime');
    for (const bad of [-1, NaN, Infinity]) {
      const message = await rejected(ArgumentError, draw({ temperature: bad }));
      expect(message).toContain(`temperature = ${bad}`);
    }
    for (const bad of [-1, 1.5, NaN]) {
      expect(await rejected(ArgumentError, draw({ length: bad }))).toContain(`length = ${bad}`);
    }
    expect(await draw({ length: 0 })).toBe('');
    expect(device.memory().liveTensors).toBe(before);
    expect(model.training).toBe(true);
  });

  test.each([1, 0.5, 2])('drawIndex follows softmax(logits / %d)', (temperature) => {
    const logits = [0.3, -1, 2, 0, 1.1, -Infinity];
    const weights = logits.map((x) => Math.exp(x / temperature));
    const total = weights.reduce((sum, weight) => sum + weight, 0);
    const random = new Random(11);
    const counts = logits.map(() => 0);
    const n = 20_000;
    for (let i = 0; i < n; i++) counts[drawIndex(logits, temperature, random)]++;
    expect(counts[5]).toBe(0);
    const chi = weights.slice(0, 5).reduce((sum, weight, i) => {
      const expected = (n * weight) / total;
      return sum + (counts[i] - expected) ** 2 / expected;
    }, 0);
    // 4 degrees of freedom: above this once in a thousand.
    expect(chi).toBeLessThan(18.5);
  });

  test('drawIndex draws among the likeliest alone', () => {
    const random = new Random(4);
    const logits = [1, 5, 4.5, 2, 4];
    const drawn = (options: DrawIndexOptions) =>
      new Set(Array.from({ length: 200 }, () => drawIndex(logits, 2, random, options)));
    expect(drawn({})).toEqual(new Set([0, 1, 2, 3, 4]));
    expect(drawn({ topK: 3 })).toEqual(new Set([1, 2, 4]));
    // The two likeliest hold 0.65 of the probability.
    expect(drawn({ topP: 0.6 })).toEqual(new Set([1, 2]));
    expect(drawn({ topP: 1e-9 })).toEqual(new Set([1]));
  });

  test('drawIndex at the edges', () => {
    const random = new Random(1);
    expect(drawIndex([5], 1, random)).toBe(0);
    expect(drawIndex([1, 3, 2], 0, random)).toBe(1);
    for (let i = 0; i < 50; i++) {
      expect(drawIndex([1000, -1000, 999], 0.01, random)).toBe(0);
      expect(drawIndex([-1e30, 1e30], 1e-300, random)).toBe(1);
    }
    expect(() => drawIndex([1, 2], -1, random)).toThrow(ArgumentError);
    expect(() => drawIndex([1, 2], 1, random, { topP: 0 })).toThrow('topP = 0');
    expect(() => drawIndex([1, 2], 1, random, { topK: 0.5 })).toThrow('topK = 0.5');
  });
});

describe('faults', () => {
  test.each([
    ['embedding.weight', NaN],
    ['rnn.weight_hh_l0', Infinity],
    ['decoder.bias', -Infinity],
  ])('%s with a %d is found and named', async (name, value) => {
    const trainer = await make();
    await steps(trainer, 2);
    const parameter = trainer.model.stateDict().get(name)!;
    const values = await parameter.data();
    values[values.length - 1] = value;
    parameter.write(values);
    await trainer.trainStep();
    const message = await rejected(NonFiniteError, trainer.report());
    expect(message).toContain(name);
    expect(message).toContain('step 3');
    for (const other of trainer.model.stateDict().keys()) {
      if (other !== name) expect(message).not.toContain(other);
    }
  });

  test('a step with a gradient that is not finite is skipped and counted', async () => {
    const trainer = await make();
    await steps(trainer, 2);
    const { model, optimizer } = trainer;
    const before = await valuesOf(model.namedParameters());
    const window = windowTensors(trainer.device, 2, 2);
    scope(() => {
      const state = model.zeroState(2);
      backward(model.loss(window, state).loss);
      const grad = model.decoder.bias!.grad!;
      grad.write(new Float32Array(grad.size).fill(NaN));
      optimizer.step({ maxNorm: 5 });
      optimizer.zeroGrad();
    });
    expect(await valuesOf(model.namedParameters())).toEqual(before);
    for (let i = 0; i < 3; i++) await trainer.trainStep();
    expect(await trainer.report()).toMatchObject({ step: 5, skipped: 1 });
  });

  test('settings out of range name the setting', async () => {
    const device = await openDevice('cpu');
    for (const [name, value] of [
      ['hidden', 0],
      ['hidden', 1.5],
      ['layers', 0],
      ['embedding', -1],
      ['dropout', 1.5],
      ['batch', 0],
      ['seq', NaN],
      ['lr', -1],
      ['lr', Infinity],
      ['clip', -1],
      ['validFraction', 1],
      ['seed', -1],
      ['seed', 2 ** 32],
      ['warmup', -1],
      ['scheduleSteps', 0],
      ['cell', 'elman'],
      ['optimizer', 'lion'],
      ['schedule', 'none'],
      ['recurrentInit', 'zero'],
      ['forgetBias', NaN],
      ['forgetBias', 'x'],
    ] as const) {
      const config = { ...TINY, [name]: value } as Partial<TrainConfig>;
      let error: unknown;
      try {
        new CharTrainer(device, TEXT, config).dispose();
      } catch (reason) {
        error = reason;
      }
      expect.soft(error, `${name} = ${value}`).toBeInstanceOf(ArgumentError);
      expect.soft(String(error)).toMatch(new RegExp(`${name} = "?${value}`));
    }
    expect(device.memory().liveTensors).toBe(0);
    expect(completeConfig({ seed: 2 ** 32 - 1 }).seed).toBe(2 ** 32 - 1);
  });

  test('a forget bias for a cell without a forget gate, but not in a checkpoint that has one', async () => {
    const device = await openDevice('cpu');
    const given = { ...TINY, cell: 'gru', forgetBias: 1 } as const;
    const way = /^forgetBias = 1; gru has no gate f for it: leave it out, or choose one of lstm, /;
    expect(thrown(ArgumentError, () => new CharTrainer(device, TEXT, given))).toMatch(way);
    expect(device.memory().liveTensors).toBe(0);

    const bytes = await saveCheckpoint(await make({ ...given, forgetBias: null }));
    const { header, tensors } = readCheckpoint(bytes);
    // As earlier versions let it be.
    const config = { ...header.config, forgetBias: 1 };
    const lethe = JSON.stringify({ ...header, config });
    const checkpoint = readCheckpoint(encodeSafetensors(tensors, { lethe }));
    loadModel(device, checkpoint).model.dispose();
    const resumed = resumeTraining(device, TEXT, checkpoint);
    expect(resumed.config.forgetBias).toBe(null);
    const { trainer } = await initFromCheckpoint(device, TEXT, checkpoint);
    expect(trainer.config.forgetBias).toBe(null);
    const again = initFromCheckpoint(device, TEXT, checkpoint, { forgetBias: 1 });
    expect(await rejected(ArgumentError, again)).toMatch(way);
    for (const one of [resumed, trainer]) one.dispose();
    expect(device.memory().liveTensors).toBe(0);
  });

  test('texts too short to train on; no text held out', async () => {
    const device = await openDevice('cpu');
    for (const text of ['', 'a', 'abcdefgh']) {
      thrown(TextError, () => new CharTrainer(device, text, TINY));
    }
    const known = Vocabulary.fromText('ab');
    thrown(TextError, () => new CharTrainer(device, TEXT, TINY, known));
    expect(device.memory().liveTensors).toBe(0);
    const all = await make({ ...TINY, validFraction: 0 });
    expect(all.canEvaluate).toBe(false);
    await rejected(TextError, all.evaluate());
    await steps(all, 1);
  });

  test('a text shorter than the batch is evaluated all the same', async () => {
    const trainer = await make({ ...TINY, batch: 8, validFraction: 0.02 });
    expect(trainer.canEvaluate).toBe(true);
    const before = trainer.device.memory().liveBytes;
    const { loss } = await trainer.evaluate();
    expect(Math.abs(loss - Math.log(10))).toBeLessThan(0.7);
    const { model } = trainer;
    const ids = trainer.vocabulary.encode('ab');
    expect(await evaluate(model, ids, { batch: 32, seq: 50 })).toBeGreaterThan(0);
    await rejected(TextError, evaluate(model, ids.slice(0, 1), { batch: 1, seq: 1 }));
    expect(trainer.device.memory().liveBytes).toBe(before);
  });
});

test('the loop reports, evaluates and samples when due, and stops with its consumer', async () => {
  const trainer = await make();
  const options = { steps: 10, logEvery: 4, evalEvery: 5, sampleEvery: 5, sample: { length: 6 } };
  const events: TrainEvent[] = [];
  for await (const event of train(trainer, options)) events.push(event);
  const kinds = events.map((event) => `${event.kind} ${event.step}`);
  expect(kinds).toEqual([
    'sample 0',
    ...['started 1', 'step 1', 'step 2', 'step 3', 'report 4', 'step 4'],
    ...['report 5', 'sample 5', 'step 5'],
    ...['step 6', 'step 7', 'report 8', 'step 8', 'step 9'],
    ...['report 10', 'sample 10', 'step 10'],
  ]);
  for (const event of events) {
    if (event.kind !== 'report') continue;
    expect(event.valLoss !== undefined).toBe(event.step % 5 === 0);
    expect(event.charactersPerSecond).toBeGreaterThan(0);
  }
  for await (const event of train(trainer, { ...options, steps: 100 })) {
    if (event.step === 12) break;
  }
  expect(trainer.step).toBe(12);
});

test('a run with skipped steps behind it resumes', async () => {
  const first = await make();
  await steps(first, 2);
  // A gradient past f32: the norm is infinite, and the step is left out.
  first.model.decoder.bias!.write(new Float32Array(first.vocabulary.size));
  for (let i = 0; i < 3; i++) {
    scope(() => {
      backward(first.model.loss(windowTensors(first.device, 2, 2), first.model.zeroState(2)).loss);
      const grad = first.model.decoder.bias!.grad!;
      grad.write(new Float32Array(grad.size).fill(NaN));
      first.optimizer.step({ maxNorm: 5 });
      first.optimizer.zeroGrad();
    });
  }
  const bytes = await saveCheckpoint(first, markText(TEXT, 'test'));
  const second = resumeTraining(first.device, TEXT, readCheckpoint(bytes));
  await second.trainStep();
  expect(await second.report()).toMatchObject({ step: 3, skipped: 3 });
});

test('a checkpoint is of one moment, though training goes on', async () => {
  const still = await make();
  await steps(still, 3);
  const expected = await saveCheckpoint(still, markText(TEXT, 'test'));
  const moving = await make();
  await steps(moving, 3);
  const saving = saveCheckpoint(moving, markText(TEXT, 'test'));
  await moving.settle();
  await moving.trainStep();
  expect(Buffer.compare(await saving, expected)).toBe(0);
});

test('a failed step leaves no gradients behind, and evaluation no flags', async () => {
  const trainer = await make();
  const run = trainer.device.backend.run.bind(trainer.device.backend);
  let left = 15;
  trainer.device.backend.run = (...args) => {
    if (left-- === 0) throw new Error('injected');
    run(...(args as Parameters<typeof run>));
  };
  // The first one makes the tensors of its batch, which stay.
  await expect(trainer.trainStep()).rejects.toThrow('injected');
  const before = trainer.device.memory().liveTensors;
  left = 15;
  await expect(trainer.trainStep()).rejects.toThrow('injected');
  expect(trainer.model.parameters().every((parameter) => !parameter.grad)).toBe(true);
  expect(trainer.device.memory().liveTensors).toBe(before);
  left = 5;
  await expect(trainer.evaluate()).rejects.toThrow('injected');
  expect([...trainer.model.modules()].every((part) => part.training)).toBe(true);
});
