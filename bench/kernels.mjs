// Where the time of a workload goes, kernel by kernel, each by itself, and how near each is to
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

The kernels of a workload: of a training step, of a text that is written (sample) or read (eval). Calls,
dispatches, operations and bytes at the least, and time.

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
 * @property {number} calls
 * @property {number} dispatches of them; on the CPU, calls
 * @property {number} operations
 * @property {number} bytes
 * @property {number} milliseconds
 */

/** @typedef {{ call: Parameters<Backend['run']>, dispatches: number, times: number }} Call */

/**
 * The calls that `run` makes, with how often each: recordings, of `prepare` too, are replayed. What is freed
 * meanwhile stays until `free`, so that they can be made again.
 *
 * @param {Backend} backend
 * @param {() => Promise<unknown>} prepare
 * @param {() => Promise<unknown>} run
 */
async function callsOf(backend, prepare, run) {
  const original = {
    run: backend.run.bind(backend),
    record: backend.record.bind(backend),
    free: backend.free.bind(backend),
  };
  /** @type {Call[]} */
  const calls = [];
  /** @type {(() => void)[]} */
  const kept = [];
  backend.run = /** @type {typeof original.run} */ (
    (...given) => {
      const call = /** @type {Call['call']} */ (/** @type {unknown} */ (given));
      const before = backend.dispatches;
      original.run(...call);
      calls.push({ call, dispatches: backend.dispatches - before, times: 1 });
    }
  );
  backend.record = (body) => {
    const first = calls.length;
    const recording = original.record(body);
    const own = calls.slice(first);
    const [replay, free] = [recording.replay.bind(recording), recording.free.bind(recording)];
    return Object.assign(recording, {
      replay() {
        replay();
        for (const call of own) call.times++;
      },
      free: () => kept.push(free),
    });
  };
  try {
    await prepare();
    for (const call of calls) call.times = 0;
    backend.free = (buffer) => kept.push(() => original.free(buffer));
    await run();
  } finally {
    Object.assign(backend, original);
  }
  return {
    calls: calls.filter(({ times }) => times > 0),
    free: () => kept.forEach((each) => each()),
  };
}

/** Characters of a text whose kernels are told. */
const SAMPLED = 1000;

/**
 * What a workload does, what that is called, and what it does first.
 *
 * @param {Awaited<ReturnType<typeof loadLethe>>} lethe
 * @param {import('../src/index').Device} device
 * @param {import('./types').Job} job
 */
function workOf({ CharTrainer, sampleText, evaluate }, device, job) {
  const { kind, text, cell, layers, hidden, batch, seq, lr, clip, seed } = job;
  const trainer = new CharTrainer(device, text, {
    ...{ cell, layers, hidden, embedding: hidden, batch, seq, lr, clip, seed, validFraction: 0 },
  });
  const { model, vocabulary } = trainer;
  const prepare = async () => {};
  if (kind === 'sample') {
    const length = SAMPLED;
    const run = () => sampleText(model, vocabulary, { length });
    return { of: `${length} characters`, prepare, run };
  }
  if (kind === 'eval') {
    const ids = vocabulary.encode(text.slice(0, seq + 1));
    return { of: `a window of ${seq}`, prepare, run: () => evaluate(model, ids, { batch, seq }) };
  }
  // The first step makes what stays.
  const run = () => trainer.trainStep();
  return { of: 'a step', prepare: run, run };
}

/** @param {ReturnType<typeof readKernelOptions>} options */
async function measure({ workload, device: kind, count, tune, limit }) {
  process.env.VK_ICD_FILENAMES ??= findSwiftShader();
  const server = await serveSources();
  const lethe = await loadLethe(server);
  const { timeCandidates } = /** @type {typeof import('../src/backend/webgpu/timing')} */ (
    await server.ssrLoadModule('/src/backend/webgpu/timing.ts')
  );
  const device = await lethe.openDevice(kind);
  const job = makeJob(workload);
  if (!count) await workOf(lethe, device, job).run();
  const trials = count ? [] : await device.tune({ budget: 1000 * tune });
  // A trainer's own trials would be among the calls.
  device.tune = () => Promise.resolve([]);

  const { backend } = device;
  const { of, prepare, run } = workOf(lethe, device, job);
  const { calls, free } = await callsOf(backend, prepare, run);
  await device.finish();

  /** @type {Map<string, Line>} */
  const lines = new Map();
  for (const { call, dispatches, times } of calls) {
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
    line.calls += times;
    line.dispatches += times * dispatches;
    line.operations += times * cost.operations;
    line.bytes += times * cost.bytes;
    line.milliseconds += times * milliseconds;
    lines.set(name, line);
  }
  free();
  const sorted = [...lines.values()].sort((a, b) =>
    count ? b.operations - a.operations : b.milliseconds - a.milliseconds,
  );
  return { on: device.description, of, lines: sorted, trials };
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
  const { on, of, lines, trials } = await measure(options);
  if (options.trials && trials.length > 0) console.log(formatTrials(trials));
  console.log(`${options.workload}, ${of}: ${describeWorkload(makeJob(options.workload))}; ${on}`);
  console.log(format(lines, options));
  return 0;
}

await runCommand(main);
// Nothing else ends Dawn's process.
process.exit();
