/** `lethe task captions`: pictures described in words, by a decoder that begins with what an encoder saw. */
import { Random } from 'lethe';
import { TokenVocabulary } from 'lethe/data';
import { bleu, exactMatch } from 'lethe/metrics';
import { Adam, cosine } from 'lethe/optim';
import type { Metrics, Task } from 'lethe/train';

import type { Example } from '../example';
import { captionBatches, Captioner, wordsOf } from './captioner';
import type { CaptionBatch } from './captioner';
import { generatePictures, nearestCaptions } from './pictures';
import type { CaptionData } from './pictures';
import { draw, parse } from './shapes';
import type { Picture } from './shapes';

export interface CaptionMeta {
  readonly vocabulary: ReturnType<TokenVocabulary['toJSON']>;
  /** Words of the longest caption, and its end. */
  readonly longest: number;
}

function scores(name: string, found: readonly string[], pictures: readonly Picture[]): Metrics {
  const given = pictures.map(({ caption }) => caption);
  return {
    [`${name}exact`]: exactMatch(found, given),
    [`${name}bleu`]: bleu(found.map(wordsOf), given.map(wordsOf), { smooth: true }),
  };
}

export const captions: Example<CaptionData, CaptionMeta, Captioner> = {
  name: 'captions',
  title: 'Pictures described in words: one to many',
  data:
    'Bundled: generated pictures of two shapes, 24 x 24, such as "a small red circle left of a big blue ' +
    'square", which have no clutter and one right caption. Real ones: npm install --no-save ' +
    'emoji-datasource-twitter (MIT; the graphics, Twemoji, CC BY 4.0), and the folder ' +
    'node_modules/emoji-datasource-twitter. Or a folder with captions.tsv, lines of a PNG, PPM or PGM file, a ' +
    'tab and its caption.',
  question: 'a small red circle left of a big blue square',
  training: {
    epochs: 16,
    monitor: 'exact',
    mode: 'max',
    clipNorm: 5,
    optimizer: (model) => new Adam(model, { lr: 2e-3 }),
    schedule: (steps) => cosine(steps),
  },

  async load(source) {
    if (source === undefined) return generatePictures();
    const { readPictures } = await import('./load');
    return readPictures(source);
  },

  describe: ({ train, valid, tests }) =>
    `${train.length} pictures to learn from, ${valid.length} to choose by, ` +
    tests.map(({ name, pictures }) => `${pictures.length} ${name}to test`).join(', '),

  baseline({ train, tests }) {
    const found = tests.map(({ name, pictures }) =>
      scores(name, nearestCaptions(pictures, train), pictures),
    );
    return { name: 'the nearest picture', metrics: Object.assign({}, ...found) as Metrics };
  },

  meta({ train }) {
    const texts = train.map(({ caption }) => wordsOf(caption));
    const vocabulary = TokenVocabulary.fromSequences(texts, {
      specials: ['pad', 'unk', 'bos', 'eos'],
    });
    return {
      vocabulary: vocabulary.toJSON(),
      longest: texts.reduce((most, words) => Math.max(most, words.length), 0) + 1,
    };
  },

  model(device, meta, { random }) {
    return new Captioner(device, TokenVocabulary.fromJSON(meta.vocabulary).size, random);
  },

  task(model, { train, valid }, meta, { seed }) {
    const vocabulary = TokenVocabulary.fromJSON(meta.vocabulary);
    const task: Task<CaptionBatch> = {
      model,
      batches: captionBatches(train, vocabulary, seed),
      loss: (batch) => model.loss(batch),
      evaluate: async () =>
        scores('', await model.describe(valid, vocabulary, meta.longest), valid),
    };
    return task;
  },

  async test(model, { tests }, meta) {
    const vocabulary = TokenVocabulary.fromJSON(meta.vocabulary);
    const found: Metrics[] = [];
    for (const { name, pictures } of tests) {
      found.push(scores(name, await model.describe(pictures, vocabulary, meta.longest), pictures));
    }
    return Object.assign({}, ...found) as Metrics;
  },

  /** A caption is drawn and described again; the path of a picture shows the model that one. */
  async ask(model, meta, input) {
    const isFile = /\.(png|ppm|pgm)$/i.test(input.trim());
    const picture = isFile
      ? await (await import('./load')).readPicture(input.trim())
      : draw(parse(input), new Random(0, 9));
    const vocabulary = TokenVocabulary.fromJSON(meta.vocabulary);
    const choices = await model.choices(picture, vocabulary, meta.longest);
    return choices
      .map(
        ({ caption, probability }) => `${(100 * probability).toFixed(1).padStart(5)} %  ${caption}`,
      )
      .join('\n');
  },
};
