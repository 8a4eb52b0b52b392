// Processor time of CTC's decoders, on frames that a network might give for lines of the bundled story: two
// frames a character, with noise; and on frames of noise alone, where nothing can be told apart.
//
//   npm run bench:ctc-decode -- [--time 100] [--classes 40] [--width 50] [--order 5] [--rounds 15]
//
// Other work on the machine delays it, but does not count.
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { build } from 'vite';

import { BUILT } from './build.mjs';
import { median } from './statistics.mjs';

const { values } = parseArgs({
  options: {
    time: { type: 'string', default: '100' },
    classes: { type: 'string', default: '40' },
    width: { type: 'string', default: '50' },
    order: { type: 'string', default: '5' },
    rounds: { type: 'string', default: '15' },
  },
});
const [time, classes, width, order, rounds] = ['time', 'classes', 'width', 'order', 'rounds'].map(
  (name) => Number(values[/** @type {keyof typeof values} */ (name)]),
);

const root = fileURLToPath(new URL('..', import.meta.url));
const outDir = `${BUILT}ctc`;
await build({
  root,
  configFile: false,
  logLevel: 'error',
  publicDir: false,
  build: {
    ...{ target: 'es2022', outDir, minify: false, reportCompressedSize: false },
    lib: {
      entry: { ctc: 'src/ctc/index.ts', text: 'src/text/index.ts', random: 'src/random.ts' },
      formats: ['es'],
    },
    rolldownOptions: {
      platform: 'node',
      external: [/^node:/],
      output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
    },
  },
});
/** @type {[typeof import('../src/ctc/index'), typeof import('../src/text/index'), typeof import('../src/random')]} */
const [ctc, { NgramModel }, { Random }] = await Promise.all([
  import(`${outDir}/ctc.mjs`),
  import(`${outDir}/text.mjs`),
  import(`${outDir}/random.mjs`),
]);

const story = readFileSync(`${root}src/text/bundled.txt`, 'utf8').toLowerCase();
const letters = [...new Set(story)].sort().slice(0, classes - 1);
const ids = Uint8Array.from(
  [...story].filter((c) => letters.includes(c)),
  (c) => letters.indexOf(c),
);
const model = new NgramModel(ids, { vocabularySize: classes - 1, order });
const languageModel = ctc.ngramLanguageModel(model);
const random = new Random(1);

/** @param {boolean} spoken whether there is a text in it */
function frames(spoken) {
  const data = Float32Array.from({ length: time * classes }, () => 2 * random.uniform());
  for (let t = 0; spoken && t < time; t++) {
    data[t * classes + (t % 2 ? 0 : ids[1000 + t / 2] + 1)] += 4;
    data[t * classes + Math.floor(classes * random.uniform())] += 3;
  }
  return { shape: [time, classes], data };
}

/** @param {() => unknown} work */
function milliseconds(work) {
  const times = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  });
  return median(times).toFixed(1).padStart(8);
}

console.log(
  `${time} frames, ${classes} classes, beam ${width}, order ${order}; ms, median of ${rounds}`,
);
for (const [name, given] of Object.entries({ text: frames(true), noise: frames(false) })) {
  const { labels } = ctc.ctcGreedy(given);
  const rows = {
    greedy: () => ctc.ctcGreedy(given),
    beam: () => ctc.ctcBeamSearch(given, { width }),
    'beam, n-grams': () => ctc.ctcBeamSearch(given, { width, languageModel, insertionBonus: 1 }),
    'the same, prune -5': () =>
      ctc.ctcBeamSearch(given, { width, languageModel, insertionBonus: 1, prune: -5 }),
    align: () => ctc.ctcAlign(given, labels),
  };
  for (const [what, work] of Object.entries(rows)) {
    console.log(`${name.padEnd(6)} ${what.padEnd(20)} ${milliseconds(work)}`);
  }
}
