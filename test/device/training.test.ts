/** Rung 5 on WebGPU: a tiny character model learns as it does on the CPU. */
import { describe, expect, test } from 'vitest';
import { backward, dispose, NonFiniteError, scope } from '../../src/index';
import { clipGradNorm } from '../../src/optim/index';
import {
  CharTrainer,
  markText,
  readCheckpoint,
  resumeTraining,
  sampleText,
  saveCheckpoint,
} from '../../src/train/index';
import { windowTensors } from '../../src/train/char_model';
import type { TrainConfig } from '../../src/train/index';
import { rejected, valuesOf } from '../setup/nn_helpers';
import { cpu, gpu } from '../setup/devices';

/** Letters in an order without a period. */
const TEXT = Array.from({ length: 400 }, (_, i) => 'abcdefgh \n'[(i * i + (i >> 3)) % 10]).join('');

const TINY = {
  hidden: 16,
  embedding: 8,
  batch: 4,
  seq: 8,
  lr: 0.01,
  seed: 3,
} satisfies Partial<TrainConfig>;
const DROPPING = { ...TINY, layers: 2, dropout: 0.3 };

/** Takes steps; the loss of each. */
async function steps(trainer: CharTrainer, count: number): Promise<number[]> {
  const losses: number[] = [];
  for (let i = 0; i < count; i++) {
    await trainer.trainStep();
    losses.push((await trainer.report())!.loss);
  }
  return losses;
}

function expectSameCurve(actual: readonly number[], expected: readonly number[]): void {
  for (const [step, loss] of expected.entries()) {
    const error = Math.abs(actual[step] - loss) / loss;
    expect(error, `step ${step + 1}: ${actual[step]} and ${loss}`).toBeLessThan(1e-3);
  }
}

async function expectSameRun(config: Partial<TrainConfig>, count: number): Promise<void> {
  const [there, here] = [gpu, cpu].map((device) => new CharTrainer(device, TEXT, config));
  const start = await valuesOf(there.model.namedParameters());
  expect(start).toEqual(await valuesOf(here.model.namedParameters()));
  const expected = await steps(here, count);
  expectSameCurve(await steps(there, count), expected);
  expect(Math.min(...expected)).toBeLessThan(expected[0]);
  const { loss: validation } = await here.evaluate();
  expect(Math.abs((await there.evaluate()).loss - validation) / validation).toBeLessThan(1e-3);
  there.dispose();
  here.dispose();
}

/** With a gate apart and without, with vectors, without a recurrent product, and unrolled. */
const CELLS = ['rnn', 'lstm', 'gru', 'peephole', 'indrnn', 'gru-reset-before'] as const;

describe.each(CELLS)('%s', (cell) => {
  test('20 steps have the losses of the CPU', () => expectSameRun({ ...TINY, cell }, 20));
});

test('dropout drops the same elements as on the CPU', () => expectSameRun(DROPPING, 12));

test('one-hot input and SGD follow the CPU too', () =>
  expectSameRun({ ...TINY, embedding: 0, optimizer: 'sgd', lr: 0.3, clipValue: 0.05 }, 8));

test('learns a short text by heart, and recites it', async () => {
  const phrase = 'to be or not. ';
  const config = { ...TINY, cell: 'gru', batch: 4, seq: 7, lr: 0.03 } as const;
  const trainer = new CharTrainer(gpu, phrase.repeat(12), config);
  let loss = Infinity;
  for (let i = 0; i < 8 && !(loss < 0.1); i++) {
    for (let step = 0; step < 24; step++) await trainer.trainStep();
    await trainer.report();
    [loss] = await steps(trainer, 1);
  }
  expect(loss).toBeLessThan(0.1);
  const options = { prime: phrase, length: 14, temperature: 0 };
  expect(await sampleText(trainer.model, trainer.vocabulary, options)).toBe(phrase);
  trainer.dispose();
});

test('samples are those of the CPU', async () => {
  const texts: string[] = [];
  for (const device of [gpu, cpu]) {
    const trainer = new CharTrainer(device, TEXT, TINY);
    texts.push(await sampleText(trainer.model, trainer.vocabulary, { length: 24, seed: 5 }));
    trainer.dispose();
  }
  expect(texts[0].length).toBe(24);
  expect(texts[0]).toBe(texts[1]);
});

test('a checkpoint from WebGPU goes on there, and on the CPU', async () => {
  const whole = new CharTrainer(gpu, TEXT, DROPPING);
  await steps(whole, 3);
  const bytes = await saveCheckpoint(whole, markText(TEXT, 'test'));
  const expected = await steps(whole, 3);
  for (const device of [gpu, cpu]) {
    const second = resumeTraining(device, TEXT, readCheckpoint(bytes));
    expect(second.step).toBe(3);
    expectSameCurve(await steps(second, 3), expected);
    second.dispose();
  }
  whole.dispose();
});

test('a step with a gradient that is not finite is skipped and counted', async () => {
  const trainer = new CharTrainer(gpu, TEXT, TINY);
  await trainer.trainStep();
  const { model, optimizer } = trainer;
  const save = async () => {
    const state = await optimizer.stateDict();
    state.delete('clock');
    return [await valuesOf(model.namedParameters()), state];
  };
  const saved = await save();
  const window = windowTensors(gpu, 2, 2);
  for (const value of [NaN, Infinity, -Infinity]) {
    const norm = scope(() => {
      backward(model.loss(window, model.zeroState(2)).loss);
      const grad = model.decoder.bias!.grad!;
      grad.write(new Float32Array(grad.size).fill(value));
      const length = clipGradNorm(model.parameters(), 5);
      optimizer.step();
      optimizer.zeroGrad();
      return length;
    });
    expect(await norm.item()).toBe(Infinity);
    norm.dispose();
  }
  dispose(window);
  expect(await save()).toEqual(saved);
  expect(await optimizer.counts()).toMatchObject({ steps: 1, skipped: 3 });
  for (let i = 0; i < 5; i++) await trainer.trainStep();
  expect(await trainer.report()).toMatchObject({ step: 6, skipped: 3 });
  expect(await save()).not.toEqual(saved);
  trainer.dispose();
});

test('live bytes are the same after steps 10 and 60', async () => {
  const trainer = new CharTrainer(gpu, TEXT, { ...DROPPING, hidden: 8, seq: 4 });
  const look = async (count: number) => {
    for (let i = 0; i < count; i++) {
      await trainer.trainStep();
      if (i % 10 > 0) continue;
      await trainer.report();
      await trainer.evaluate();
      await sampleText(trainer.model, trainer.vocabulary, { length: 2 });
    }
    const { liveBytes, liveTensors } = gpu.memory();
    return { liveBytes, liveTensors };
  };
  const after10 = await look(10);
  expect(await look(50)).toEqual(after10);
  trainer.dispose();
});

test.each([NaN, Infinity])('a weight of %d is found and named', async (value) => {
  const trainer = new CharTrainer(gpu, TEXT, TINY);
  const weight = trainer.model.stateDict().get('rnn.weight_hh_l0')!;
  const values = await weight.data();
  values[values.length - 1] = value;
  weight.write(values);
  await trainer.trainStep();
  const message = await rejected(NonFiniteError, trainer.report());
  expect(message).toContain('rnn.weight_hh_l0');
  expect(message).not.toContain('decoder');
  trainer.dispose();
});
