// What lengths, directions and equations of one's own cost a recurrent layer: milliseconds of a step forward
// and back, each beside the plain LSTM, taking turns. On the CPU, or on Dawn in Node.
//
//   npm run bench:scan -- [--device cpu] [--hidden 128] [--batch 32] [--time 50] [--rounds 30] [--budget 60]
//                         [--hardware]
//
// --budget: seconds for the tuning of a GPU's kernels. A GPU is SwiftShader unless VK_ICD_FILENAMES names a
// driver; --hardware leaves the choice to the machine.
import { parseArgs } from 'node:util';

import { findSwiftShader } from '../scripts/browser.mjs';
import { loadLethe, serveSources } from './load.mjs';
import { median } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    device: { type: 'string', default: 'cpu' },
    hidden: { type: 'string', default: '128' },
    batch: { type: 'string', default: '32' },
    time: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '30' },
    budget: { type: 'string', default: '60' },
    hardware: { type: 'boolean', default: false },
  },
});
if (!values.hardware) process.env.VK_ICD_FILENAMES ??= findSwiftShader();
const [hidden, batch, time, rounds] = [values.hidden, values.batch, values.time, values.rounds].map(
  Number,
);

const server = await serveSources();
const { openDevice } = await loadLethe(server);
const { backward, scope, tensor, zeros } = /** @type {typeof import('../src/index')} */ (
  await server.ssrLoadModule('/src/index.ts')
);
const nn = /** @type {typeof import('../src/nn/index')} */ (
  await server.ssrLoadModule('/src/nn/index.ts')
);
const device = await openDevice(values.device === 'cpu' ? 'cpu' : 'webgpu');

/** A user's cell: an LSTM with peepholes. */
const peephole = nn.defineCell({
  name: 'bench_peephole',
  gates: ['i', 'f', 'g', 'o'],
  state: ['h', 'c'],
  vectors: { pi: 0, pf: 0, po: 0 },
  step(m, z, s, v) {
    const i = m.sigmoid(m.add(z.i, m.mul(v.pi, s.c)));
    const f = m.sigmoid(m.add(z.f, m.mul(v.pf, s.c)));
    const c = m.add(m.mul(f, s.c), m.mul(i, m.tanh(z.g)));
    return { h: m.mul(m.sigmoid(m.add(z.o, m.mul(v.po, c))), m.tanh(c)), c };
  },
});

const x = tensor(
  device,
  Float32Array.from({ length: time * batch * hidden }, (_, i) => Math.sin(i)),
  [time, batch, hidden],
  { requiresGrad: true },
);
const full = new Array(batch).fill(time);
// Half of the steps are padding: lengths from nothing to `time`, in no order.
const half = Array.from({ length: batch }, (_, i) =>
  Math.round((((i * 7) % batch) * time) / (batch - 1)),
);
const sum = half.reduce((a, b) => a + b, 0);
const plain = new nn.LSTM(device, hidden, hidden);
const layers = {
  plain: { layer: plain, limit: 1 },
  bidirectional: {
    layer: new nn.LSTM(device, hidden, hidden, { bidirectional: true }),
    limit: 2.2,
  },
  'ragged, no padding': { layer: plain, lengths: full, limit: 1.2 },
  [`ragged, ${Math.round(100 - (100 * sum) / (time * batch))} % padding`]: {
    ...{ layer: plain, lengths: half, limit: 0.8 },
  },
  'peepholes by defineCell': {
    layer: new nn.Recurrent(device, peephole, hidden, hidden),
    limit: values.device === 'cpu' ? 2 : 1.15,
  },
};

/** @typedef {{ run: () => void, name: string, limit: number, times: number[] }} Side */
/** @type {Side[]} */
const sides = [];
for (const [name, { layer, limit, ...options }] of Object.entries(layers)) {
  const step = () =>
    scope(() => {
      const { output } = layer.run(x, undefined, options);
      backward(output, { gradient: zeros(device, output.shape) });
    });
  step();
  if (values.device !== 'cpu') await device.tune({ budget: 1000 * Number(values.budget) });
  const recorded = device.record(step, []);
  sides.push({ name, limit, run: () => recorded.replay(), times: [] });
}
console.log(`${device.description}, LSTM ${hidden}, B ${batch}, T ${time}, milliseconds`);
for (let round = -2; round < rounds; round++) {
  for (const { run, times } of round % 2 ? sides : sides.toReversed()) {
    await device.finish();
    const begin = performance.now();
    run();
    await device.finish();
    if (round >= 0) times.push(performance.now() - begin);
  }
}
const [first] = sides.map(({ times }) => median(times));
for (const { name, limit, times } of sides) {
  const ratio = (median(times) / first).toFixed(2);
  console.log(
    `${name.padEnd(28)} ${median(times).toFixed(2).padStart(9)}  ${ratio} (at most ${limit})`,
  );
}
await server.close();
process.exit(0);
