import { defineConfig } from 'vite';

import packageJson from './package.json' with { type: 'json' };
import { leanWgsl } from './scripts/lean-wgsl.mjs';
import { packageForNode } from './scripts/package-by-name.mjs';

const external = [
  /^node:/,
  ...Object.keys(packageJson.dependencies),
  ...Object.keys(packageJson.peerDependencies),
];

/**
 * The library: one file for each subpath of the package, the first in a version for Node too, and a file for
 * each module, so that a bundler leaves out those that a page does not use.
 */
const library = {
  index: 'src/index.ts',
  node: 'src/node.ts',
  'nn/index': 'src/nn/index.ts',
  'optim/index': 'src/optim/index.ts',
  'text/index': 'src/text/index.ts',
  'data/index': 'src/data/index.ts',
  'metrics/index': 'src/metrics/index.ts',
  'ctc/index': 'src/ctc/index.ts',
  'train/index': 'src/train/index.ts',
  'sample/index': 'src/sample/index.ts',
  'inspect/index': 'src/inspect/index.ts',
  'io/index': 'src/io/index.ts',
};

/**
 * Programs for Node that share nothing with the library, so that they can be built alone and quickly.
 * `vite build --mode NAME` builds one of them instead of the library. A file each, and one beside it for
 * what it imports only after it has begun.
 */
const programs: Record<string, { entry: Record<string, string>; outDir: string }> = {
  cli: { entry: { 'cli/main': 'src/cli/main.ts' }, outDir: 'dist' },
  'min-char-rnn': { entry: { 'min-char-rnn': 'demos/min_char_rnn/main.ts' }, outDir: 'dist-demos' },
};

export default defineConfig(({ mode }) => {
  const program = programs[mode];
  return {
    publicDir: false,
    resolve: { alias: packageForNode },
    plugins: [leanWgsl],
    build: {
      target: 'es2022',
      outDir: program?.outDir ?? 'dist',
      emptyOutDir: !program,
      minify: false,
      reportCompressedSize: false,
      lib: { entry: program?.entry ?? library, formats: ['es'] },
      rolldownOptions: {
        platform: program ? 'node' : 'neutral',
        external,
        output: program
          ? { entryFileNames: '[name].js', chunkFileNames: 'cli/[name].js' }
          : { preserveModules: true, preserveModulesRoot: 'src', entryFileNames: '[name].js' },
      },
    },
  };
});
