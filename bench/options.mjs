/** The command line of `npm run bench`. */
import { parseArgs } from 'node:util';

import { CONTENDERS } from './names.mjs';
import { exitOnSignals } from './signals.mjs';
import { DEFAULT_WORKLOADS, expandWorkload, SWEEPS } from './workloads.mjs';

/** What the command line asks for is not possible; the message is one line for the user. */
export class UsageError extends Error {
  /** @override */
  name = 'UsageError';
}

/**
 * Runs a program of bench/ to its exit code, which is 2 for what the command line cannot have.
 *
 * @param {() => Promise<number>} main
 */
export async function runCommand(main) {
  exitOnSignals();
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
  }
}

/**
 * @typedef {object} Options
 * @property {string[]} workloads points, sweeps expanded
 * @property {string[] | null} contenders null for those that a workload has by itself
 * @property {number} rounds
 * @property {number} warmup
 * @property {number} steps of a turn
 * @property {number} limit seconds
 * @property {number} timeout seconds
 * @property {number} pause milliseconds
 * @property {number} threads
 * @property {string | undefined} python
 * @property {boolean} hardware
 * @property {string} out
 * @property {boolean} json
 * @property {boolean} help
 */

export const HELP = `npm run bench -- [options]

Lethe beside PyTorch, jax-js and TensorFlow.js: the same model on the same text, taking turns.

  --workload NAMES    a list by commas; without it ${DEFAULT_WORKLOADS.join(',')}
                        w1      LSTM 1x128, batch 32, 50 steps, 65 characters
                        w2      LSTM 2x512, batch 50, 50 steps, 87 characters
                        w3      GRU 3x512, batch 50, 50 steps, 87 characters
                        w4      LSTM 3x512, batch 100, 100 steps, 87 characters
                        t, b, h sweeps of w1 over steps in time (${SWEEPS.t.values.join(', ')}),
                                batch (${SWEEPS.b.values.join(', ')}) and units (${SWEEPS.h.values.join(', ')});
                                t400 is one point
                        sample  characters drawn from w1's model
                        eval    a text read by an LSTM 1x512, one stream: forward alone
                        encode  JavaScript of a replayed step of w1, and of the recorded one
  --contenders NAMES  a list by commas of ${CONTENDERS.slice(0, 4).join(', ')},
                      ${CONTENDERS.slice(4).join(', ')};
                      without it all for w1 to w4, and those that matter for the rest
  --rounds N          timed turns of each contender (5)
  --warmup N          turns before them, the first step not counted (3)
  --steps N           steps of a turn (1); characters when sampling are 100 times as many,
                      when evaluating 512
  --limit SECONDS     a contender that has used so many in a workload stops, after one timed turn
                      at least (60)
  --pause MS          before each turn, for threads of the one before that spin (100)
  --timeout SECONDS   a turn that takes longer is an error (600)
  --threads N         of PyTorch, and of Lethe on the CPU (2)
  --python PATH       a Python with PyTorch; without it python3 of the PATH and of /usr/bin
  --hardware          WebGPU on this machine's adapter instead of the software one
  --out FILE          results as JSON (bench/results.json)
  --json              one line of JSON for each contender instead of the table
  --help

CHROME_PATH names a browser; VK_ICD_FILENAMES names a Vulkan driver for Dawn.`;

/**
 * @param {string[]} args
 * @returns {Options}
 * @throws {UsageError}
 */
export function readOptions(args) {
  const { values } = asUsageError(() => parse(args));
  return {
    workloads: readWorkloads('workload', values.workload),
    contenders: readContenders(values.contenders),
    rounds: readCount('rounds', values.rounds, 1),
    warmup: readCount('warmup', values.warmup, 0),
    steps: readCount('steps', values.steps, 1),
    limit: readCount('limit', values.limit, 1),
    timeout: readCount('timeout', values.timeout, 1),
    pause: readCount('pause', values.pause, 0),
    threads: readCount('threads', values.threads, 1),
    python: values.python,
    hardware: values.hardware,
    out: values.out,
    json: values.json,
    help: values.help,
  };
}

/** @param {string[]} args */
function parse(args) {
  return parseArgs({
    args,
    options: {
      workload: { type: 'string', default: DEFAULT_WORKLOADS.join(',') },
      contenders: { type: 'string' },
      rounds: { type: 'string', default: '5' },
      warmup: { type: 'string', default: '3' },
      steps: { type: 'string', default: '1' },
      limit: { type: 'string', default: '60' },
      timeout: { type: 'string', default: '600' },
      pause: { type: 'string', default: '100' },
      threads: { type: 'string', default: '2' },
      python: { type: 'string' },
      hardware: { type: 'boolean', default: false },
      out: { type: 'string', default: 'bench/results.json' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
}

/**
 * What the parser of the command line throws, as an error for the user.
 *
 * @template T
 * @param {() => T} parse
 * @returns {T}
 */
export function asUsageError(parse) {
  try {
    return parse();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new UsageError(message.split('\n')[0]);
  }
}

/**
 * @param {string} option
 * @param {string} list
 */
export function readWorkloads(option, list) {
  const names = list.split(',').flatMap((name) => {
    const points = expandWorkload(name);
    if (!points) throw new UsageError(`--${option} ${name}: no such workload; see --help`);
    return points;
  });
  return [...new Set(names)];
}

/** @param {string | undefined} list */
function readContenders(list) {
  if (list === undefined) return null;
  const names = list.split(',');
  for (const name of names) {
    if (CONTENDERS.some((contender) => contender === name)) continue;
    throw new UsageError(`--contenders ${name}: choose from ${CONTENDERS.join(', ')}`);
  }
  return [...new Set(names)];
}

/**
 * @param {string} name
 * @param {string} value
 * @param {number} least
 */
export function readCount(name, value, least) {
  const count = Number(value);
  if (value.trim() !== '' && Number.isSafeInteger(count) && count >= least) return count;
  throw new UsageError(`--${name} ${value}: an integer from ${least} is needed`);
}
