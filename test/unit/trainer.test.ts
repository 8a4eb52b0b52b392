import { expect, test } from 'vitest';

import {
  ArgumentError,
  backward,
  CheckpointError,
  Generator,
  mean,
  mul,
  NonFiniteError,
  openDevice,
  Random,
  RecordingError,
  reshape,
  scope,
  ShapeError,
  square,
  sub,
  sum,
  tensor,
} from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { Linear, MLP, Module, RNN } from '../../src/nn/index';
import { Dropout } from '../../src/nn/index';
import { Adam, SGD } from '../../src/optim/index';
import {
  evalMode,
  loadTraining,
  readCheckpoint,
  saveTraining,
  Trainer,
} from '../../src/train/index';
import type {
  BatchTensors,
  FitEvent,
  FitOptions,
  Task,
  TrainerOptions,
} from '../../src/train/index';
import { rejected, thrown } from '../setup/nn_helpers';

const WIDTH = 3;

type Line = {
  x: { shape: number[]; data: Float32Array };
  y: { shape: number[]; data: Float32Array };
};

/** y = x0 - 2 x1 + x2, in batches whose sizes take turns. */
class LineTask implements Task<Line> {
  readonly model: Module & { forward(x: Tensor): Tensor };
  batches;
  readonly held: number[] = [];

  constructor(model: LineTask['model'], sizes: readonly number[] = [4]) {
    this.model = model;
    this.batches = {
      perEpoch: sizes.length,
      batch: (epoch: number, index: number): Line => {
        const random = new Random(100 * epoch + index);
        const n = sizes[index];
        const x = Float32Array.from({ length: n * WIDTH }, () => 2 * random.uniform() - 1);
        const y = Float32Array.from({ length: n }, (_, i) => {
          return x[i * WIDTH] - 2 * x[i * WIDTH + 1] + x[i * WIDTH + 2];
        });
        return { x: { shape: [n, WIDTH], data: x }, y: { shape: [n, 1], data: y } };
      },
    };
  }

  loss({ x, y }: BatchTensors<Line>): Tensor {
    return mean(square(sub(this.model.forward(x), y)));
  }

  async evaluate() {
    const value = this.held.shift();
    return { error: value ?? 0, loss: value ?? 0, training: Number(this.model.training) };
  }
}

class Net extends Module {
  readonly linear: Linear;
  readonly dropout: Dropout;

  constructor(device: Device, generator: Generator, p = 0) {
    super();
    this.linear = new Linear(device, WIDTH, 1, { random: new Random(1) });
    this.dropout = new Dropout(p, generator);
  }

  forward(x: Tensor): Tensor {
    return this.linear.forward(this.dropout.forward(x));
  }
}

async function make(
  sizes?: readonly number[],
  more: Partial<TrainerOptions> & { dropout?: number; lr?: number } = {},
) {
  const device = await openDevice('cpu');
  const { dropout = 0, lr = 0.05, ...options } = more;
  const generator = new Generator(device, 7);
  const task = new LineTask(new Net(device, generator, dropout), sizes);
  const optimizer = new Adam(task.model, { lr });
  const trainer = new Trainer(device, task, { optimizer, generator, ...options });
  return { device, task, trainer };
}

async function events(trainer: Trainer, options: FitOptions): Promise<FitEvent[]> {
  const all: FitEvent[] = [];
  for await (const event of trainer.fit(options)) all.push(event);
  return all;
}

const weights = async (trainer: Trainer) =>
  Promise.all(trainer.model.parameters().map(async (w) => Array.from(await w.data())));

