/** What a Deno process of `deno-pool.mjs` runs: Vitest's worker, on the channel to its parent. */
import process from 'node:process';
import { deserialize, serialize } from 'node:v8';

import { init, runBaseTests, setupEnvironment } from 'vitest/worker';

// Tests may replace them.
const send = /** @type {NonNullable<typeof process.send>} */ (process.send).bind(process);
const on = process.on.bind(process);
const off = process.off.bind(process);

/**
 * @param {string} message
 * @returns {unknown}
 */
const read = (message) => deserialize(Buffer.from(message, 'base64'));

init({
  post: (message) => send(message),
  on: (listener) => on('message', listener),
  off: (listener) => off('message', listener),
  serialize: (message) => serialize(message).toString('base64'),
  deserialize: read,
  runTests: (state, traces) => runBaseTests('run', state, traces),
  collectTests: (state, traces) => runBaseTests('collect', state, traces),
  setup: setupEnvironment,
});
