// Where the time of a training step goes, kernel by kernel, each by itself, and how near each is to
// what the machine could do:
//
//   npm run bench:kernels -- [--workload w1] [--device webgpu] [--tflops N --gbps N]
//
// WebGPU (the default) is Dawn in Node, on SwiftShader unless VK_ICD_FILENAMES names a driver. The
// kernels are tuned first, as for training.
import { parseArgs } from 'node:util';

import { findSwiftShader } from '../scripts/browser.mjs';
import { costOf } from './cost.mjs';
import { loadLethe, serveSources } from './load.mjs';
import { asUsageError, readCount, readWorkloads, runCommand, UsageError } from './options.mjs';
import { align, digits } from './table.mjs';
import { describeWorkload, makeJob } from './workloads.mjs';

const HELP = `npm run bench:kernels -- [options]

The kernels of a training step: calls, dispatches, operations and bytes at the least, and time.

  --workload NAME  (w1); as of npm run bench
  --device NAME    webgpu or cpu (webgpu)
  --count          what they do alone, without times
  --tune SECONDS   for trials of configurations (60)
  --trials         what those have found, in microseconds, before the table
  --limit SECONDS  for the timing of a call (2)
  --tflops N       the machine's f32 arithmetic, 10^12 operations a second
  --gbps N         its memory, 10^9 bytes a second; with both, the column roof tells how many percent of
                   a kernel's time they account for`;

function readKernelOptions() {
  const { values } = asUsageError(() =>
    parseArgs({
      options: {
        workload: { type: 'string', default: 'w1' },
        device: { type: 'string', default: 'webgpu' },
        count: { type: 'boolean', default: false },
        tune: { type: 'string', default: '60' },
        trials: { type: 'boolean', default: false },
        limit: { type: 'string', default: '2' },
        tflops: { type: 'string' },
        gbps: { type: 'string' },
        help: { type: 'boolean', default: false },
      },
    }),
  );
  const { device, tflops, gbps } = values;
  if (device !== 'webgpu' && device !== 'cpu') {
    throw new UsageError(`--device ${device}: choose webgpu or cpu`);
  }
  const [workload, ...others] = readWorkloads('workload', values.workload);
  if (others.length > 0) throw new UsageError(`--workload ${values.workload}: name one`);
  return {
    ...{ workload, device: /** @type {'webgpu' | 'cpu'} */ (device) },
    ...{ count: values.count, trials: values.trials, help: values.help },
    tune: readCount('tune', values.tune, 0),
    limit: readCount('limit', values.limit, 1),
    tflops: tflops === undefined ? undefined : readCount('tflops', tflops, 1),
    gbps: gbps === undefined ? undefined : readCount('gbps', gbps, 1),
  };
}

/** @typedef {import('../src/backend/backend').Backend} Backend */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number} calls of a step
 * @property {number} dispatches of them; on the CPU, calls
 * @property {number} operations
 * @property {number} bytes
 * @property {number} milliseconds
 */

/** @typedef {{ call: Parameters<Backend['run']>, dispatches: number }} Call */

/**
 * The calls that `body` records, those of trials beside it left out.
 *
 * @param {Backend} backend
 * @param {() => Promise<unknown>} body
 */
async function callsOf(backend, body) {
  /** @type {Call[]} */
  const calls = [];
  const run = backend.run.bind(backend);
  const record = backend.record.bind(backend);
  backend.record = (recorded) => {
    backend.run = /** @type {typeof run} */ (
      (...given) => {
        const call = /** @type {Call['call']} */ (/** @type {unknown} */ (given));
        const before = backend.dispatches;
        run(...call);
        calls.push({ call, dispatches: backend.dispatches - before });
      }
    );
    try {
      return record(recorded);
    } finally {
      backend.run = run;
    }
  };
  await body();
  backend.record = record;
  return calls;
}

