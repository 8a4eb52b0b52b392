/** Builds what the contenders run: a program for Node, and a module for each page. */
import { fileURLToPath } from 'node:url';

import { build } from 'vite';

import { packageByName, packageForNode } from '../scripts/package-by-name.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Under a name that Git, the lint and Prettier leave out. */
export const BUILT = fileURLToPath(new URL('../dist-bench/', import.meta.url));

/**
 * @param {string} name of bench/contenders/NAME.ts
 * @param {'node' | 'browser'} platform
 */
function buildOne(name, platform) {
  return build({
    root,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    resolve: { alias: platform === 'node' ? packageForNode : packageByName },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      target: 'es2022',
      outDir: BUILT,
      emptyOutDir: false,
      minify: false,
      reportCompressedSize: false,
      lib: { entry: { [name]: `bench/contenders/${name}.ts` }, formats: ['es'] },
      rolldownOptions: {
        platform,
        external: platform === 'node' ? [/^node:/, 'webgpu'] : [],
        output: { entryFileNames: '[name].mjs', codeSplitting: false },
      },
    },
  });
}

/**
 * Builds the library of a checkout.
 *
 * @param {string} folder of the checkout
 * @param {string} name of the folder in BUILT that it goes to, without a slash
 * @param {'node' | 'browser'} platform
 * @returns {Promise<[main: string, train: string, nn: string]>} its modules, from BUILT on
 */
export async function buildCheckout(folder, name, platform) {
  const main = platform === 'node' ? 'src/node.ts' : 'src/index.ts';
  await build({
    root: folder,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    build: {
      target: 'es2022',
      outDir: `${BUILT}${name}`,
      minify: false,
      reportCompressedSize: false,
      lib: { entry: { main, train: 'src/train/index.ts', nn: 'src/nn/index.ts' }, formats: ['es'] },
      rolldownOptions: {
        platform,
        external: platform === 'node' ? [/^node:/, 'webgpu'] : [],
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name].mjs' },
      },
    },
  });
  return [`${name}/main.mjs`, `${name}/train.mjs`, `${name}/nn.mjs`];
}

/**
 * The library of a checkout, as it is built, for benchmarks in this process.
 *
 * @param {string} folder
 * @param {string} name to be under, without a slash
 * @returns {Promise<typeof import('../src/node') & typeof import('../src/train/index') & typeof import('../src/nn/index')>}
 */
export async function buildLibrary(folder, name) {
  const [main, train, nn] = await buildCheckout(folder, name, 'node');
  /** @type {[typeof import('../src/node'), typeof import('../src/train/index'), typeof import('../src/nn/index')]} */
  const [lethe, training, layers] = await Promise.all([
    import(`${BUILT}${main}`),
    import(`${BUILT}${train}`),
    import(`${BUILT}${nn}`),
  ]);
  return { ...lethe, ...training, ...layers };
}

/** The program of lethe-cpu and lethe-dawn; its path. */
export async function buildWorker() {
  await buildOne('lethe_node', 'node');
  return `${BUILT}lethe_node.mjs`;
}

/**
 * A module for a page.
 *
 * @param {'lethe' | 'jax' | 'tfjs'} library
 */
export async function buildPage(library) {
  await buildOne(`${library}_page`, 'browser');
  return `${library}_page.mjs`;
}
