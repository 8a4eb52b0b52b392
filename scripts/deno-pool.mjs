/**
 * A pool of Vitest's whose workers are processes of Deno: Vitest itself stays in Node, the tests run
 * on Deno's WebGPU.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { deserialize, serialize } from 'node:v8';

import { findDeno, installConsumers } from './consumers.mjs';

/** @import { ChildProcess } from 'node:child_process' */
/** @import { PoolOptions, PoolRunnerInitializer, PoolWorker, WorkerRequest } from 'vitest/node' */

const WORKER = fileURLToPath(new URL('deno-worker.mjs', import.meta.url));

/** @implements {PoolWorker} */
class DenoWorker {
  name = 'deno';
  #env;
  /** @type {ChildProcess | undefined} */
  #child;

  /** @param {PoolOptions} options */
  constructor({ env }) {
    this.#env = env;
  }

  get #running() {
    if (!this.#child) throw new Error('the Deno process is not running');
    return this.#child;
  }

  async start() {
    installConsumers();
    this.#child = fork(WORKER, [], {
      execPath: findDeno(),
      execArgv: ['run', '--allow-all', '--quiet'],
      env: this.#env,
    });
  }

  async stop() {
    const child = this.#running;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGKILL');
      await exited;
    }
    this.#child = undefined;
  }

  /** @param {WorkerRequest} message */
  send(message) {
    // As text: what the channel itself makes of a value, Node and Deno do not agree on.
    this.#running.send(serialize(message).toString('base64'));
  }

  /**
   * @param {unknown} message
   * @returns {unknown}
   */
  deserialize(message) {
    return deserialize(Buffer.from(/** @type {string} */ (message), 'base64'));
  }

  /**
   * @param {string} event
   * @param {(argument: any) => void} listener
   */
  on(event, listener) {
    this.#running.on(event, listener);
  }

  /**
   * @param {string} event
   * @param {(argument: any) => void} listener
   */
  off(event, listener) {
    this.#running.off(event, listener);
  }
}

/** @returns {PoolRunnerInitializer} */
export function denoPool() {
  return { name: 'deno', createPoolWorker: (options) => new DenoWorker(options) };
}
