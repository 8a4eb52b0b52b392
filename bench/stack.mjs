// Layers on top of each other, one after the other and as a wavefront: milliseconds of a step forward
// and back by either way, as `device.tune()` times them, taking turns, each with the fastest configurations of
// its kernels. On Dawn in Node.
//
//   npm run bench:stack -- [--hidden 16,64,128,512] [--layers 2,3] [--batch 1,32] [--time 50]
//                          [--cell lstm] [--budget 60] [--hardware]
//
// --budget: seconds for the trials of one size. It is SwiftShader unless VK_ICD_FILENAMES names a
// driver; --hardware leaves the choice to the machine.
import { parseArgs } from 'node:util';

import { findSwiftShader } from '../scripts/browser.mjs';
import { loadLethe, serveSources } from './load.mjs';

const { values } = parseArgs({
  options: {
    hidden: { type: 'string', default: '16,64,128,512' },
    layers: { type: 'string', default: '2,3' },
    batch: { type: 'string', default: '1,32' },
    time: { type: 'string', default: '50' },
    cell: { type: 'string', default: 'lstm' },
    budget: { type: 'string', default: '60' },
    hardware: { type: 'boolean', default: false },
  },
});
if (!values.hardware) process.env.VK_ICD_FILENAMES ??= findSwiftShader();
/** @param {string} list */
const numbers = (list) => list.split(',').map(Number);

const server = await serveSources();
const { openDevice } = await loadLethe(server);
const { backward, scope, zeros } = /** @type {typeof import('../src/index')} */ (
  await server.ssrLoadModule('/src/index.ts')
);
const nn = /** @type {typeof import('../src/nn/index')} */ (
  await server.ssrLoadModule('/src/nn/index.ts')
);
const Layers = { lstm: nn.LSTM, gru: nn.GRU, rnn: nn.RNN }[values.cell];
if (!Layers) throw new Error(`--cell ${values.cell}: lstm, gru or rnn is needed`);

const sizes = numbers(values.layers).flatMap((numLayers) =>
  numbers(values.hidden).flatMap((hidden) =>
    numbers(values.batch).flatMap((batch) =>
      numbers(values.time).map((time) => ({ numLayers, hidden, batch, time })),
    ),
  ),
);
for (const [i, { numLayers, hidden, batch, time }] of sizes.entries()) {
  const device = await openDevice('webgpu');
  if (i === 0) console.log(`${device.description}, ${values.cell}, milliseconds`);
  const layers = new Layers(device, hidden, hidden, { numLayers });
  scope(() => {
    const { output: y } = layers.run(zeros(device, [time, batch, hidden]));
    backward(y, { gradient: zeros(device, y.shape) });
  });
  const trials = await device.tune({ budget: 1000 * Number(values.budget) });
  const trial = trials.find(({ name }) => name.endsWith(' layers'));
  const size = `${numLayers} x ${hidden}, B ${batch}, T ${time}`.padEnd(24);
  if (trial) {
    const { layers: apart, wavefront } = trial.milliseconds;
    const ratio = (wavefront / apart).toFixed(2);
    const [one, other] = [apart.toFixed(1), wavefront.toFixed(1)];
    console.log(`${size} layers ${one}, wavefront ${other}, ratio ${ratio}`);
  } else console.log(`${size} not tried within ${values.budget} s`);
  device.dispose();
}
await server.close();
process.exit(0);
