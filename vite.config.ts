import { defineConfig } from 'vite';

import packageJson from './package.json' with { type: 'json' };

const external = [
  /^node:/,
  ...Object.keys(packageJson.dependencies),
  ...Object.keys(packageJson.peerDependencies),
];

/** The library: one file for each subpath of the package, and chunks that they share. */
const library = {
  index: 'src/index.ts',
  'nn/index': 'src/nn/index.ts',
  'optim/index': 'src/optim/index.ts',
  'text/index': 'src/text/index.ts',
  'train/index': 'src/train/index.ts',
  'io/index': 'src/io/index.ts',
};

/** The command line: one file that shares nothing, so that it can be built alone and quickly. */
const commandLine = { 'cli/main': 'src/cli/main.ts' };

export default defineConfig(({ mode }) => {
  const cli = mode === 'cli';
  return {
    publicDir: false,
    build: {
      target: 'es2022',
      outDir: 'dist',
      emptyOutDir: !cli,
      minify: false,
      reportCompressedSize: false,
      lib: { entry: cli ? commandLine : library, formats: ['es'] },
      rolldownOptions: {
        platform: cli ? 'node' : 'neutral',
        external,
        output: cli
          ? { entryFileNames: '[name].js', codeSplitting: false }
          : { entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  };
});
