/** The trial of a kernel's configurations on the device. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { Autotuner } from '../../src/autotune/autotuner';
import { timeCandidates } from '../../src/backend/webgpu/timing';
import { exportTuning, importTuning } from '../../src/autotune/tuning';
import type { DeviceBuffer } from '../../src/backend/backend';
import { defineKernel, LEAST_LIMITS, update } from '../../src/backend/kernel';
import type { KernelConfig } from '../../src/backend/kernel';
import { ArgumentError, RecordingError } from '../../src/errors';
import { matmul } from '../../src/ops/index';
import type { WebGpuBackend } from '../../src/backend/webgpu/webgpu_backend';
import type { Device } from '../../src/tensor/device';
import { openDevice } from '../../src/tensor/open';
import { tensor } from '../../src/tensor/tensor';
import { requestGpu } from '../setup/gpu';

let device: Device;
/** Milliseconds on the clock of most tests: kernels move it on, and what else runs here does not. */
let launched = 0;

beforeEach(async () => {
  await requestGpu();
  device = await openDevice('webgpu');
  vi.spyOn(performance, 'now').mockImplementation(() => launched);
});

afterEach(async () => {
  vi.restoreAllMocks();
  await device.finish();
  device.dispose();
});

const PARAMS = { step: 'override', turns: 'override', n: 'u32' } as const;

/** Turns of a loop in a millisecond of the tests' clock. */
const TURNS = 100;

/** Counts up by `step`, so that a test sees who ran, after so many turns of a loop. */
function counting(name: string, step: number, turns: number): KernelConfig<typeof PARAMS> {
  return {
    name,
    source: /* wgsl */ `
      override step: u32;
      override turns: u32;
      struct Params { n: u32, }
      @group(0) @binding(0) var<storage, read_write> y: array<f32>;
      @group(0) @binding(8) var<uniform> params: Params;
      @compute @workgroup_size(64)
      fn main(@builtin(local_invocation_index) i: u32) {
        if (i >= params.n) { return; }
        var x = y[i];
        for (var turn = 0u; turn < turns; turn++) { x = x * 1.5 + 1.0; }
        if (x != 0.25) { y[i] = y[i] + f32(step); }
      }`,
    launch() {
      launched += turns / TURNS;
      return [{ workgroups: [1, 1, 1], params: { step, turns } }];
    },
  };
}

/** A kernel of two configurations, of which the first steps by 1 and the second by 2. */
function planted(name: string, [first, second]: readonly [number, number]) {
  const configs = [counting('ones', 1, first), counting('twos', 2, second)] as const;
  return defineKernel({
    name,
    bindings: { y: update },
    params: PARAMS,
    cpu() {},
    candidates: ({ n }) => ({ sizeClass: n > 4 ? 'large' : 'small', configs }),
  });
}

/** A budget that no trial uses up, in milliseconds. */
const UNHURRIED = 1e9;
const QUICK = 100;
const SLOW = 3_000;
/** A quarter of a second on software adapters: longer than a busy machine delays a quick one, twice. */
const LONG = 40_000_000;

const backendOf = (device: Device) => device.backend as WebGpuBackend;

/** What a run of a kernel adds. */
async function step(kernel: ReturnType<typeof planted>, n = 4, on = device): Promise<number> {
  const y: DeviceBuffer = on.backend.alloc('f32', n);
  on.backend.write(y, new Float32Array(n));
  on.run(kernel, { y }, { step: 0, turns: 0, n });
  const [value] = await on.backend.read(y);
  on.backend.free(y);
  return value;
}

const keyOf = (name: string): string => `${name}: small`;

test.each([
  ['the first', [QUICK, LONG], 'ones', 1],
  ['the second', [LONG, QUICK], 'twos', 2],
] as const)('%s of two configurations is the faster', async (order, turns, fastest, added) => {
  // By the real clock.
  vi.restoreAllMocks();
  const kernel = planted(`faster ${order}`, turns);
  expect(await step(kernel)).toBe(1);
  const [trial, ...others] = await device.tune({ budget: UNHURRIED });
  expect(others).toEqual([]);
  expect(trial).toMatchObject({ name: kernel.name, sizeClass: 'small', fastest });
  const { ones, twos } = trial.milliseconds;
  expect(fastest === 'ones' ? ones < twos : twos < ones).toBe(true);
  expect(await step(kernel)).toBe(added);
  expect(await device.tune()).toEqual([]);
});

