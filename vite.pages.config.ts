import { readdirSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

import { defineConfig } from 'vite';

import { leanWgsl } from './scripts/lean-wgsl.mjs';
import { packageByName } from './scripts/package-by-name.mjs';
import { wasmBeside } from './scripts/wasm-beside.mjs';

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

export default defineConfig({
  root: demos,
  // Relative, so that the built pages work under any path.
  base: './',
  resolve: { alias: packageByName },
  plugins: [leanWgsl, wasmBeside],
  server: {
    open: hasDisplay && !process.env['CI'],
    fs: { allow: [root] },
  },
  worker: {
    format: 'es',
    plugins: () => [leanWgsl, wasmBeside],
  },
  build: {
    target: 'es2022',
    outDir: join(root, 'dist-pages'),
    emptyOutDir: true,
    rolldownOptions: {
      input: Object.fromEntries(
        pages.map((page) => [relative(demos, page).replace(/\.html$/, ''), page]),
      ),
    },
  },
});
