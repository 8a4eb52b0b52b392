import { fileURLToPath } from 'node:url';

/** Lets demos and examples import the package by its name, as its users do. */
export const packageByName = [
  {
    find: /^lethe(\/.+)?$/,
    replacement: fileURLToPath(new URL('../src$1/index.ts', import.meta.url)),
  },
];
