/** Builds the project of a user with what builds pages, and looks at the bundles. */
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-member-access --
   the bundlers, and so their types, need not be installed */
import { cpSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import { build } from 'vite';

import { importConsumer, resolveConsumer } from '../consumers.mjs';
import { attempt, complain } from './complaints.mjs';

/** @typedef {(folder: string, out: string) => Promise<unknown>} Bundler */

/** Two entries, for bundlers that know nothing of `new URL('./worker.js', import.meta.url)`. */
const ENTRIES = ['page.js', 'worker.js'];

/**
 * With no more settings than they need.
 *
 * @type {Record<string, Bundler>}
 */
const BUNDLERS = {
  vite: (root, outDir) =>
    build({ root, base: './', configFile: false, logLevel: 'error', build: { outDir } }),

  async rollup(folder, dir) {
    const [{ rollup }, { nodeResolve }] = await Promise.all([
      importConsumer('rollup'),
      importConsumer('@rollup/plugin-node-resolve'),
    ]);
    const input = ENTRIES.map((name) => join(folder, name));
    const onwarn = (/** @type {Error} */ warning) => {
      throw new Error(warning.message);
    };
    const bundle = await rollup({ input, plugins: [nodeResolve()], onwarn });
    await bundle.write({ dir, format: 'es' });
  },

  async esbuild(folder, outdir) {
    const esbuild = await importConsumer('esbuild');
    const entryPoints = ENTRIES.map((name) => join(folder, name));
    const options = { bundle: true, minify: true, format: 'esm', logLevel: 'silent' };
    await esbuild.build({ ...options, entryPoints, outdir });
  },

  async webpack(context, path) {
    const { default: webpack } = await importConsumer('webpack');
    const options = {
      context,
      mode: 'production',
      entry: './page.js',
      output: { path, filename: 'page.js', publicPath: 'auto' },
      performance: { hints: false },
    };
    await new Promise((resolve, reject) => {
      webpack(options, (/** @type {Error | null} */ error, /** @type {any} */ stats) => {
        if (error) reject(error);
        else if (stats.hasErrors() || stats.hasWarnings()) reject(new Error(String(stats)));
        else resolve(undefined);
      });
    });
  },

  async parcel(folder, distDir) {
    const { Parcel } = await importConsumer('@parcel/core');
    const bundler = new Parcel({
      entries: join(folder, 'index.html'),
      defaultConfig: resolveConsumer('@parcel/config-default'),
      mode: 'production',
      shouldDisableCache: true,
      cacheDir: join(folder, '.parcel-cache'),
      defaultTargetOptions: { distDir, publicUrl: './', sourceMaps: false },
    });
    await bundler.run();
  },
};

export const BUNDLER_NAMES = Object.keys(BUNDLERS);

/** What no browser has. */
const NODE =
  /\bnode:[a-z]\w*|\bworker_threads\b|\brequire\(|\bprocess\??\.\w+|typeof process\b|\bgetBuiltinModule\b|(?:import\(|from) ?["'`]webgpu["'`]/;

/**
 * Bundles page and worker by each bundler, into a folder of its name.
 *
 * @param {string} folder the project
 */
export async function bundle(folder) {
  for (const [name, make] of Object.entries(BUNDLERS)) {
    const out = join(folder, name);
    await attempt(`${name} cannot bundle the package`, async () => {
      await make(folder, out);
      const files = readdirSync(out, { recursive: true, encoding: 'utf8' });
      // Where only a script was built.
      if (!files.includes('index.html')) cpSync(join(folder, 'index.html'), `${out}/index.html`);
      const scripts = files.filter((file) => file.endsWith('.js'));
      if (scripts.length < 2) complain(`${name}: no script for the worker`);
      for (const script of scripts) {
        const [trace] = NODE.exec(readFileSync(join(out, script), 'utf8')) ?? [];
        if (trace) complain(`${name}: ${script} holds a trace of Node: ${trace}`);
      }
    });
  }
}