test('what waiting takes by itself is not counted', async () => {
  const { backend } = device;
  const finish = backend.finish.bind(backend);
  vi.spyOn(backend, 'finish').mockImplementation(async () => {
    launched += 11;
    await finish();
  });
  await step(planted('waited for', [3_000, 2_000]));
  expect(await device.tune()).toMatchObject([{ milliseconds: { ones: 30, twos: 20 } }]);
});

test('a size class is tried once it has been run, and by itself', async () => {
  const kernel = planted('classes', [SLOW, QUICK]);
  await step(kernel, 4);
  await device.tune();
  expect([await step(kernel, 4), await step(kernel, 5)]).toEqual([2, 1]);
  expect(await device.tune()).toMatchObject([{ sizeClass: 'large', fastest: 'twos' }]);
  expect(await step(kernel, 60)).toBe(2);
});

test('several kernels together get the time that is reserved for them, before kernels that are left', async () => {
  const tuner = new Autotuner(backendOf(device));
  const [first, second] = ['left', 'over'].map((name) => planted(name, [SLOW, QUICK]));
  const y = device.backend.alloc('f32', 4);
  for (const kernel of [first, second]) tuner.configFor(kernel, { step: 0, turns: 0, n: 4 }, { y });
  const went: string[] = [];
  const roads = {
    ...{ name: 'roads', sizeClass: 'any', bytes: 4 },
    candidates: ['high', 'low'],
  } as const;
  expect(tuner.select({ ...roads, run: (candidate) => went.push(candidate) })).toBe('high');
  const trials = await tuner.tuneFor(UNHURRIED, UNHURRIED);
  expect(trials.map(({ name }) => name)).toEqual(['roads', 'left', 'over']);
  expect(went.slice(0, 2)).toEqual(['high', 'low']);
  // Not at all where they are to wait, and last where no time is reserved.
  for (const kernel of [first, second]) tuner.configFor(kernel, { step: 0, turns: 0, n: 5 }, { y });
  tuner.select({ ...roads, sizeClass: 'other', run: () => {} });
  const later = await tuner.tuneFor(UNHURRIED);
  expect(later.map(({ name }) => name)).toEqual(['left', 'over']);
  expect(await tuner.tuneFor(UNHURRIED, 0)).toMatchObject([{ name: 'roads', sizeClass: 'other' }]);
  device.backend.free(y);
});

test('several kernels together stay open while the configurations of each are', async () => {
  const kernel = planted('under way', [QUICK, QUICK]);
  const y: DeviceBuffer = device.backend.alloc('f32', 4);
  // Whose calls the device's own tuner notes, as those of an operation.
  const run = () => {
    launched += 30;
    device.run(kernel, { y }, { step: 0, turns: 0, n: 4 });
  };
  const path = { name: 'path', sizeClass: 'any', candidates: ['a', 'b'], bytes: 4, run } as const;
  device.autotuner!.select(path);
  // It begins in time, and leaves none for the kernel.
  expect(await device.tune({ budget: 20 })).toEqual([]);
  const trials = await device.tune({ budget: UNHURRIED });
  expect(trials.map(({ name }) => name)).toEqual(['under way', 'path']);
  device.backend.free(y);
});

