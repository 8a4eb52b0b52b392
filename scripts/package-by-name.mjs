import { fileURLToPath } from 'node:url';

/** @param {string} path under src/ */
const source = (path) => fileURLToPath(new URL(`../src${path}.ts`, import.meta.url));

/** Lets demos and examples import the package by its name, as its users do in a browser. */
export const packageByName = [{ find: /^lethe(\/.+)?$/, replacement: source('$1/index') }];

/** As its users do in Node. */
export const packageForNode = [{ find: /^lethe$/, replacement: source('/node') }, ...packageByName];
