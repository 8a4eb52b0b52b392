/** An encoder-decoder with attention learns to write numbers as digits: node seq2seq.ts */
import { writeFile } from 'node:fs/promises';

import { openDevice, Random, tensor } from 'lethe';
import { bucketBatches, padSequences, padTargets } from 'lethe/data';
import { splitExamples, TokenVocabulary } from 'lethe/data';
import { exactMatch } from 'lethe/metrics';
import { Decoder, Encoder, EncoderDecoder } from 'lethe/nn';
import { Adam } from 'lethe/optim';
import { saveTraining, Trainer } from 'lethe/train';

const [, , folder = '.'] = process.argv;

// Pairs of tokens; yours are words of two languages, or the like.
const ONES = 'zero one two three four five six seven eight nine'.split(' ');
const TENS = '- ten twenty thirty forty fifty sixty seventy eighty ninety'.split(' ');
const numbers = Array.from({ length: 900 }, (_, i) => 100 + i).filter(
  (n) => !/^.1|0$/.test(`${n}`),
);
const pairs = numbers.map((n) => {
  const [hundreds, tens, ones] = Array.from(`${n}`, Number);
  const words = [ONES[hundreds], 'hundred', TENS[tens], ONES[ones]];
  return { source: words.filter((word) => word !== '-'), target: [...`${n}`] };
});
const [train, held] = splitExamples(pairs, [0.9, 0.1], 1);

// The target has marks of its beginning (bos) and end (eos); ids of padding are 0.
const source = TokenVocabulary.fromSequences(
  train.map((pair) => pair.source),
  { specials: ['pad', 'unk'] },
);
const target = TokenVocabulary.fromSequences(
  train.map((pair) => pair.target),
  { specials: ['pad', 'unk', 'bos', 'eos'] },
);

/** What is read, what the decoder is given (from bos on), and what it is to say (to eos): all [time, batch]. */
const batches = bucketBatches(train, {
  batchSize: 32,
  seed: 1,
  lengthOf: (pair) => [pair.source.length, pair.target.length + 1],
  collate(batch, [sourceTime, time]) {
    const read = padSequences(
      batch.map((pair) => source.encode(pair.source)),
      { padding: source.pad, time: sourceTime },
    );
    const said = padTargets(
      batch.map((pair) => target.encode(pair.target)),
      { begin: target.bos, end: target.eos, padding: target.pad, time },
    );
    const { ids, lengths, mask } = read; // the mask tells where attention may look
    return { source: ids, lengths, mask, ...said };
  },
});

const device = await openDevice('cpu');
const random = new Random(1);
const encoder = new Encoder(device, source.size, 16, 32, { bidirectional: true, random });
const decoder = new Decoder(device, target.size, 16, 32, {
  attention: 'general',
  keySize: encoder.outputSize, // what the encoder gives for each word: 64 numbers, of two directions
  random,
});
const model = new EncoderDecoder(encoder, decoder, random);

/** Writes for one source. */
async function write(words: readonly string[]) {
  const ids = tensor(device, source.encode(words), [words.length, 1], { dtype: 'i32' });
  const [found] = await model.generate(ids, {
    begin: target.bos,
    end: target.eos,
    maxLength: 6,
    width: 3, // of the beam; 1 takes the likeliest at each step
  });
  ids.dispose();
  return { text: target.decode(found.ids).join(''), weights: found.weights! };
}

const trainer = new Trainer(
  device,
  {
    model,
    batches,
    // Teacher forcing: each step is given the right id before it, whatever the decoder would have said.
    loss: (batch) => {
      const { lengths, mask } = batch;
      return model.loss(batch.source, batch.target, batch.labels, { lengths, mask });
    },
    async evaluate() {
      model.eval();
      const written: string[] = [];
      for (const pair of held) written.push((await write(pair.source)).text);
      model.train();
      const wanted = held.map((pair) => pair.target.join(''));
      return { exact: exactMatch(written, wanted) };
    },
  },
  { optimizer: new Adam(model, { lr: 1e-2 }), clipNorm: 5 },
);
for await (const event of trainer.fit({ epochs: 6, monitor: 'exact', mode: 'max' })) {
  if (event.kind === 'report') console.log(event.epoch, event.loss, event.metrics ?? '');
}
trainer.restoreBest();

model.eval();
const words = 'seven hundred forty two'.split(' ');
const { text, weights } = await write(words);
console.log(words.join(' '), '->', text);
for (const [i, digit] of [...text].entries()) {
  const most = weights[i].indexOf(Math.max(...weights[i]));
  console.log(digit, 'looked most at', words[most]);
}

await writeFile(`${folder}/numbers.safetensors`, await saveTraining(trainer, { source, target }));
