/** A process that answers one line of JSON with another: bench/process.mjs is its other end. */
import { createInterface } from 'node:readline';

/**
 * @typedef {{ call: 'hello' }
 *   | { call: 'begin', job: import('./types').Job, backend: string }
 *   | { call: 'turn', steps: number }} Message
 */

/**
 * Answers until nobody asks any more, and ends the process, which a live Dawn object would keep.
 *
 * @param {() => Promise<import('./types').ContenderModule>} load the contender, loaded by the first line
 * @returns {Promise<never>}
 */
export async function answerLines(load) {
  /** @param {Message} message */
  const answer = async (message) => {
    const { begin, turn } = await load();
    switch (message.call) {
      case 'hello':
        return {};
      case 'begin':
        return { on: await begin(message.job, message.backend) };
      case 'turn':
        return turn(message.steps);
    }
  };
  for await (const line of createInterface({ input: process.stdin })) {
    /** @type {object} */
    let reply;
    try {
      const message = /** @type {Message} */ (JSON.parse(line));
      reply = await answer(message);
    } catch (error) {
      reply = { error: error instanceof Error ? error.message : String(error) };
    }
    process.stdout.write(`${JSON.stringify(reply)}\n`);
  }
  process.exit();
}
