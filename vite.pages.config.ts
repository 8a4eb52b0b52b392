import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

import { leanWgsl } from './scripts/lean-wgsl.mjs';
import { packageByName } from './scripts/package-by-name.mjs';
import { site } from './scripts/site/plugin.mjs';

const root = dirname(fileURLToPath(import.meta.url));
const demos = join(root, 'demos');

/** Every HTML file under demos/ is a page. */
const pages = readdirSync(demos, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.html') && !file.startsWith('public/'))
  .map((file) => join(demos, file));

/** A browser opens where a person would see it. */
const hasDisplay =
  process.platform === 'darwin' ||
  process.platform === 'win32' ||
  Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);

/** A page with these has threads on the CPU. */
const isolation = {
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Embedder-Policy': 'require-corp',
};

/** `--mode site` builds a whole site: documents beside the pages, and a service worker. */
export default defineConfig(({ mode }) => ({
  root: demos,
  // Relative, so that the built pages work under any path.
  base: './',
  resolve: { alias: packageByName },
  plugins: [leanWgsl, ...(mode === 'site' ? [site(root)] : [])],
  // It is CommonJS, and found too late to be served as it is.
  optimizeDeps: { include: ['umap-js'] },
  server: {
    headers: isolation,
    open: hasDisplay && !process.env['CI'],
    fs: { allow: [root] },
  },
  worker: {
    format: 'es',
    plugins: () => [leanWgsl],
    rolldownOptions: {
      output: {
        // What most lessons use comes with their worker, and not file after file once a lesson is chosen.
        codeSplitting: { groups: [{ name: 'layers', test: /\/src\//, minShareCount: 6 }] },
      },
    },
  },
  build: {
    target: 'es2022',
    outDir: join(root, mode === 'site' ? 'dist-site' : 'dist-pages'),
    emptyOutDir: true,
    reportCompressedSize: false,
    rolldownOptions: {
      input: Object.fromEntries(
        pages.map((page) => [relative(demos, page).replace(/\.html$/, ''), page]),
      ),
      output: {
        // What most pages use is one file: each costs a first visit some milliseconds.
        codeSplitting: {
          groups: [
            { name: 'view', test: /node_modules\/(@preact|preact)\// },
            { name: 'shared', test: /demos\/shared\/.*\.tsx?$/, minShareCount: 4 },
          ],
        },
      },
    },
  },
}));
