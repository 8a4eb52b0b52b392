/** Scores of a text: against the logits of the model itself, in pieces, and when something fails. */
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';

import {
  ArgumentError,
  Generator,
  noGrad,
  openDevice,
  tensor,
  Tensor,
  TextError,
} from '../../src/index';
import type { Device } from '../../src/index';
import { Vocabulary } from '../../src/text/index';
import {
  CELL_NAMES,
  CharModel,
  completeConfig,
  evaluate,
  sampleText,
  TextScorer,
} from '../../src/train/index';
import type { CellName, CharacterScore, ScoringOptions } from '../../src/train/index';
import { distance, rejected, thrown } from '../setup/nn_helpers';

const VOCABULARY = Vocabulary.fromText('abcde 😀\n');
const TEXT = 'bad 😀 cab\nace';

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

function makeModel(cell: CellName = 'lstm'): CharModel {
  const config = completeConfig({ cell, hidden: 6, embedding: 4, layers: 2, dropout: 0.5 });
  return new CharModel(device, VOCABULARY.size, config, 3, new Generator(device, 1));
}

async function scoresOf(
  model: CharModel,
  pieces: readonly string[],
  options?: ScoringOptions,
): Promise<CharacterScore[]> {
  const scorer = new TextScorer(model, VOCABULARY, options);
  const scores: CharacterScore[] = [];
  for (const piece of pieces) scores.push(...(await scorer.score(piece)));
  scorer.dispose();
  return scores;
}

/** softmax of the model's own logits before each character of the text, after the prime. */
async function expected(
  model: CharModel,
  prime: string,
  text: string,
  vocabulary = VOCABULARY,
): Promise<number[][]> {
  const ids = vocabulary.encode(prime + text);
  const window = tensor(device, ids, [ids.length, 1], { dtype: 'i32' });
  model.eval();
  const logits = await noGrad(() => model.forward(window).logits).data();
  model.train();
  const first = Array.from(prime).length - 1;
  return Array.from({ length: Array.from(text).length }, (_, i) => {
    const begin = (first + i) * vocabulary.size;
    const weights = Array.from(logits.slice(begin, begin + vocabulary.size), Math.exp);
    const total = weights.reduce((a, b) => a + b);
    return weights.map((weight) => weight / total);
  });
}

const probabilities = (scores: readonly CharacterScore[]) =>
  scores.map(({ probability }) => probability);

describe.each(CELL_NAMES)('%s', (cell) => {
  test.each([
    ['a line end', undefined, '\n'],
    ['one character', 'a', 'a'],
    ['a longer one', 'dead 😀', 'dead 😀'],
  ])("softmax of the model's logits; prime: %s", async (_, prime, read) => {
    const model = makeModel(cell);
    const scores = await scoresOf(model, [TEXT], { prime, alternatives: VOCABULARY.size });
    const rows = await expected(model, read, TEXT);
    const ids = VOCABULARY.encode(TEXT);
    expect(scores.map(({ character }) => character).join('')).toBe(TEXT);
    expect(
      distance(
        probabilities(scores),
        rows.map((row, i) => row[ids[i]]),
      ),
    ).toBeLessThan(1e-6);
    for (const [i, { likeliest }] of scores.entries()) {
      const row = rows[i].map((p, id) => [VOCABULARY.character(id), p] as const);
      row.sort((a, b) => b[1] - a[1]);
      expect(likeliest.map(([character]) => character)).toEqual(
        row.map(([character]) => character),
      );
      expect(
        distance(
          likeliest.map(([, p]) => p),
          row.map(([, p]) => p),
        ),
      ).toBeLessThan(1e-6);
    }
    expect(model.training).toBe(true);
  });

  test('in pieces as in a whole', async () => {
    const model = makeModel(cell);
    const whole = await scoresOf(model, [TEXT]);
    const pieces = await scoresOf(model, ['', 'b', 'ad 😀', '', ' cab\nac', 'e', '']);
    expect(pieces.map(({ character }) => character)).toEqual(
      whole.map(({ character }) => character),
    );
    expect(distance(probabilities(pieces), probabilities(whole))).toBeLessThan(1e-6);
  });
});

