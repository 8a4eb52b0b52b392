/** A character model as the language model of a CTC beam search. */
import { beforeEach, expect, test } from 'vitest';

import { ctcBatchBeamSearch } from '../../src/ctc/index';
import { ArgumentError, Generator, openDevice, TextError } from '../../src/index';
import type { Device } from '../../src/index';
import { Vocabulary } from '../../src/text/index';
import { charLanguageModel, CharModel, completeConfig, TextScorer } from '../../src/train/index';
import type { CellName } from '../../src/train/index';
import { waves } from '../setup/ctc';

const VOCABULARY = Vocabulary.fromText('abc\n');

let device: Device;
beforeEach(async () => {
  device = await openDevice('cpu');
});

function makeModel(cell: CellName, layers: number): CharModel {
  const config = completeConfig({ cell, hidden: 6, embedding: 4, layers, dropout: 0.5 });
  return new CharModel(device, VOCABULARY.size, config, 3, new Generator(device, 1));
}

/** ln of the probability of a text behind a prime, by the scorer of texts. */
async function scored(model: CharModel, prime: string, text: string): Promise<number> {
  const scorer = new TextScorer(model, VOCABULARY, { prime });
  const scores = await scorer.score(text);
  scorer.dispose();
  return scores.reduce((sum, { probability }) => sum + Math.log(probability), 0);
}

test.each<[CellName, number, number, string]>([
  ['lstm', 2, 0, '\n'],
  ['gru', 1, 2, 'cab'],
  ['rnn', 2, 4, 'b'],
])('%s, %i layers, blank %i, prime %j', async (cell, layers, blank, prime) => {
  const model = makeModel(cell, layers);
  const before = device.memory().liveTensors;
  const languageModel = charLanguageModel(model, VOCABULARY, { blank, prime });
  const options = { blank, languageModel, width: 30, nBest: 30, weight: 2 };
  const found = await ctcBatchBeamSearch(waves(9, 5), options);
  expect(found).toHaveLength(30);
  expect(Math.max(...found.map(({ labels }) => labels.length))).toBeGreaterThan(2);
  for (const { labels, languageLogProbability } of found) {
    const text = labels.map((c) => VOCABULARY.character(c > blank ? c - 1 : c)).join('');
    expect(languageLogProbability).toBeCloseTo(await scored(model, prime, text), 5);
  }
  expect(device.memory().liveTensors).toBe(before);
  expect(model.training).toBe(true);
});

test('without a prime a line end comes first', async () => {
  const model = makeModel('lstm', 1);
  const search = (prime?: string) =>
    ctcBatchBeamSearch(waves(5, 5), {
      languageModel: charLanguageModel(model, VOCABULARY, { prime }),
    });
  expect(await search()).toEqual(await search('\n'));
  expect(await search()).not.toEqual(await search('a'));
});

test('what does not fit is refused', async () => {
  const model = makeModel('lstm', 1);
  const given = (options: object) => () => charLanguageModel(model, VOCABULARY, options);
  expect(given({ blank: 5 })).toThrow(ArgumentError);
  expect(given({ blank: 5 })).toThrow(/blank = 5; a class is needed, an integer from 0 to 4/);
  expect(given({ prime: 'x' })).toThrow(TextError);
  expect(given({ prime: '' })).toThrow(/prime is empty/);
  const languageModel = charLanguageModel(model, VOCABULARY);
  await expect(ctcBatchBeamSearch(waves(3, 4), { languageModel })).rejects.toThrow(
    /languageModel.start gives .* with one for each of the 4 classes/,
  );
});
