/**
 * What a page loads of the package, with gzip, minified by esbuild: no more than docs/embedding.md tells, and
 * little less, so that the table stays true.
 */
/* eslint-disable @typescript-eslint/no-unsafe-call --
   the bundler, and so its types, need not be installed */
import { readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';

import { importConsumer } from '../consumers.mjs';
import { complain } from './complaints.mjs';

/** The program of README's "Use the library": all that it imports, whatever it does with it. */
const README_APP = `
  import { backward, crossEntropy, openDevice, reshape, scope, tensor } from 'lethe';
  import { Embedding, Linear, loadModule, LSTM, Module, saveModule } from 'lethe/nn';
  import { Adam } from 'lethe/optim';
  export { backward, crossEntropy, openDevice, reshape, scope, tensor };
  export { Embedding, Linear, loadModule, LSTM, Module, saveModule, Adam };`;

const SAMPLING = `
  import { openDevice } from 'lethe';
  import { loadModel, readCheckpoint, sample } from 'lethe/train';
  export { openDevice, loadModel, readCheckpoint, sample };`;

/** By the name of its row, a program. */
const PAGES = {
  '`readWriter` of `lethe/sample`': `export { readWriter } from 'lethe/sample';`,
  '`loadModel` and `sample` of `lethe/train`': SAMPLING,
  'the program of README\'s "Use the library"': README_APP,
  '`Vocabulary` of `lethe/text`': `export { Vocabulary } from 'lethe/text';`,
  'all of `lethe/text`': `export * from 'lethe/text';`,
};

/** What is loaded only once a device is chosen: with the CPU's engine, one of two versions of its WebAssembly. */
const LATER = {
  version: /[/\\]simd[/\\](?:plain|relaxed)\.js$/,
  cpu: /[/\\]cpu[/\\]engine\.js$/,
  webgpu: /[/\\]open_webgpu\.js$/,
};

/**
 * @typedef {{ path: string, contents: Uint8Array }} OutputFile
 * @typedef {{ outputFiles: OutputFile[], metafile: { outputs: Record<string, { entryPoint?: string }> } }} Built
 */

/**
 * @param {string} folder the project
 * @param {string} contents
 * @returns bytes of the scripts that are loaded at first, and those besides on each device
 */
async function measure(folder, contents) {
  const esbuild = await importConsumer('esbuild');
  const built = /** @type {Built} */ (
    await esbuild.build({
      stdin: { contents, resolveDir: folder },
      ...{ bundle: true, minify: true, format: 'esm', splitting: true, platform: 'browser' },
      ...{
        metafile: true,
        write: false,
        outdir: folder,
        absWorkingDir: folder,
        logLevel: 'silent',
      },
    })
  );
  const sizes = { first: 0, cpu: 0, webgpu: 0 };
  let version = 0;
  for (const { path, contents: script } of built.outputFiles) {
    const { entryPoint = '' } = built.metafile.outputs[relative(folder, path)];
    const bytes = gzipSync(script, { level: 9 }).length;
    if (LATER.webgpu.test(entryPoint)) sizes.webgpu += bytes;
    else if (LATER.cpu.test(entryPoint)) sizes.cpu += bytes;
    // One of the two is loaded.
    else if (LATER.version.test(entryPoint)) version = Math.max(version, bytes);
    else sizes.first += bytes;
  }
  sizes.cpu += version;
  return sizes;
}

/**
 * @param {string} folder the project
 * @param {string} installed the folder of the installed package
 */
export async function checkSizes(folder, installed) {
  const docs = readFileSync(join(installed, 'docs/embedding.md'), 'utf8');
  for (const [page, contents] of Object.entries(PAGES)) {
    const row = docs.split('\n').find((line) => line.startsWith(`| ${page} `));
    const told = (row ?? '')
      .split('|')
      .slice(2, 5)
      .map((cell) => 1000 * (Number.parseFloat(cell) || 0));
    const { first, cpu, webgpu } = await measure(folder, contents);
    for (const [i, [what, bytes]] of Object.entries({ first, cpu, webgpu }).entries()) {
      if (bytes <= told[i] && told[i] - bytes < 1500) continue;
      complain(`docs/embedding.md tells ${told[i]} bytes of ${page}, ${what}; they are ${bytes}`);
    }
  }
}
