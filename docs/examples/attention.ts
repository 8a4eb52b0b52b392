/** What an encoder-decoder writes, where it looked, and what else it might have written. */
import { dispose, noGrad, openDevice, tensor } from 'lethe';
import { beamSearch, Decoder, Encoder, EncoderDecoder, manualSeed } from 'lethe/nn';

const device = await openDevice('cpu');
manualSeed(1);
const encoder = new Encoder(device, 30, 8, 16); // ids, embedding, hidden
const decoder = new Decoder(device, 20, 8, 16, { attention: 'dot', keySize: encoder.outputSize });
const model = new EncoderDecoder(encoder, decoder).eval(); // it has learnt nothing here

const source = tensor(device, [3, 5, 1, 6, 4, 0], [3, 2], { dtype: 'i32' }); // [S, B]: 3 1 4, and 5 6 with a 0 behind
const lengths = [3, 2];
const search = { end: 2, maxLength: 10, width: 5 }; // ids of the target's marks: 1 begins, 2 ends

const results = await model.generate(source, { lengths, begin: 1, ...search }); // the best of each source
for (const { ids, finished, logProbability, weights } of results) {
  console.log(ids.join(' '), finished ? 'ended' : 'cut off', logProbability.toFixed(2));
  for (const [t, id] of ids.entries()) {
    const shares = Array.from(weights![t], (share) => share.toFixed(2)); // of S places
    console.log(id, 'looked at', shares.join(' '));
  }
}

// All hypotheses of each source, the best first: the same search, step by step.
const encoded = noGrad(() => model.encode(source, { lengths }));
const found = await beamSearch(
  (ids, state) => decoder.step(ids, state, encoded.memory),
  encoded.state,
  { begin: [1, 1], ...search },
);
for (const { ids, score } of found[0]) console.log('score', score.toFixed(2), ids.join(' '));
dispose(encoded);
