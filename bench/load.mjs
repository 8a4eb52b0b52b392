import { fileURLToPath } from 'node:url';

import { createServer } from 'vite';

import { packageByName } from '../scripts/package-by-name.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

/** A development server over the sources, for Node (`ssrLoadModule`) and for a browser. */
export function serveSources() {
  return createServer({
    root,
    configFile: false,
    logLevel: 'error',
    appType: 'custom',
    resolve: { alias: packageByName },
    ssr: { external: ['webgpu'] },
    optimizeDeps: { noDiscovery: true },
    server: { port: 0, hmr: false, ws: false, watch: null },
  });
}

/**
 * What the benchmarks use of the library, in this process.
 *
 * @param {import('vite').ViteDevServer} server
 */
export async function loadLethe(server) {
  const lethe = /** @type {typeof import('../src/node')} */ (
    await server.ssrLoadModule('/src/node.ts')
  );
  const train = /** @type {typeof import('../src/train/index')} */ (
    await server.ssrLoadModule('/src/train/index.ts')
  );
  const { CharTrainer, sampleText, evaluate } = train;
  return { openDevice: lethe.openDevice, CharTrainer, sampleText, evaluate };
}

/** The settings of the reference workload: LSTM 1 x 128, embedding 128, 32 streams x 50, Adam. */
/** @satisfies {Partial<import('../src/train/config').TrainConfig>} */
export const REFERENCE = /** @type {const} */ ({
  cell: 'lstm',
  hidden: 128,
  layers: 1,
  embedding: 128,
  batch: 32,
  seq: 50,
  optimizer: 'adam',
  lr: 0.002,
  clip: 5,
  validFraction: 0.1,
});
