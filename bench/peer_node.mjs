// A peer's page, `jax` or `tfjs`, in Node on Dawn: bench/process.mjs asks it.
import { createRequire } from 'node:module';

import { create, globals } from 'webgpu';

import { answerLines } from './answer.mjs';

const library = process.argv[2];
const path = `../dist-bench/${library}_page.mjs`;

/** @param {Record<string, unknown>} values */
function define(values) {
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
  }
}

define({ ...globals, navigator: { gpu: create([]), userAgent: 'node', hardwareConcurrency: 1 } });
define({ self: globalThis, window: globalThis });
// TensorFlow.js looks for a canvas, and in Node for `require`.
if (library === 'tfjs') {
  define({
    document: { createElement: () => ({ getContext: () => null }) },
    require: createRequire(import.meta.url),
  });
}

/** @type {Promise<import('./types').ContenderModule> | undefined} */
let page;
await answerLines(
  () => (page ??= /** @type {Promise<import('./types').ContenderModule>} */ (import(path))),
);