test.each([
  ['a GPU, whose clock falls when it is idle, works', false],
  ['nothing is done on a software adapter', true],
])('%s before each round of times', async (_, software) => {
  const { backend } = device;
  Object.assign(backend, { tunable: { ...backend.tunable, software } });
  let went: string[] = [];
  const run = (candidate: string) => {
    launched += 1;
    went.push(candidate);
  };
  // A replay is a candidate's runs in the recording.
  const record = backend.record.bind(backend);
  vi.spyOn(backend, 'record').mockImplementation((body) => {
    const before = went;
    went = [];
    const recording = record(body);
    const [candidate] = went;
    const runs = went.length;
    went = before;
    return Object.assign(recording, {
      replay() {
        launched += runs;
        went.push(`${candidate} x ${runs}`);
      },
    });
  });
  device.autotuner!.select({
    ...{ name: `warm, ${software}`, sizeClass: 'any', bytes: 4 },
    ...{ candidates: ['a', 'b'], run },
  });
  await device.tune({ budget: UNHURRIED });
  const warm = (word: string, times: number) => Array<string>(software ? 0 : times).fill(word);
  // Batches that double until they took 20 ms or more: 1 + 2 + 4 + 8 + 16 runs, or 1 + 2 + 4 replays.
  const single = [...warm('a', 31), 'a', 'b'];
  // Ten milliseconds: of four replays on a GPU, of one in software.
  const replays = (candidate: string) =>
    software ? [`${candidate} x 10`] : Array<string>(4).fill(`${candidate} x 3`);
  const several = [...warm('a x 3', 7), ...replays('a'), ...replays('b')];
  // Once to compile.
  expect(went).toEqual(['a', 'b', ...single, ...single, ...several, ...several, ...several]);
});

test('long runs are recorded one at a time, and what takes too long not at all', async () => {
  const { backend } = device;
  Object.assign(backend, { tunable: { ...backend.tunable, software: false } });
  let open = 0;
  let most = 0;
  const record = backend.record.bind(backend);
  vi.spyOn(backend, 'record').mockImplementation((body) => {
    const recording = record(body);
    most = Math.max(most, ++open);
    const free = recording.free.bind(recording);
    return Object.assign(recording, {
      replay: () => (launched += 30),
      free: () => {
        open--;
        free();
      },
    });
  });
  const times = await timeCandidates(backend, () => (launched += 40), 2, UNHURRIED);
  expect([most, open]).toEqual([1, 0]);
  // What the recordings took, less than the runs by themselves.
  expect(times).toEqual([30, 30]);
  most = 0;
  expect(await timeCandidates(backend, () => (launched += 300), 2, UNHURRIED)).toEqual([300, 300]);
  expect(most).toBe(0);
});

test('a short run is repeated until the clock has had its time', async () => {
  const { backend } = device;
  Object.assign(backend, { tunable: { ...backend.tunable, software: false } });
  let runs = 0;
  const run = () => {
    launched += 2 ** -8;
    runs++;
  };
  // 20 ms are 5,120 runs: more than a batch may hold.
  await timeCandidates(backend, run, 1, 0);
  expect(runs).toBeGreaterThan(5_120);
  expect(runs).toBeLessThan(5_120 + 600);
});

test('a trial that throws gives back what it took', async () => {
  const tuner = new Autotuner(backendOf(device));
  const before = device.backend.pooledBytes();
  const run = () => {
    throw new Error('no road');
  };
  tuner.select({ name: 'wrong', sizeClass: 'any', candidates: ['a', 'b'], bytes: 4, run });
  await expect(tuner.tuneFor(UNHURRIED, 0)).rejects.toThrow('no road');
  expect(device.backend.pooledBytes()).toBe(before);
});

test('the next device on the adapter knows, and so does the next process', async () => {
  const kernel = planted('remembered', [SLOW, QUICK]);
  await step(kernel);
  await device.tune();
  using other = await openDevice('webgpu');
  expect(await step(kernel, 4, other)).toBe(2);
  const tuning = exportTuning();
  const { adapter } = device.backend.tunable!;
  expect(tuning[adapter][keyOf(kernel.name)]).toBe('twos');
  expect(JSON.parse(JSON.stringify(tuning))).toEqual(tuning);
});

test('what is imported stands as if it had been tried', async () => {
  const kernel = planted('imported', [QUICK, SLOW]);
  const { adapter } = device.backend.tunable!;
  importTuning({ [adapter]: { [keyOf(kernel.name)]: 'twos' }, 'no such GPU': {} });
  expect(await step(kernel)).toBe(2);
  expect(await device.tune()).toEqual([]);
  importTuning({ [adapter]: { [keyOf(kernel.name)]: 'a configuration of old' } });
  expect(await step(kernel)).toBe(1);
  expect(await device.tune()).toMatchObject([{ fastest: 'ones' }]);
});