test('a long text in windows, with its prime; pieces that are asked for at once keep their order', async () => {
  const model = makeModel('gru');
  const prime = TEXT.repeat(60);
  const text = TEXT.repeat(90);
  const rows = await expected(model, prime, text);
  const ids = VOCABULARY.encode(text);
  const scorer = new TextScorer(model, VOCABULARY, { prime, alternatives: 1 });
  const half = TEXT.repeat(45);
  const scores = (await Promise.all([scorer.score(half), scorer.score(half)])).flat();
  scorer.dispose();
  expect(
    distance(
      probabilities(scores),
      rows.map((row, i) => row[ids[i]]),
    ),
  ).toBeLessThan(1e-5);
});

describe('a large vocabulary', () => {
  const LARGE = new Vocabulary(Array.from({ length: 4000 }, (_, i) => 0x4e00 + i));
  const wide = (): CharModel => {
    const config = completeConfig({ hidden: 8, embedding: 4 });
    return new CharModel(device, LARGE.size, config, 3, new Generator(device, 1)).eval();
  };
  const some = (length: number): Int32Array =>
    Int32Array.from({ length }, (_, i) => (i * i * 7 + i) % LARGE.size);

  /** The most that tensors held at once while `body` ran, of what they hold before. */
  async function peakBytes(body: () => Promise<unknown>): Promise<number> {
    const before = device.memory().liveBytes;
    let peak = 0;
    const alloc = device.backend.alloc.bind(device.backend);
    const spy = vi.spyOn(device.backend, 'alloc').mockImplementation((dtype, length) => {
      peak = Math.max(peak, device.memory().liveBytes + 4 * length);
      return alloc(dtype, length);
    });
    await body();
    spy.mockRestore();
    return peak - before;
  }

  test('a long prime makes no logits but the last', async () => {
    const model = wide();
    const prime = LARGE.decode(some(10_000));
    const text: string[] = [];
    const peak = await peakBytes(async () => {
      text.push(await sampleText(model, LARGE, { prime, length: 5, temperature: 0 }));
    });
    // All of them would be 160 MB.
    expect(peak).toBeLessThan(2e6);
    const [last] = await expected(model, prime, '\u4e00', LARGE);
    expect(LARGE.encode(text[0])[0]).toBe(last.indexOf(Math.max(...last)));
  });

  test('a long text is scored in little memory', async () => {
    const model = wide();
    const text = LARGE.decode(some(3000));
    const peak = await peakBytes(async () => {
      const scorer = new TextScorer(model, LARGE, { prime: text });
      expect(await scorer.score(text)).toHaveLength(3000);
      scorer.dispose();
    });
    expect(peak).toBeLessThan(1.2e7);
  });

  test('scores come nearly as fast as evaluation', async () => {
    const model = wide();
    const ids = some(1500);
    const text = LARGE.decode(ids);
    const spent = async (body: () => Promise<unknown>): Promise<number> => {
      await body();
      const start = process.cpuUsage();
      await body();
      const { user, system } = process.cpuUsage(start);
      return user + system;
    };
    const evaluated = await spent(() => evaluate(model, ids, { batch: 1, seq: 128 }));
    const scored = await spent(async () => {
      const scorer = new TextScorer(model, LARGE);
      await scorer.score(text);
      scorer.dispose();
    });
    // About 3; to sort the vocabulary at each character took over 20.
    expect(scored / evaluated).toBeLessThan(9);
  });
});

describe('unknown characters', () => {
  test('skipped: as if they were not there', async () => {
    const model = makeModel();
    const options = { prime: 'da', unknown: 'skip' } as const;
    const scores = await scoresOf(model, ['bXad', 'YY', 'Zc'], { ...options, prime: 'QdaQ' });
    const without = await scoresOf(model, ['badc'], options);
    expect(scores).toHaveLength(4);
    expect(distance(probabilities(scores), probabilities(without))).toBeLessThan(1e-6);
    expect(await sampleText(model, VOCABULARY, { ...options, prime: 'QdaQ', length: 9 })).toBe(
      await sampleText(model, VOCABULARY, { ...options, length: 9 }),
    );
  });

  test('replaced', async () => {
    const model = makeModel();
    const options = { unknown: { replace: '😀' } } as const;
    const scores = await scoresOf(model, ['bXad'], { ...options, prime: 'Q' });
    const replaced = await scoresOf(model, ['b😀ad'], { prime: '😀' });
    expect(scores.map(({ character }) => character).join('')).toBe('b😀ad');
    expect(probabilities(scores)).toEqual(probabilities(replaced));
  });

  test('refused where nothing is left of the prime, and by default', async () => {
    const model = makeModel();
    expect(
      thrown(
        ArgumentError,
        () => new TextScorer(model, VOCABULARY, { prime: 'QX', unknown: 'skip' }),
      ),
    ).toMatch(/^prime = .*unknown/);
    const scorer = new TextScorer(model, VOCABULARY);
    expect(await rejected(TextError, scorer.score('aQ'))).toMatch(/option unknown/);
    scorer.dispose();
  });
});

