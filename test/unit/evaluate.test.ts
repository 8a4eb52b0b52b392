/** The loss of a text: of one reader, whatever the number of streams, and as `TextScorer` has it. */
import { beforeAll, describe, expect, test, vi } from 'vitest';

import { ArgumentError, openDevice, Random, tensor, TextError } from '../../src/index';
import type { Device } from '../../src/index';
import { CharTrainer, evaluate, TextScorer } from '../../src/train/index';
import type { TrainConfig, CharModel } from '../../src/train/index';
import type { Ids } from '../../src/text/index';
import { rejected } from '../setup/nn_helpers';

/** Words, in quotation marks for long stretches: what stands far back tells of what comes. */
const TEXT = (() => {
  const random = new Random(5);
  const words = ['the', 'cat', 'sat', 'on', 'a', 'mat'];
  const quoted = ['o', 'tom', 'come'];
  let text = '';
  while (text.length < 40_000) {
    const speech = random.uniform() < 0.4;
    const from = speech ? quoted : words;
    const count = 5 + Math.floor(20 * random.uniform());
    const said = Array.from(
      { length: count },
      () => from[Math.floor(from.length * random.uniform())],
    );
    text += speech ? `"${said.join(' ')}" ` : `${said.join(' ')}. `;
  }
  return text;
})();

const CONFIG = {
  hidden: 16,
  embedding: 8,
  batch: 16,
  seq: 24,
  lr: 0.02,
  seed: 3,
  dropout: 0.2,
  validFraction: 0.4,
} satisfies Partial<TrainConfig>;

const SIZES = [
  { batch: 2, seq: 3000 },
  { batch: 3, seq: 50 },
  { batch: 7, seq: 64 },
  { batch: 32, seq: 7 },
  { batch: 150, seq: 50 },
];

let device: Device;
beforeAll(async () => {
  device = await openDevice('cpu');
});

async function trained(config: Partial<TrainConfig>, steps: number): Promise<CharTrainer> {
  const trainer = new CharTrainer(device, TEXT, { ...CONFIG, ...config });
  while (trainer.step < steps) await trainer.trainStep();
  return trainer;
}

/** Characters whose losses the model computes while `body` runs. */
async function charactersRead(model: CharModel, body: () => Promise<unknown>): Promise<number> {
  const spy = vi.spyOn(model, 'loss');
  await body();
  const read = spy.mock.calls.reduce((sum, [{ labels }]) => sum + labels.size, 0);
  spy.mockRestore();
  return read;
}

/** -ln p of each character but the first, from the model's logits in one window. */
async function lossesOf(model: CharModel, ids: Ids): Promise<Float64Array> {
  const read = tensor(device, ids.subarray(0, -1), [ids.length - 1, 1], { dtype: 'i32' });
  model.eval();
  const logits = await model.forward(read).logits.data();
  const n = model.decoder.weight.shape[0];
  return Float64Array.from(ids.subarray(1), (target, row) => {
    const scores = Array.from(logits.slice(row * n, (row + 1) * n));
    return Math.log(scores.reduce((sum, score) => sum + Math.exp(score), 0)) - scores[target];
  });
}

const mean = (values: ArrayLike<number>): number =>
  Array.from(values).reduce((sum, value) => sum + value / values.length, 0);

describe.each(
  (['rnn', 'lstm', 'gru'] as const).flatMap((cell) =>
    [1, 2].map((layers) => [cell, layers] as const),
  ),
)('%s of %i layers, trained', (cell, layers) => {
  test('one loss for any number of streams, that of every character but the first', async () => {
    const trainer = await trained({ cell, layers }, 150);
    const { model, vocabulary } = trainer;
    // A length of which no batch here is a divisor.
    const text = TEXT.slice(-16_001);
    const ids = vocabulary.encode(text);
    const expected = mean(await lossesOf(model, ids));
    expect(expected).toBeLessThan(1.2);
    expect(Math.abs((await evaluate(model, ids, { batch: 1, seq: 500 })) - expected)).toBeLessThan(
      1e-5,
    );
    for (const size of SIZES) {
      let loss = 0;
      const read = await charactersRead(model, async () => {
        loss = await evaluate(model, ids, size);
      });
      expect(Math.abs(loss - expected), `batch ${size.batch}, seq ${size.seq}`).toBeLessThan(1e-4);
      // Streams are given up nowhere.
      expect(read / ids.length).toBeLessThan(1.9);
    }

    const scorer = new TextScorer(model, vocabulary, { prime: text[0], alternatives: 0 });
    const scores = await scorer.score(text.slice(1));
    scorer.dispose();
    const scored = mean(scores.map(({ probability }) => -Math.log(probability)));
    expect(Math.abs(scored - expected)).toBeLessThan(1e-4);
    trainer.dispose();
  });
});

test.each([
  ['an LSTM that forgets nothing', { cell: 'lstm', forgetBias: 40 }],
  // Orthogonal weights, scaled below: small differences grow.
  ['an RNN in chaos', { cell: 'rnn', recurrentInit: 'orthogonal' }],
] as const)('%s: the text is read as one stream', async (_, config) => {
  const trainer = await trained(config, 0);
  const { model, vocabulary } = trainer;
  if (config.cell === 'rnn') {
    for (const [name, weight] of model.namedParameters('')) {
      if (!name.startsWith('rnn.weight_hh')) continue;
      weight.write((await weight.data()).map((value) => 3 * value));
    }
  }
  const ids = vocabulary.encode(TEXT.slice(0, 10_007));
  const expected = await evaluate(model, ids, { batch: 1, seq: 100 });
  let loss = 0;
  const read = await charactersRead(model, async () => {
    loss = await evaluate(model, ids, { batch: 4, seq: 100 });
  });
  expect(read).toBeGreaterThan(2.9 * ids.length);
  expect(Math.abs(loss - expected)).toBeLessThan(1e-5);
  trainer.dispose();
});

test('each character but the first counts once, in a text of any length', async () => {
  const { model } = await trained({}, 0);
  for (const length of [2, 3, 2048, 4096, 4097, 4098, 8200]) {
    const ids = Int32Array.from({ length }, (_, i) => (i * i) % 11);
    const expected = mean(await lossesOf(model, ids));
    const loss = await evaluate(model, ids, { batch: 32, seq: 50 });
    expect(Math.abs(loss - expected), `${length} characters`).toBeLessThan(1e-5);
  }
});

test('refusals, and memory', async () => {
  const { model } = await trained({}, 0);
  const ids = new Int32Array(9000);
  await evaluate(model, ids, { batch: 4, seq: 50 });
  const { liveTensors, liveBytes } = device.memory();
  await evaluate(model, ids, { batch: 4, seq: 50 });
  await rejected(TextError, evaluate(model, ids.subarray(0, 1), { batch: 4, seq: 50 }));
  for (const batch of [0, 1.5, NaN]) {
    await rejected(ArgumentError, evaluate(model, ids, { batch, seq: 50 }));
  }
  await rejected(ArgumentError, evaluate(model, ids, { batch: 4, seq: 1.5 }));
  expect(device.memory()).toMatchObject({ liveTensors, liveBytes });
});

test('a trainer evaluates with its own batch, and has the loss of one stream', async () => {
  const trainer = await trained({}, 60);
  const { vocabulary, model } = trainer;
  const ids = vocabulary.encode(TEXT).slice(Math.floor(TEXT.length * 0.6));
  const alone = await evaluate(model, ids, { batch: 1, seq: 100 });
  expect(Math.abs((await trainer.evaluate()).loss - alone)).toBeLessThan(1e-4);
});