test('what is shipped serves until a trial has found something', async () => {
  const kernel = planted('shipped', [QUICK, SLOW]);
  const way = { name: 'shipped way', sizeClass: 'any', bytes: 4, run: () => (launched += 1) };
  const shipped = { [keyOf(kernel.name)]: 'twos', 'shipped way: any': 'b' };
  const tuner = new Autotuner(backendOf(device), shipped);
  const y = device.backend.alloc('f32', 4);
  const chosen = () => [
    tuner.configFor(kernel, { step: 0, turns: 0, n: 4 }, { y })?.name,
    tuner.select({ ...way, candidates: ['a', 'b'], run: () => void way.run() }),
  ];
  expect(chosen()).toEqual(['twos', 'b']);
  expect(await tuner.tune(UNHURRIED)).toHaveLength(2);
  expect(chosen()).toEqual(['ones', 'a']);
  const old = new Autotuner(backendOf(device), { [keyOf('of old')]: 'a configuration of old' });
  const { name } = old.configFor(planted('of old', [1, 1]), { step: 0, turns: 0, n: 4 }, { y })!;
  expect(name).toBe('ones');
  device.backend.free(y);
});

test.each([null, [], 'x', { gpu: 1 }, { gpu: { kernel: 2 } }])('%j is not imported', (json) => {
  expect(() => importTuning(json)).toThrow(ArgumentError);
});

describe('a trial', () => {
  test('ends with its budget; the rest is for the next', async () => {
    const kernel = planted('budget', [SLOW, QUICK]);
    await step(kernel, 4);
    await step(kernel, 5);
    expect(await device.tune({ budget: 0 })).toEqual([]);
    expect(await device.tune({ budget: 5 })).toHaveLength(1);
    expect(await device.tune()).toHaveLength(1);
  });

  test('runs what its kernel says in place of the call', async () => {
    const kernel = planted('in place', [SLOW, QUICK]);
    const { configs } = kernel.candidates({ step: 0, turns: 0, n: 4 }, LEAST_LIMITS);
    const evened = defineKernel({
      ...kernel,
      candidates: (p) => ({ sizeClass: 'small', configs, trial: { ...p, n: 2 } }),
    });
    const run = vi.spyOn(device.backend, 'run');
    await step(evened);
    await device.tune();
    const sizes = run.mock.calls
      .filter(([{ name }]) => name === kernel.name)
      .map(([, , { n }]) => n);
    expect(sizes[0]).toBe(4);
    expect(new Set(sizes.slice(1))).toEqual(new Set([2]));
  });

  test('leaves values and memory alone', async () => {
    const kernel = planted('alone', [SLOW, QUICK]);
    const y = device.backend.alloc('f32', 3);
    device.backend.write(y, new Float32Array(3));
    device.run(kernel, { y }, { step: 0, turns: 0, n: 3 });
    const before = device.memory();
    await device.tune();
    expect([...(await device.backend.read(y))]).toEqual([1, 1, 1]);
    expect(device.memory().liveBytes).toBe(before.liveBytes);
  });

  test('is refused within a recording, and a recording keeps its configurations', async () => {
    const kernel = planted('recorded', [SLOW, QUICK]);
    const y = device.backend.alloc('f32', 1);
    device.backend.write(y, new Float32Array(1));
    let inside: Promise<unknown> | undefined;
    const recording = device.backend.record(() => {
      device.run(kernel, { y }, { step: 0, turns: 0, n: 1 });
      inside = device.tune();
    });
    await expect(inside).rejects.toThrow(RecordingError);
    await device.tune();
    recording.replay();
    expect([...(await device.backend.read(y))]).toEqual([2]);
    recording.free();
  });

  test('finds a configuration of matmul, which computes the same', async () => {
    vi.restoreAllMocks();
    const sizes = [16, 24];
    const a = tensor(
      device,
      Float32Array.from({ length: 384 }, (_, i) => i % 7),
      sizes,
    );
    const before = await matmul(a, a, { transposeB: true }).data();
    const [trial] = await device.tune({ budget: UNHURRIED });
    expect(trial.name).toBe('matmul');
    expect(Object.keys(trial.milliseconds)).toHaveLength(2);
    expect(await matmul(a, a, { transposeB: true }).data()).toEqual(before);
  });

  test('is nothing on the CPU', async () => {
    const cpu = await openDevice('cpu');
    expect(await cpu.tune()).toEqual([]);
  });
});