test('so many alternatives, likeliest first', async () => {
  const model = makeModel();
  for (const alternatives of [undefined, 0, 3, 100]) {
    const count = Math.min(alternatives ?? 5, VOCABULARY.size);
    for (const { character, probability, likeliest } of await scoresOf(model, [TEXT], {
      alternatives,
    })) {
      expect(likeliest).toHaveLength(count);
      const values = likeliest.map(([, p]) => p);
      expect(values).toEqual(values.toSorted((a, b) => b - a));
      const own = likeliest.find(([other]) => other === character);
      if (own) expect(own[1]).toBe(probability);
      else if (count > 0) expect(probability).toBeLessThanOrEqual(values.at(-1)!);
    }
  }
});

describe('when something fails', () => {
  /** Scores TEXT with a failure in the middle of it. */
  async function expectUnmoved(fail: (scorer: TextScorer, model: CharModel) => Promise<void>) {
    const model = makeModel();
    const whole = await scoresOf(model, [TEXT]);
    const scorer = new TextScorer(model, VOCABULARY);
    const scores = await scorer.score(TEXT.slice(0, 3));
    const live = device.memory().liveTensors;
    await fail(scorer, model);
    expect(device.memory().liveTensors).toBe(live);
    scores.push(...(await scorer.score(TEXT.slice(3))));
    expect(distance(probabilities(scores), probabilities(whole))).toBeLessThan(1e-6);
  }

  test('a character that the vocabulary lacks: nothing is read', async () => {
    await expectUnmoved(async (scorer) => {
      expect(await rejected(TextError, scorer.score('abx'))).toMatch(/'x' at position 2/);
    });
  });

  test('a forward pass that throws: nothing is read', async () => {
    await expectUnmoved(async (scorer, model) => {
      const spy = vi.spyOn(model.decoder, 'forward').mockImplementation(() => {
        throw new Error('no memory');
      });
      await expect(scorer.score('abc')).rejects.toThrow('no memory');
      spy.mockRestore();
    });
  });

  test('a read that fails: nothing is left', async () => {
    const scorer = new TextScorer(makeModel(), VOCABULARY);
    const live = device.memory().liveTensors;
    const spy = vi.spyOn(Tensor.prototype, 'data').mockRejectedValue(new Error('lost'));
    onTestFinished(() => spy.mockRestore());
    await expect(scorer.score('abc')).rejects.toThrow('lost');
    expect(device.memory().liveTensors).toBe(live);
  });

  test('what is refused at once', () => {
    const model = makeModel();
    const live = device.memory().liveTensors;
    const refused = (options: ScoringOptions) => () => new TextScorer(model, VOCABULARY, options);
    expect(thrown(ArgumentError, refused({ prime: '' }))).toMatch(/prime is empty/);
    for (const alternatives of [-1, 1.5, NaN]) {
      const message = thrown(ArgumentError, refused({ alternatives }));
      expect(message).toContain(`alternatives = ${alternatives}`);
    }
    thrown(TextError, refused({ prime: 'x' }));
    expect(device.memory().liveTensors).toBe(live);
  });
});

test('frees all that it makes', async () => {
  const model = makeModel();
  await scoresOf(model, [TEXT]);
  const { liveTensors, liveBytes } = device.memory();
  await scoresOf(model, [TEXT, TEXT]);
  expect(device.memory()).toMatchObject({ liveTensors, liveBytes });
});
