/** Finds names, learnt from a file of two columns, with a CRF: node name_finder.ts data.tsv */
import { readFile, writeFile } from 'node:fs/promises';

import { cat, dispose, Generator, openDevice, Random } from 'lethe';
import type { Tensor } from 'lethe';
import { bucketBatches, padSequences, parseConll, splitExamples } from 'lethe/data';
import { TokenVocabulary, wordTokens } from 'lethe/data';
import type { Batch } from 'lethe/data';
import { spanF1 } from 'lethe/metrics';
import { CRF, Dropout, Embedding, Linear, LSTM, Module, saveModule } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { batchTensors, evalMode, Trainer } from 'lethe/train';
import type { BatchTensors, Task } from 'lethe/train';

const [, , file, out = 'names'] = process.argv;

interface Sentence {
  words: readonly string[];
  tags: readonly string[];
}
const rows = parseConll(await readFile(file, 'utf8'));
const sentences: Sentence[] = rows.map(({ columns: [words, tags] }) => ({ words, tags }));
const [train, valid, test] = splitExamples(sentences, [0.8, 0.1, 0.1], 1);

const endings = (words: readonly string[]) => words.map((word) => word.toLowerCase().slice(-3));
const rare = { minCount: 2 }; // a word seen once becomes <unk>, so that there is something to learn that from
const trainWords = train.map((sentence) => sentence.words);
const wordIds = TokenVocabulary.fromSequences(trainWords, rare);
const endingIds = TokenVocabulary.fromSequences(trainWords.map(endings), rare);
const tagIds = TokenVocabulary.fromLabels(sentences.flatMap((sentence) => sentence.tags));

function batchesOf(part: readonly Sentence[], shuffle: boolean) {
  const examples = part.map(({ words, tags }) => ({
    words: wordIds.encode(words),
    endings: endingIds.encode(endings(words)),
    tags: tagIds.encode(tags),
  }));
  return bucketBatches(examples, {
    batchSize: 32,
    seed: 1,
    shuffle,
    lengthOf: (example) => example.words.length,
    collate(some, [time]) {
      const pad = (name: 'words' | 'endings' | 'tags', padding: number) => {
        const rows = some.map((example) => example[name]);
        return padSequences(rows, { padding, time });
      };
      const { ids, lengths } = pad('words', wordIds.pad); // [time, batch] and [batch]
      const { ids: ends } = pad('endings', endingIds.pad);
      return { words: ids, endings: ends, tags: pad('tags', -100).ids, lengths };
    },
  });
}

const device = await openDevice('auto');
const random = new Random(1); // draws the initial weights
const generator = new Generator(device, 1); // draws what dropout drops, on the device

class Finder extends Module {
  words = new Embedding(device, wordIds.size, 64, { random });
  endings = new Embedding(device, endingIds.size, 16, { random });
  lstm = new LSTM(device, 64 + 16, 128, { bidirectional: true, random });
  decoder = new Linear(device, 2 * 128, tagIds.size, { random });
  crf = new CRF(device, tagIds.size, { random });
  dropout = new Dropout(0.3, generator);

  /** A score of each tag for each word, [time, batch, tags], before the CRF weighs what follows what. */
  emissions({ words, endings, lengths }: BatchTensors<Batch>): Tensor {
    const x = cat([this.words.forward(words), this.endings.forward(endings)], 2);
    const [y] = this.lstm.forward(this.dropout.forward(x), undefined, { lengths });
    return this.decoder.forward(this.dropout.forward(y));
  }
}
const model = new Finder();

/** The best tags of each sentence of a batch, as many as it has words. */
async function predict(batch: Batch): Promise<string[][]> {
  const scored = evalMode(model, () => {
    const inputs = batchTensors(device, batch);
    return { emissions: model.emissions(inputs), lengths: inputs.lengths };
  });
  const best = await model.crf.decode(scored.emissions, scored.lengths);
  dispose(scored);
  return best.tags.map((ids) => tagIds.decode(ids));
}

async function measure(part: readonly Sentence[]) {
  const batches = batchesOf(part, false);
  const [found, right]: string[][][] = [[], []];
  for (let i = 0; i < batches.perEpoch; i++) {
    found.push(...(await predict(batches.batch(0, i))));
    right.push(...batches.examples(0, i).map(({ tags }) => tagIds.decode(tags)));
  }
  return { f1: spanF1(found, right).f1 };
}

const task: Task = {
  model,
  batches: batchesOf(train, true),
  loss: ({ tags, ...inputs }) => model.crf.loss(model.emissions(inputs), tags, inputs.lengths),
  evaluate: () => measure(valid),
};
const optimizer = new Adam(model, { lr: 3e-3 });
const trainer = new Trainer(device, task, { optimizer, clipNorm: 5, generator });
const run = trainer.fit({ epochs: 15, monitor: 'f1', mode: 'max', patience: 3 });
for await (const event of run) {
  if (event.kind === 'report') console.log(event.step, event.loss, event.metrics?.f1);
}
trainer.restoreBest();
console.log('test', (await measure(test)).f1);

async function tag(text: string): Promise<string> {
  const words = wordTokens(text);
  const tags = words.map(() => tagIds.token(0)); // they are asked for, so any will do
  const [found] = await predict(batchesOf([{ words, tags }], false).batch(0, 0));
  return words.map((word, i) => `${word}/${found[i]}`).join(' ');
}
console.log(await tag('just landed in New York'));

await saveModule(`${out}.safetensors`, model);
await writeFile(`${out}.json`, JSON.stringify({ wordIds, endingIds, tagIds }));
