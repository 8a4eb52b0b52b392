// `npm run bench`: Lethe beside its peers. `npm run bench -- --help` explains the options, and
// docs/benchmarks.md the figures.
import { makeOpener } from './contenders.mjs';
import { contendersOf } from './names.mjs';
import { HELP, readOptions, runCommand } from './options.mjs';
import { computeRatios } from './ratios.mjs';
import { writeResults } from './results.mjs';
import { formatRatios, formatRows } from './table.mjs';
import { takeTurns } from './turns.mjs';
import { describeWorkload, makeJob } from './workloads.mjs';

const log = (/** @type {string} */ line) => console.error(line);

/** @param {import('./options.mjs').Options} options */
async function run(options) {
  /** @type {import('./types').Row[]} */
  const rows = [];
  const began = new Date();
  const opener = makeOpener(options);
  const { rounds, warmup, steps, limit, pause, threads, hardware } = options;
  const settings = { rounds, warmup, steps, limit, pause, threads, hardware };
  for (const workload of options.workloads) {
    const job = { ...makeJob(workload), threads };
    log(`${workload}: ${describeWorkload(job)}`);
    const names = options.contenders ?? contendersOf(job);
    const added = await takeTurns(job, names, opener.open, { ...options, log });
    rows.push(...added);
    if (options.json) for (const row of added) console.log(JSON.stringify(row));
    // After each, so that a run cut short has left something.
    await writeResults(options.out, began, { settings, rows, ratios: computeRatios(rows) });
  }
  opener.close();
  if (!options.json) console.log(`${formatRows(rows)}\n\n${formatRatios(computeRatios(rows))}`);
  return rows.some((row) => row.error !== undefined) ? 1 : 0;
}

async function main() {
  const options = readOptions(process.argv.slice(2));
  if (!options.help) return run(options);
  console.log(HELP);
  return 0;
}

await runCommand(main);
