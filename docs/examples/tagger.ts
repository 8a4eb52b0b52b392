/** A tagger of words, learnt from a file of two columns: node tagger.ts data.tsv */
import { readFile, writeFile } from 'node:fs/promises';

import { argmax, cat, Generator, linearCrossEntropy, openDevice, Random, reshape } from 'lethe';
import type { Tensor } from 'lethe';
import { bucketBatches, padSequences, parseConll, splitExamples } from 'lethe/data';
import { TokenVocabulary, wordTokens } from 'lethe/data';
import type { Batch } from 'lethe/data';
import { accuracy } from 'lethe/metrics';
import { Dropout, Embedding, Linear, LSTM, Module, saveModule } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { batchTensors, evalMode, Trainer } from 'lethe/train';
import type { BatchTensors, Task } from 'lethe/train';

const [, , file, out = 'tagger'] = process.argv;

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

class Tagger extends Module {
  words = new Embedding(device, wordIds.size, 64, { random });
  endings = new Embedding(device, endingIds.size, 16, { random });
  lstm = new LSTM(device, 64 + 16, 128, { bidirectional: true, random });
  decoder = new Linear(device, 2 * 128, tagIds.size, { random });
  dropout = new Dropout(0.3, generator);

  /** What both directions know of each word: [time batch, 256]. */
  states({ words, endings, lengths }: BatchTensors<Batch>): Tensor {
    const x = cat([this.words.forward(words), this.endings.forward(endings)], 2);
    const [y] = this.lstm.forward(this.dropout.forward(x), undefined, { lengths });
    return this.dropout.forward(reshape(y, [-1, 2 * 128]));
  }
}
const model = new Tagger();

/** The most likely tag of each word: the first words of all sentences, then the second ones. */
async function predict(batch: Batch): Promise<number[]> {
  const best = evalMode(model, () => {
    const logits = model.decoder.forward(model.states(batchTensors(device, batch)));
    return argmax(logits, 1);
  });
  const ids = Array.from(await best.data());
  best.dispose();
  return ids;
}

async function measure(part: readonly Sentence[]) {
  const batches = batchesOf(part, false);
  const [found, right]: [number[], number[]] = [[], []];
  for (let i = 0; i < batches.perEpoch; i++) {
    const batch = batches.batch(0, i);
    found.push(...(await predict(batch)));
    right.push(...batch.tags.data);
  }
  return { accuracy: accuracy(found, right, { ignore: -100 }) };
}

const task: Task = {
  model,
  batches: batchesOf(train, true),
  loss({ tags, ...inputs }) {
    const { weight, bias } = model.decoder;
    return linearCrossEntropy(model.states(inputs), weight, bias, reshape(tags, [-1]));
  },
  evaluate: () => measure(valid),
};
const optimizer = new Adam(model, { lr: 3e-3 });
const trainer = new Trainer(device, task, { optimizer, clipNorm: 5, generator });
const run = trainer.fit({ epochs: 15, monitor: 'accuracy', mode: 'max', patience: 3 });
for await (const event of run) {
  if (event.kind === 'report') console.log(event.step, event.loss, event.metrics?.accuracy);
}
trainer.restoreBest();
console.log('test', (await measure(test)).accuracy);

async function tag(text: string): Promise<string> {
  const words = wordTokens(text);
  const tags = words.map(() => tagIds.token(0)); // they are asked for, so any will do
  const ids = await predict(batchesOf([{ words, tags }], false).batch(0, 0));
  return words.map((word, i) => `${word}/${tagIds.token(ids[i])}`).join(' ');
}
console.log(await tag('The old guard walks to the river.'));

await saveModule(`${out}.safetensors`, model);
await writeFile(`${out}.json`, JSON.stringify({ wordIds, endingIds, tagIds }));