/** @param {ReturnType<typeof readKernelOptions>} options */
async function measure({ workload, device: kind, count, tune, limit }) {
  process.env.VK_ICD_FILENAMES ??= findSwiftShader();
  const server = await serveSources();
  const { openDevice, CharTrainer } = await loadLethe(server);
  const { timeCandidates } = /** @type {typeof import('../src/backend/webgpu/timing')} */ (
    await server.ssrLoadModule('/src/backend/webgpu/timing.ts')
  );
  const device = await openDevice(kind);
  const { text, cell, layers, hidden, batch, seq, lr, clip, seed } = makeJob(workload);
  const trainer = new CharTrainer(device, text, {
    ...{ cell, layers, hidden, embedding: hidden, batch, seq, lr, clip, seed, validFraction: 0 },
  });
  await trainer.trainStep();
  const trials = count ? [] : await device.tune({ budget: 1000 * tune });

  const { backend } = device;
  const calls = await callsOf(backend, () => trainer.trainStep());
  await device.finish();

  /** @type {Map<string, Line>} */
  const lines = new Map();
  for (const { call, dispatches } of calls) {
    const [kernel, buffers, params] = call;
    const values = /** @type {Record<string, number>} */ (params);
    const cost = costOf(kernel, buffers, values);
    const name =
      kernel.name === 'matmul' ? `matmul ${values.m} x ${values.n} x ${values.k}` : kernel.name;
    const end = performance.now() + 1000 * limit;
    const [milliseconds] = count
      ? [0]
      : await timeCandidates(backend, () => backend.run(...call), 1, end);
    const line = lines.get(name) ?? {
      ...{ name, calls: 0, dispatches: 0, operations: 0, bytes: 0, milliseconds: 0 },
    };
    line.calls++;
    line.dispatches += dispatches;
    line.operations += cost.operations;
    line.bytes += cost.bytes;
    line.milliseconds += milliseconds;
    lines.set(name, line);
  }
  const sorted = [...lines.values()].sort((a, b) =>
    count ? b.operations - a.operations : b.milliseconds - a.milliseconds,
  );
  return { on: device.description, lines: sorted, trials };
}

/** @param {readonly import('../src/index').TuningResult[]} trials */
function formatTrials(trials) {
  const blocks = trials.map(({ name, sizeClass, milliseconds }) => {
    const found = Object.entries(milliseconds).sort(([, a], [, b]) => a - b);
    const rows = found.map(([candidate, ms]) => ['', candidate, digits(1000 * ms), '']);
    return `${name}: ${sizeClass}\n${align(rows)}`;
  });
  return blocks.join('\n');
}

/**
 * @param {readonly Line[]} lines
 * @param {ReturnType<typeof readKernelOptions>} options
 */
function format(lines, { count, tflops, gbps }) {
  /** @type {(property: Exclude<keyof Line, 'name'>) => number} */
  const total = (property) => lines.reduce((sum, line) => sum + line[property], 0);
  const all = {
    ...{ name: 'all', calls: total('calls'), dispatches: total('dispatches') },
    ...{ operations: total('operations'), bytes: total('bytes') },
    milliseconds: total('milliseconds'),
  };
  const roofs = !count && tflops !== undefined && gbps !== undefined;
  const rows = [...lines, all].map(({ name, milliseconds: ms, ...line }) => [
    ...[name, String(line.calls), String(line.dispatches)],
    ...[digits(line.operations / 1e6), digits(line.bytes / 1e6)],
    ...(count
      ? []
      : [digits(ms), digits(line.operations / 1e6 / ms), digits(line.bytes / 1e6 / ms)]),
    ...(roofs
      ? [
          `${digits(100 * (Math.max(line.operations / tflops / 1e9, line.bytes / gbps / 1e6) / ms))} %`,
        ]
      : []),
    '',
  ]);
  const timed = count ? [] : ['ms', 'GFLOP/s', 'GB/s'];
  const heading = ['kernel', 'calls', 'dispatches', 'MFLOP', 'MB', ...timed];
  return align([[...heading, ...(roofs ? ['roof'] : []), ''], ...rows]);
}

async function main() {
  const options = readKernelOptions();
  if (options.help) {
    console.log(HELP);
    return 0;
  }
  const { on, lines, trials } = await measure(options);
  if (options.trials && trials.length > 0) console.log(formatTrials(trials));
  console.log(`${options.workload}: ${describeWorkload(makeJob(options.workload))}; ${on}`);
  console.log(format(lines, options));
  return 0;
}

await runCommand(main);
// Nothing else ends Dawn's process.
process.exit();
