/** How far the gradient of one loss reaches back, in an RNN and in an LSTM. */
import { openDevice } from 'lethe';
import { gradientFlow } from 'lethe/inspect';
import { CharTrainer } from 'lethe/train';

const text = 'the river ran to the sea, and the sea ran to the shore. '.repeat(40);
const device = await openDevice('cpu');
const seq = 32;
const lags = [0, 1, 2, 4, 8, 16, 31];
console.log('steps back:', ...lags);
for (const cell of ['rnn', 'lstm'] as const) {
  const trainer = new CharTrainer(device, text, { cell, hidden: 32, batch: 4, seq });
  while (trainer.step < 200) await trainer.trainStep();
  const ids = Int32Array.from(trainer.vocabulary.encode(text));
  const window = { inputs: ids.slice(0, seq), targets: ids.slice(1, seq + 1), seq, batch: 1 };
  const { norms } = await gradientFlow(trainer.model, window);
  // By part of the state, then by layer, the lowest first.
  for (const [part, [byLag]] of Object.entries(norms)) {
    console.log(cell, part, ...lags.map((lag) => byLag[lag].toExponential(0)));
  }
}
