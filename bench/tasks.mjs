// Figures of a worked example over several seeds, beside its baseline's.
//
//   npm run bench:tasks -- NAME [DATA] [--seeds 1,2,3] [--epochs N]
//
// Trains it by `lethe task` once for each seed, one after the other, and prints every figure on the test data
// of each seed, their median, and the baseline's (its median too, where the data are split by the seed).
import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

import { runCommand, UsageError } from './options.mjs';
import { median } from './statistics.mjs';

const CLI = fileURLToPath(new URL('../dist/cli/main.js', import.meta.url));

/**
 * The last line of `lethe task --json`.
 *
 * @typedef {object} Done
 * @property {Record<string, number>} metrics
 * @property {{ name: string, metrics: Record<string, number> }} baseline
 * @property {number} epochs
 * @property {number} seconds
 */

/**
 * @param {readonly string[]} what name, data, flags
 * @returns {Promise<Done>}
 */
async function train(...what) {
  const out = await mkdtemp(join(tmpdir(), 'lethe-task-'));
  try {
    const args = [CLI, 'task', ...what, '--json', '--out', out];
    const { stdout } = await promisify(execFile)(process.execPath, args, { maxBuffer: 2 ** 26 });
    const last = /** @type {string} */ (stdout.trim().split('\n').at(-1));
    /** @type {Done} */
    const done = JSON.parse(last);
    return done;
  } finally {
    await rm(out, { recursive: true });
  }
}

/** @param {number} value */
const shown = (value) => value.toPrecision(5);

await runCommand(async () => {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { seeds: { type: 'string', default: '1,2,3' }, epochs: { type: 'string' } },
  });
  if (positionals.length === 0) throw new UsageError('name the task: npm run bench:tasks -- dates');
  const seeds = values.seeds.split(',');
  /** @type {Done[]} */
  const runs = [];
  for (const seed of seeds) {
    const epochs = values.epochs === undefined ? [] : ['--epochs', values.epochs];
    const done = await train(...positionals, '--seed', seed, ...epochs);
    console.log(`seed ${seed}: ${done.epochs} epochs, ${done.seconds} s`);
    runs.push(done);
  }
  const names = Object.keys(runs[0].metrics);
  const rows = names.map((name) => {
    const own = runs.map(({ metrics }) => metrics[name]);
    const base = runs.flatMap(({ baseline }) => baseline.metrics[name] ?? []);
    return [
      name,
      ...own.map(shown),
      shown(median(own)),
      base.length > 0 ? shown(median(base)) : '-',
    ];
  });
  const head = ['', ...seeds.map((seed) => `seed ${seed}`), 'median', runs[0].baseline.name];
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  for (const row of [head, ...rows]) {
    console.log(row.map((cell, i) => cell.padStart(widths[i])).join('  '));
  }
  return 0;
});
