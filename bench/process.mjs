/** A contender in a process of its own that answers one line of JSON with another. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const PEER = fileURLToPath(new URL('peer_node.mjs', import.meta.url));

/**
 * A peer's page, which must be built, in Node on Dawn.
 *
 * @param {'jax' | 'tfjs'} library
 * @param {import('./types').Job} job
 * @param {NodeJS.ProcessEnv} [env] added to this process's
 */
export function openPeer(library, job, env = {}) {
  return openProcess(process.execPath, [PEER, library], env, job, 'webgpu');
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env added to this process's
 * @param {import('./types').Job} job
 * @param {string} backend
 * @returns {Promise<import('./types').Contender>}
 */
export async function openProcess(command, args, env, job, backend) {
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  let complaint = '';
  child.stderr.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
    complaint = (complaint + text).slice(-2000);
  });
  /** @type {Promise<never>} */
  const ended = new Promise((_, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      const why = complaint.trim().split('\n').at(-1) || `exit code ${code ?? signal}`;
      reject(new Error(`${command} ended: ${why}`));
    });
  });
  // It also ends when it is closed, when nobody asks any more.
  ended.catch(() => {});
  // A line to a process that has just ended is an error of the pipe, which `ended` explains.
  child.stdin.on('error', () => {});
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();

  /**
   * @template T
   * @param {object} message
   * @returns {Promise<T>}
   */
  const ask = async (message) => {
    child.stdin.write(`${JSON.stringify(message)}\n`);
    const { value, done } = await Promise.race([lines.next(), ended]);
    if (done) return ended;
    const reply = /** @type {T & { error?: string }} */ (JSON.parse(value));
    if (reply.error !== undefined) throw new Error(reply.error);
    return reply;
  };
  const close = async () => {
    process.off('exit', kill);
    kill();
    await ended.catch(() => {});
  };

  try {
    // Answers when it has loaded.
    await ask({ call: 'hello' });
    const start = performance.now();
    const { on } = /** @type {{ on: string }} */ (await ask({ call: 'begin', job, backend }));
    const beginMs = performance.now() - start;
    return { on, beginMs, turn: (steps) => ask({ call: 'turn', steps }), close };
  } catch (error) {
    await close();
    throw error;
  }
}