test('learns, and reports once an epoch', async () => {
  const { trainer } = await make([8, 8, 8, 8]);
  const all = await events(trainer, { epochs: 60 });
  const reports = all.filter((event) => event.kind === 'report');
  expect(reports.map(({ epoch }) => epoch)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  expect(reports[0].loss).toBeGreaterThan(0.5);
  expect(reports.at(-1)!.loss).toBeLessThan(1e-3);
  expect(all.filter(({ kind }) => kind === 'step')).toHaveLength(240);
  expect((await weights(trainer)).flat().map((w) => Math.round(w * 10) / 10 + 0)).toEqual([
    1, -2, 1, 0,
  ]);
});

test('each set of shapes is recorded once; later epochs record nothing', async () => {
  const { trainer, device } = await make([4, 2, 4, 5, 2, 4]);
  await events(trainer, { epochs: 1 });
  expect(trainer.recordings).toBe(3);
  await trainer.report();
  const { liveTensors, recordedBytes } = device.memory();
  await events(trainer, { epochs: 6 });
  expect(trainer.recordings).toBe(3);
  expect(device.memory()).toMatchObject({ liveTensors, recordedBytes });
  trainer.dispose();
  expect(device.memory().recordedBytes).toBe(0);
});

test('more shapes than are kept run all the same', async () => {
  const sizes = Array.from({ length: 70 }, (_, i) => i + 1);
  const { trainer } = await make(sizes);
  await events(trainer, { epochs: 2, evalEvery: 0 });
  expect(trainer.recordings).toBe(64);
  expect((await events(trainer, { epochs: 3 })).at(-2)).toMatchObject({
    kind: 'report',
    step: 210,
  });
});

test('a replayed step is the step: the same weights as a loop of one\u2019s own', async () => {
  const { trainer, device } = await make([4, 2, 4]);
  await events(trainer, { epochs: 4, evalEvery: 0 });
  const model = new Net(device, new Generator(device, 7));
  const task = new LineTask(model, [4, 2, 4]);
  const optimizer = new Adam(model, { lr: 0.05 });
  for (let i = 0; i < 12; i++) {
    const { x, y } = task.batches.batch(Math.floor(i / 3), i % 3);
    scope(() => {
      backward(
        task.loss({ x: tensor(device, x.data, x.shape), y: tensor(device, y.data, y.shape) }),
      );
      optimizer.step();
      optimizer.zeroGrad();
    });
  }
  expect(await weights(trainer)).toEqual(
    await Promise.all(model.parameters().map(async (w) => Array.from(await w.data()))),
  );
});

test('a saved training goes on bit for bit, dropout included', async () => {
  const options = { dropout: 0.5, schedule: (step: number) => 1 / (1 + step / 10) };
  const whole = (await make([4, 2, 4], options)).trainer;
  await events(whole, { steps: 20 });
  const first = (await make([4, 2, 4], options)).trainer;
  await events(first, { steps: 8 });
  const bytes = await saveTraining(first, { words: ['a'] });
  const second = (await make([4, 2, 4], options)).trainer;
  expect(loadTraining(second, bytes)).toEqual({ words: ['a'] });
  expect(second.progress).toEqual(first.progress);
  await events(second, { steps: 20 });
  expect(await weights(second)).toEqual(await weights(whole));
  expect(second.progress).toEqual(whole.progress);

  const other = (await make([4, 2], options)).trainer;
  const before = await weights(other);
  expect(thrown(ArgumentError, () => loadTraining(other, bytes))).toContain('batch 2 of an epoch');
  expect(await weights(other)).toEqual(before);
  thrown(CheckpointError, () => loadTraining(second, bytes.subarray(0, 50)));
  expect(thrown(CheckpointError, () => readCheckpoint(bytes))).toContain('loadTraining');
});

test('NaN in a batch is named, with its place', async () => {
  const { trainer, task } = await make([4, 2, 4]);
  const { batches } = task;
  task.batches = {
    perEpoch: 3,
    batch: (epoch, index) => {
      const line = batches.batch(epoch, index);
      if (epoch === 1 && index === 2) line.x.data.set([NaN, 1, NaN], 7);
      return line;
    },
  };
  await events(trainer, { steps: 4, evalEvery: 0 });
  const before = await weights(trainer);
  const stopped = events(trainer, { steps: 7, logEvery: 3, evalEvery: 0 });
  expect(await rejected(NonFiniteError, stopped)).toBe(
    'the loss of step 5 is NaN, and its batch (2 of epoch 1) holds NaN in x[2, 1], of shape [4, 3]',
  );
  expect((await weights(trainer)).flat().every(Number.isFinite)).toBe(true);
  expect(await weights(trainer)).not.toEqual(before);
});

test('the best parameters are kept, and patience ends', async () => {
  const { trainer, task } = await make([4]);
  task.held.push(5, 3, 1, 2, 4, NaN);
  let best: number[][] = [];
  const all: FitEvent[] = [];
  for await (const event of trainer.fit({ epochs: 50, monitor: 'error', patience: 3 })) {
    all.push(event);
    if (event.kind === 'report' && event.improved) best = await weights(trainer);
  }
  expect(all.at(-1)).toEqual({
    kind: 'stalled',
    step: 6,
    patience: 3,
    best: { step: 3, value: 1 },
  });
  expect(await weights(trainer)).not.toEqual(best);
  trainer.restoreBest();
  expect(await weights(trainer)).toEqual(best);

  const largest = await make([4]);
  largest.task.held.push(1, 3, 2);
  const reports = await events(largest.trainer, { epochs: 3, mode: 'max' });
  expect(reports.flatMap((e) => (e.kind === 'report' ? e.improved : []))).toEqual([
    true,
    true,
    false,
  ]);
});

test('evaluation is in evaluation mode, and leaves training as it was', async () => {
  const { trainer, task } = await make();
  expect(await trainer.evaluate()).toMatchObject({ training: 0 });
  expect(task.model.training).toBe(true);
  task.evaluate = () => Promise.reject(new Error('held-out data is gone'));
  await expect(trainer.evaluate()).rejects.toThrow('gone');
  expect(task.model.training).toBe(true);
});

test('dropout draws anew in every step, whoever made its generator', async () => {
  const device = await openDevice('cpu');
  const model = new Net(device, new Generator(device, 7), 0.5);
  const fixed = new LineTask(model).batches.batch(0, 0);
  const task = Object.assign(new LineTask(model), { batches: { perEpoch: 1, batch: () => fixed } });
  const trainer = new Trainer(device, task, { optimizer: new SGD(model, { lr: 1e-12 }) });
  const losses = new Set<number>();
  for (let i = 0; i < 6; i++) {
    await trainer.trainStep();
    losses.add((await trainer.report())!.loss);
  }
  expect(losses.size).toBeGreaterThan(3);
  model.eval();
  await trainer.trainStep();
  expect(model.training).toBe(true);
});

test('a second training keeps the best of the first, and the rate is given back', async () => {
  const { trainer, task } = await make([4], { schedule: () => 0.5 });
  task.held.push(1, 5);
  await events(trainer, { epochs: 1 });
  const best = await weights(trainer);
  await events(trainer, { epochs: 2 });
  trainer.restoreBest();
  expect(await weights(trainer)).toEqual(best);
  expect(trainer.optimizer.lr).toBe(0.025);
  trainer.dispose();
  expect(trainer.optimizer.lr).toBe(0.05);
});

test('a model of f64 is kept as it is; names that a file has for itself are refused', async () => {
  const device = await openDevice('cpu');
  const model = new Linear(device, 2, 1, { dtype: 'f64', random: new Random(1) });
  const task: Task = {
    model,
    batches: { perEpoch: 1, batch: () => ({ x: { shape: [1], data: new Float32Array(1) } }) },
    loss: () => sum(square(model.weight)),
  };
  const options = () => ({ optimizer: new Adam(model, { lr: 0.1 }) });
  const first = new Trainer(device, task, options());
  await first.trainStep();
  const bytes = await saveTraining(first);
  const before = await weights(first);
  await first.trainStep();
  const second = new Trainer(device, task, options());
  loadTraining(second, bytes);
  expect(await weights(second)).toEqual(before);
  class Named extends Module {
    state = new Linear(device, 2, 1);
  }
  const named = new Named();
  const bad = { ...task, model: named };
  expect(
    thrown(ArgumentError, () => new Trainer(device, bad, { optimizer: new SGD(named, { lr: 1 }) })),
  ).toContain('state.weight');
});

test('an aborted training ends after the step under way, reported and evaluated', async () => {
  const { trainer } = await make([4, 4]);
  const abort = new AbortController();
  const kinds: string[] = [];
  for await (const event of trainer.fit({ epochs: 10, signal: abort.signal })) {
    kinds.push(event.kind);
    if (event.kind === 'step' && event.step === 3) abort.abort();
  }
  expect(trainer.step).toBe(3);
  // The batches of an epoch are two: step 3 would not be reported by itself.
  expect(kinds.slice(-3)).toEqual(['step', 'report', 'aborted']);
  expect(
    (await events(trainer, { epochs: 10, signal: abort.signal })).map(({ kind }) => kind),
  ).toEqual(['aborted']);
});

test('penalties: l1 and l2 of the named parameters, and the loss is told without them', async () => {
  const device = await openDevice('cpu');
  const model = new MLP(device, [2, 2, 1], { random: new Random(3) });
  const names = Array.from(model.namedParameters(), ([name]) => name);
  const before = await Promise.all(model.parameters().map((w) => w.data()));
  const task: Task = {
    model,
    batches: {
      perEpoch: 1,
      batch: () => ({ x: { shape: [1, 2], data: new Float32Array(2) } }),
    },
    loss: ({ x }) => mul(sum(model.forward(x)), 0),
  };
  const optimizer = new SGD(model, { lr: 1 });
  const penalties = [{ parameters: /weight/g, l1: 0.01, l2: 0.1 }];
  const trainer = new Trainer(device, task, { optimizer, penalties });
  await trainer.trainStep();
  expect((await trainer.report())!.loss).toBe(0);
  for (const [i, w] of model.parameters().entries()) {
    const after = await w.data();
    const weight = names[i].includes('weight');
    for (const [j, value] of before[i].entries()) {
      const expected = weight ? value - 0.2 * value - 0.01 * Math.sign(value) : value;
      expect(after[j]).toBeCloseTo(expected, 6);
    }
  }
  const bad = (penalty: object) =>
    thrown(
      ArgumentError,
      () => new Trainer(device, task, { optimizer, penalties: [penalty as never] }),
    );
  expect(bad({ parameters: ['nothing'], l1: 1 })).toContain('nothing');
  expect(bad({ parameters: /none/, l1: 1 })).toContain('/none/');
  expect(bad({ parameters: /weight/ })).toContain('both 0');
  expect(bad({ parameters: /weight/, l1: -1 })).toContain('l1 = -1');
});

test('bad input is refused, and names what is wrong', async () => {
  const { device, task, trainer } = await make();
  const optimizer = new SGD(task.model, { lr: 1 });
  const bad = (given: object, options: object = { optimizer }) =>
    thrown(ArgumentError, () => new Trainer(device, given as never, options as never));
  expect(bad({})).toContain('{ model, batches, loss(batch) }');
  expect(bad({ ...task, model: task.model, loss: () => 0, batches: { perEpoch: 0 } })).toContain(
    'shorter',
  );
  expect(bad(task, {})).toContain('new Adam');
  expect(bad(task, { optimizer, clipNorm: 0 })).toContain('clipNorm = 0');
  expect(bad(task, { optimizer, clip: 1 })).toContain('clipNorm');
  const fitted = (options: object) => rejected(ArgumentError, events(trainer, options as never));
  expect(await fitted({ epochs: NaN })).toContain('epochs = NaN');
  expect(await fitted({ epochs: 1, mode: 'least' })).toContain('mode = least');
  expect(await fitted({ epochs: 1, monitor: 'accuracy' })).toContain('error, loss, training');
  expect(await fitted({ epochs: 1, patience: 1, evalEvery: 0 })).toContain('patience = 1');
  expect(thrown(ArgumentError, () => trainer.restoreBest())).toContain('nothing was kept');

  const wrong = async (change: Partial<Task<never>>) => {
    const made = await make();
    return new Trainer(made.device, Object.assign(made.task, change), {
      optimizer: new SGD(made.task.model, { lr: 1 }),
    }).trainStep();
  };
  const vector = { loss: ({ y }: BatchTensors<Line>) => mul(y, 1) };
  expect(await rejected(ShapeError, wrong(vector as never))).toContain('[4, 1]');
  const short = { perEpoch: 1, batch: () => ({ x: { shape: [2], data: new Float32Array(3) } }) };
  expect(await rejected(ArgumentError, wrong({ batches: short as never }))).toContain(
    'x has 3 values',
  );
  const reading = {
    loss(this: LineTask, { x }: BatchTensors<Line>) {
      const loss = mean(this.model.forward(x));
      loss.item().catch(() => {});
      return loss;
    },
  };
  expect(await rejected(RecordingError, wrong(reading as never))).toContain('reads a value');
  const later = { loss: async ({ y }: BatchTensors<Line>) => Promise.resolve(mean(y)) };
  expect(await rejected(ArgumentError, wrong(later as never))).toContain('must not be async');

  const rnn = new RNN(device, WIDTH, 2, { random: new Random(1) });
  const listed: Task<Line> = {
    model: rnn,
    batches: task.batches,
    loss({ x }) {
      const steps = reshape(x, [2, 2, WIDTH]);
      return mean(rnn.forward(steps, undefined, { lengths: [2, 1] })[0]);
    },
  };
  const lists = new Trainer(device, listed, { optimizer: new SGD(rnn, { lr: 1 }) });
  expect(await rejected(RecordingError, lists.trainStep())).toContain('list of lengths');

  const plain = { perEpoch: 1, batch: () => ({ x: [1, 2] }) };
  expect(await rejected(ArgumentError, wrong({ batches: plain as never }))).toContain(
    '{ shape, data }',
  );
});

test('evalMode gives no graph, and frees all but what it returns', async () => {
  const { device, task } = await make();
  const before = device.memory().liveTensors;
  const batch = task.batches.batch(0, 0);
  const y = evalMode(task.model, () =>
    task.model.forward(tensor(device, batch.x.data, batch.x.shape)),
  );
  expect(y.requiresGrad).toBe(false);
  expect(device.memory().liveTensors).toBe(before + 1);
});
