/** Recorded steps, on the CPU and on WebGPU. */
import { afterAll, describe, expect, test } from 'vitest';

import {
  add,
  argmax,
  backward,
  crossEntropy,
  ctcLoss,
  Generator,
  IndexError,
  mul,
  openDevice,
  Random,
  RecordingError,
  reshape,
  sequenceMask,
  ShapeError,
  sum,
  tensor,
  zeros,
} from '../../src/index';
import type { Device, Tensor } from '../../src/index';
import { CRF, Dropout, Linear, LSTM, OneHot } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';

const devices: [string, Device][] = [
  ['cpu', await openDevice('cpu')],
  ['webgpu', await openDevice('webgpu')],
];
afterAll(() => {
  for (const [, device] of devices) device.dispose();
});

describe.each(devices)('%s', (_, device) => {
  /** A small model in training: ids of [3, 2] to the next ones. */
  function setUp() {
    const random = new Random(3);
    const generator = new Generator(device, 5);
    const source = new OneHot(4);
    const lstm = new LSTM(device, 4, 6, { random });
    const dropout = new Dropout(0.3, generator);
    const decoder = new Linear(device, 6, 4, { random });
    const optimizer = new Adam([
      ...lstm.namedParameters('lstm.'),
      ...decoder.namedParameters('decoder.'),
    ]);
    const ids = zeros(device, [3, 2], { dtype: 'i32' });
    const labels = zeros(device, [6], { dtype: 'i32' });
    const step = (): Tensor => {
      const { output } = lstm.run(source.asInput(ids));
      const logits = reshape(decoder.forward(dropout.forward(output)), [6, 4]);
      const loss = crossEntropy(logits, labels);
      backward(loss);
      optimizer.step({ maxNorm: 1 });
      optimizer.zeroGrad();
      return loss;
    };
    /** Ids of step i. */
    const window = (i: number): number[] => Array.from({ length: 6 }, (__, j) => (3 * i + j) % 4);
    return { generator, optimizer, ids, labels, step, window };
  }

  test('a replayed step gives the numbers of the step itself, on new inputs, rates and masks', async () => {
    const losses: number[][] = [];
    for (const recorded of [false, true]) {
      const { generator, optimizer, ids, labels, step, window } = setUp();
      const all: number[] = [];
      let replayed: ReturnType<typeof device.record<Tensor>> | undefined;
      for (let i = 0; i < 8; i++) {
        optimizer.lr = 0.01 * (i + 1);
        generator.advance();
        ids.write(window(i));
        let loss: Tensor;
        if (i < 1 || !recorded) {
          labels.write(window(i + 1));
          loss = step();
        } else if (!replayed) {
          labels.write(window(i + 1));
          replayed = device.record(step, [labels]);
          loss = replayed.result;
        } else {
          replayed.replay(window(i + 1));
          loss = replayed.result;
        }
        all.push(await loss.item());
      }
      losses.push(all);
      expect(new Set(all).size).toBe(8);
    }
    expect(losses[1]).toEqual(losses[0]);
  });

  test('a replay allocates nothing and gives its commands in one go', async () => {
    const { step } = setUp();
    step().dispose();
    const recorded = device.record(step);
    const { dispatches } = device.backend;
    recorded.replay();
    expect(device.backend.dispatches - dispatches).toBe(recorded.dispatches);
    const before = device.memory();
    for (let i = 0; i < (device.kind === 'cpu' ? 10_000 : 130); i++) {
      recorded.replay();
      if (i % 64 === 0) await device.finish();
    }
    expect(device.memory()).toEqual(before);
    expect(await recorded.result.item()).toBeLessThan(3);
  });

  test.each<[string, (x: Tensor) => unknown]>([
    ['reads a value', (x) => x.data()],
    ['waits', async (x) => sum(x).item()],
    ['takes a value from the host', () => tensor(device, [1], [1])],
    ['writes', (x) => x.write([1, 2])],
    ['records', (x) => device.record(() => sum(x))],
  ])('a step that %s cannot be recorded, and says so', (_what, body) => {
    const x = tensor(device, [1, 2], [2]);
    const { liveTensors } = device.memory();
    const record = () => {
      // A rejected read counts as well as a thrown one.
      let read: unknown;
      device.record(() => {
        read = body(x);
        return read instanceof Promise ? read : undefined;
      });
    };
    expect(record).toThrow(RecordingError);
    expect(device.memory().liveTensors).toBe(liveTensors);
    // And the device goes on.
    sum(x).dispose();
  });

  test('inputs of another shape, dtype or number, and ids out of range, are refused', async () => {
    const ids = zeros(device, [3], { dtype: 'i32' });
    const source = new OneHot(4);
    const recorded = device.record(() => sum(mul(source.forward(ids), 2)), [ids]);
    const others: [number[] | Tensor, new (...args: never[]) => Error, string][] = [
      [[1, 2], ShapeError, 'input 0 has 2 values; the step was recorded with shape [3]'],
      [zeros(device, [4], { dtype: 'i32' }), ShapeError, 'record another step'],
      [zeros(device, [3]), ShapeError, 'is f32'],
      [[0, 4, 0], IndexError, 'holds 4 at position 1'],
    ];
    for (const [value, error, message] of others) {
      expect(() => recorded.replay(value)).toThrow(error);
      expect(() => recorded.replay(value)).toThrow(message);
    }
    expect(() => recorded.replay([1, 2, 3], [1])).toThrow('2 values are given');
    expect(() => recorded.replay([0, 1.5, 0])).toThrow(
      'replay: input 0: 1.5 at position 1 is no i32',
    );
    recorded.replay(tensor(device, [0, 1, 3], [3], { dtype: 'i32' }));
    expect(await recorded.result.item()).toBe(6);
  });

  test('a replay that is refused leaves its inputs as they are', async () => {
    const i32 = { dtype: 'i32' } as const;
    const rate = tensor(device, [2], [1]);
    const whole = tensor(device, new Array<number>(66).fill(1), [66], i32);
    const ids = whole.view([2], 64);
    const other = tensor(device, [3, 3], [2], i32);
    const source = new OneHot(4);
    const weights = tensor(device, [1, 10, 100, 1000], [4]);
    const count = (of: Tensor): Tensor => sum(mul(source.forward(of), weights));
    const recorded = device.record(
      () => mul(add(count(ids), count(other)), rate),
      [rate, ids, other],
    );
    const made = argmax(tensor(device, [0, 1, 0, 0, 0, 1], [2, 3]), 1);
    const bad = tensor(device, [0, 4], [2], i32);
    for (const values of [
      [[5], [0, 2], [0, 4]],
      [[5], [0, 2], [0, 1.5]],
      [[5], made, bad],
      [tensor(device, [5], [1]), tensor(device, [0, 2], [2], i32), bad],
      [[5], [0, 7], other],
    ]) {
      expect(() => recorded.replay(...values)).toThrow(/holds [47] at position 1|is no i32/);
      expect([...whole.ids!.subarray(63), ...other.ids!]).toEqual([1, 1, 1, 3, 3]);
    }
    recorded.replay();
    expect(await recorded.result.item()).toBe(2 * (20 + 2000));
    recorded.replay([1], other, made); // The first of them before the other takes new ones.
    expect(await recorded.result.item()).toBe(2000 + 110);
  });

  test('ids that a kernel made are not taken for those that the host wrote before', async () => {
    const i32 = { dtype: 'i32' } as const;
    const source = new OneHot(4);
    const whole = tensor(device, new Array<number>(66).fill(0), [66], i32);
    const ids = whole.view([2], 64);
    const weights = tensor(device, [1, 10, 100, 1000], [4]);
    const recorded = device.record(() => sum(mul(source.forward(ids), weights)), [ids]);
    expect(() => recorded.replay([0, 7])).toThrow(IndexError);
    const made = argmax(tensor(device, [0, 1, 0, 0, 0, 1], [2, 3]), 1);
    recorded.replay(made);
    expect(await recorded.result.item()).toBe(110);
    expect([ids.ids, whole.ids]).toEqual([undefined, undefined]);
    recorded.replay(); // On those again.
    expect(await recorded.result.item()).toBe(110);
    // What the host writes is checked again. A part does not tell the others; the whole does.
    recorded.replay([1, 1]);
    expect([[...ids.ids!], whole.ids]).toEqual([[1, 1], undefined]);
    expect(() => recorded.replay([0, 7])).toThrow(/holds 7 at position 1/);
    recorded.replay(made);
    expect(ids.ids).toBeUndefined();
    whole.write(new Array<number>(66).fill(3));
    expect([...ids.ids!]).toEqual([3, 3]);
    expect(() => recorded.replay([7, 0])).toThrow(/holds 7 at position 0/);
  });

  test('lengths that a kernel made are not looked at, nor those that they replaced', async () => {
    const i32 = { dtype: 'i32' } as const;
    const logits = tensor(
      device,
      Array.from({ length: 15 }, (_, i) => Math.sin(i)),
      [5, 1, 3],
    );
    const targets = tensor(device, [1, 2], [1, 2], i32);
    const tags = tensor(device, [0, 1, 2, 0, 1], [5, 1], i32);
    const lengths = tensor(device, [1], [1], i32);
    const crf = new CRF(device, 3, { random: new Random(1) });
    const lossOf = (targetLengths: Tensor | number[]): Tensor =>
      ctcLoss(logits, targets, { inputLengths: [5], targetLengths });
    const recorded = device.record(
      () =>
        add(add(lossOf(lengths), sum(sequenceMask(lengths, 5))), crf.loss(logits, tags, lengths)),
      [lengths],
    );
    expect(() => recorded.replay([9])).toThrow(IndexError);
    recorded.replay(argmax(tensor(device, [0, 0, 1], [1, 3]), 1));
    const ctc = await lossOf([2]).item();
    const two = tensor(device, [2], [1], i32);
    const expected = ctc + 2 + (await crf.loss(logits, tags, two).item());
    expect(await recorded.result.item()).toBeCloseTo(expected, 4);
    // Outside of the step too, where the longest of them is as far as the loss goes.
    expect(await lossOf(lengths).item()).toBeCloseTo(ctc, 5);
    expect(() => recorded.replay([9])).toThrow(/holds 9 at position 0/);
  });

  test('a step whose tensors were freed is stale; one disposed gives its memory back', () => {
    const x = tensor(device, [1, 2], [2]);
    const recorded = device.record(() => sum(x));
    expect(recorded.stale).toBe(false);
    x.dispose();
    expect(recorded.stale).toBe(true);
    expect(() => recorded.replay()).toThrow(/was freed since.*record the step again/);
    recorded.result.dispose();
    recorded.dispose();
    expect(() => recorded.replay()).toThrow(RecordingError);
  });
});
