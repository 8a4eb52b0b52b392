/** Lengths of sequences as a tensor: what a list of them gives, and anew at every replay of a recorded step. */
import { describe, expect, test } from 'vitest';

import {
  add,
  argmax,
  ArgumentError,
  backward,
  detach,
  DeviceError,
  dispose,
  DTypeError,
  Generator,
  IndexError,
  mul,
  noGrad,
  openDevice,
  Random,
  reshape,
  scan,
  SequenceOrder,
  sequenceMask,
  ShapeError,
  slice,
  sum,
  tensor,
  zeros,
} from '../../src/index';
import type { Device, DType, LetheError, Tensor } from '../../src/index';
import { Embedding, LSTM } from '../../src/nn/index';
import { Adam } from '../../src/optim/index';
import { CELLS } from '../setup/cells';
import { expectClose } from '../setup/fixtures';
import { ARCHITECTURES, normalTensors, ROWS, thrown } from '../setup/nn_helpers';
import type { Called, Options } from '../setup/nn_helpers';
import { expectGradients } from '../setup/gradients';

const device = await openDevice('cpu');
const plain = await openDevice('cpu', { reference: true });
const [TIME, BATCH, INPUT, HIDDEN] = [6, 5, 3, 8];

const LENGTHS: readonly (readonly number[])[] = [
  [6, 5, 5, 2, 1],
  [2, 6, 4, 0, 3],
  [1, 3, 3, 4, 2],
  [0, 0, 5, 0, 0],
  [0, 0, 0, 0, 0],
  [6, 6, 6, 6, 6],
];

const ids = (values: readonly number[], on = device): Tensor =>
  tensor(on, values, undefined, { dtype: 'i32' });

/** Memory that is freed now is full of NaN when it is used again. */
function poison(on: Device, dtype: DType): void {
  const sizes = [8, 16, 24, 32, 64, 96, 128].map((width) => width * TIME * BATCH);
  for (const size of [...sizes, ...sizes.map((n) => n + HIDDEN * BATCH)]) {
    tensor(on, new Float64Array(size).fill(NaN), [size], { dtype }).dispose();
  }
}

/** Outputs, and gradients of a loss that weights every element of them. */
function step(layer: Called<LSTM>, x: Tensor, state: Tensor[], lengths: Tensor | number[]) {
  const { output, state: last } = layer.module.run(x, state, { lengths });
  const normal = normalTensors(x.device, x.dtype, 8);
  const outputs = [output, ...last];
  const kept = outputs.map(detach);
  const loss = outputs
    .map((part) => sum(mul(part, normal([...part.shape]))))
    .reduce((total, part) => add(total, part));
  backward(loss);
  return { outputs: kept, loss };
}

async function numbers(tensors: readonly Tensor[]): Promise<number[][]> {
  return Promise.all(tensors.map(async (part) => [...(await part.data())]));
}

const OPTIONS: readonly (readonly [string, Options])[] = [
  ['one layer', {}],
  ['two layers', { numLayers: 2 }],
  ['both directions', { numLayers: 2, bidirectional: true }],
  ['batch first', { numLayers: 2, batchFirst: true, bidirectional: true }],
  ['with dropout', { numLayers: 2, dropout: 0.4 }],
  ['without biases', { bias: false, bidirectional: true }],
  ['unrolled', { numLayers: 2, bidirectional: true, fused: false }],
];

const CASES = [
  ...ROWS.flatMap(({ name }) => OPTIONS.map(([what, options]) => ({ name, what, options }))),
  ...OPTIONS.map(([what, options]) => {
    const projected: Options = { ...options, projSize: 3 };
    return { name: 'LSTM', what: `projected, ${what}`, options: projected };
  }),
];

/** Whether rows of the batch go through `matmul`. */
const byMatmul = (options: Options): boolean => options.fused === false || 'projSize' in options;

describe.each([
  ['f64', plain, 'f64'],
  ['f32', device, 'f32'],
] as const)('%s', (_, on, dtype) => {
  test.each(CASES)('$name, $what: the bits of a list of lengths', async ({ name, options }) => {
    for (const lengths of LENGTHS) {
      const results: number[][][] = [];
      for (const given of [[...lengths], ids(lengths, on)]) {
        const random = new Random(3);
        const generator = new Generator(on, 5);
        const layer = ARCHITECTURES[name].layer(on, INPUT, HIDDEN, {
          ...{ dtype, random, ...('dropout' in options ? { generator } : {}), ...options },
        }) as Called<LSTM>;
        const normal = normalTensors(on, dtype);
        const places = options.batchFirst ? [BATCH, TIME] : [TIME, BATCH];
        const x = normal([...places, INPUT], true);
        const state = layer.module.zeroState(BATCH).map(({ shape }) => normal([...shape], true));
        poison(on, dtype);
        const { outputs } = step(layer, x, state, given);
        const leaves = [x, ...state, ...layer.module.parameters()];
        // A list of empty sequences computes nothing, and leaves no gradient.
        const gradients = leaves.map(({ grad, shape }) => grad ?? zeros(on, shape, { dtype }));
        results.push(await numbers([...outputs, ...gradients]));
        dispose([layer.module, generator, x, state, outputs, gradients]);
      }
      expect(results[1].flat().every(Number.isFinite)).toBe(true);
      // Of whole lengths a list is as none. By SIMD, `matmul` rounds otherwise where it has few rows.
      const bits =
        lengths.some((length) => length < TIME) && !(dtype === 'f32' && byMatmul(options));
      if (bits) expect(results[1]).toEqual(results[0]);
      results[1].forEach((list, i) => expectClose(list, results[0][i], { atol: 2e-5, rtol: 2e-5 }));
    }
  });
});

describe.each(ROWS)('$name', ({ layer, parts }) => {
  test.each([
    ['sorted', 4, { numLayers: 2 }, [4, 2, 1]],
    ['not sorted, shorter than x, an empty one among them', 4, { bidirectional: true }, [1, 3, 0]],
    ['unrolled', 4, { bidirectional: true, fused: false }, [1, 3, 0]],
    ['of one step', 1, { bidirectional: true }, [1, 0, 1]],
  ])('gradients of lengths that are %s', async (_, time, options, list) => {
    const before = device.memory().liveTensors;
    const all = { dtype: 'f64', ...options, random: new Random(3) };
    const { module, forward } = layer(device, 2, 3, all);
    const normal = normalTensors(device);
    const x = normal([time, 3, 2], true);
    const lengths = ids(list);
    const state = Array.from({ length: parts }, () => normal([module.cells.length, 3, 3], true));
    await expectGradients(
      (value, ...rest) => forward(value, rest.slice(0, parts), { lengths }),
      [x, ...state, ...module.parameters()],
    );
    dispose([x, state, module, lengths]);
    expect(device.memory().liveTensors).toBe(before);
  });

  test('padding changes no value and gets no gradient, though it holds NaN', async () => {
    const lengths = ids([2, 0, 3]);
    const results: number[][][] = [];
    for (const [padding, fused] of [0, NaN, Infinity].flatMap(
      (p) =>
        [
          [p, true],
          [p, false],
        ] as const,
    )) {
      const options = { numLayers: 2, bidirectional: true, random: new Random(3), fused };
      const called = layer(device, 1, HIDDEN, options) as Called<LSTM>;
      const values = Array.from({ length: 12 }, (_, i) =>
        Math.floor(i / 3) < lengths.ids![i % 3] ? i + 1 : padding,
      );
      const x = tensor(device, values, [4, 3, 1], { requiresGrad: true });
      const { outputs } = step(called, x, called.module.zeroState(3), lengths);
      const leaves = [x, ...called.module.parameters()];
      results.push(await numbers([...outputs, ...leaves.map(({ grad }) => grad!)]));
      const [y, dx] = [results.at(-1)![0], results.at(-1)![1 + parts]];
      expect(dx.map((value) => value !== 0)).toEqual(
        values.map((value) => value > 0 && value < 99),
      );
      expect(y.filter((value) => value !== 0)).toHaveLength(5 * 2 * HIDDEN);
    }
    expect(results.flat(2).every(Number.isFinite)).toBe(true);
    for (const i of [2, 4]) expect(results[i]).toEqual(results[0]);
    for (const i of [3, 5]) expect(results[i]).toEqual(results[1]);
  });
});

describe('a recorded step', () => {
  /** Training on batches of ids with lengths, as a step that can be recorded. */
  function setUp(options: Options) {
    const random = new Random(3);
    const source = new Embedding(device, 7, INPUT, { random });
    const lstm = new LSTM(device, INPUT, HIDDEN, { random, ...options });
    const optimizer = new Adam([...source.namedParameters('e.'), ...lstm.namedParameters('l.')]);
    const x = zeros(device, [TIME, BATCH], { dtype: 'i32' });
    const lengths = zeros(device, [BATCH], { dtype: 'i32' });
    const list: { current: readonly number[] | undefined } = { current: undefined };
    const step = (): { loss: Tensor; y: Tensor } => {
      const given = list.current ?? lengths;
      const { output, state } = lstm.run(source.asInput(x), undefined, { lengths: given });
      const mask = reshape(sequenceMask(lengths, TIME), [TIME, BATCH, 1]);
      const loss = add(sum(mul(output, mask)), sum(mul(state[0], state[0])));
      const y = detach(output);
      backward(loss);
      optimizer.step({ maxNorm: 1 });
      optimizer.zeroGrad();
      return { loss, y };
    };
    return { x, lengths, list, step };
  }

  const batches = LENGTHS.map((lengths, i) => ({
    x: Array.from({ length: TIME * BATCH }, (_, j) => (3 * i + j) % 7),
    lengths,
  }));

  test.each(OPTIONS.filter(([, { batchFirst, dropout }]) => !batchFirst && !dropout))(
    '%s: replays are steps on lists of the same lengths',
    async (_, options) => {
      const results: number[][][] = [];
      for (const recorded of [false, true]) {
        const { x, lengths, list, step } = setUp(options);
        const seen: number[][] = [];
        let replayed: ReturnType<typeof device.record<ReturnType<typeof step>>> | undefined;
        let memory: unknown;
        // Of empty sequences alone a list computes nothing, and of whole ones otherwise.
        for (const [i, batch] of [...batches.slice(0, 4), ...batches.slice(0, 4)].entries()) {
          if (!replayed || i % 2 === 0) {
            x.write(batch.x);
            lengths.write(batch.lengths);
          }
          if (!recorded) list.current = batch.lengths;
          const numbersOf = async ({ loss, y }: ReturnType<typeof step>): Promise<void> => {
            seen.push(...(await numbers([loss, y])));
          };
          if (!recorded || i === 0) {
            lengths.write(batch.lengths);
            x.write(batch.x);
            await numbersOf(step());
            continue;
          }
          poison(device, 'f32');
          if (!replayed) {
            x.write(batch.x);
            lengths.write(batch.lengths);
            replayed = device.record(step, [x, lengths]);
          } else if (i % 2 === 0) replayed.replay();
          else {
            const given = ids(batch.lengths);
            replayed.replay(batch.x, given);
            given.dispose();
          }
          await numbersOf(replayed.result);
          const { liveBytes, recordedBytes } = device.memory();
          if (i > 3)
            expect({ liveBytes, recordedBytes }).toEqual(memory ?? { liveBytes, recordedBytes });
          memory = { liveBytes, recordedBytes };
        }
        results.push(seen);
      }
      expect(results[1].flat().every(Number.isFinite)).toBe(true);
      if (!byMatmul(options)) expect(results[1]).toEqual(results[0]);
      results[1].forEach((values, i) =>
        expectClose(values, results[0][i], { atol: 1e-4, rtol: 1e-4 }),
      );
    },
  );

  test('lengths that are out of range are refused before a replay', () => {
    const { lengths, step } = setUp({});
    const recorded = device.record(step, [lengths]);
    for (const [at, wrong] of [7, -1].entries()) {
      const message = thrown(IndexError, () => recorded.replay([1, 2, 3, 4, 5].with(at, wrong)));
      expect(message).toContain(
        `LSTM: lengths holds ${wrong} at position ${at}; sequences have 0 to 6`,
      );
    }
    recorded.replay([1, 2, 3, 4, 5]);
    recorded.dispose();
  });
});

test('lengths that a kernel made are taken too', async () => {
  const lstm = new LSTM(device, INPUT, HIDDEN, { random: new Random(3) });
  const x = normalTensors(device, 'f32')([TIME, BATCH, INPUT]);
  // 0 to 4: where the largest is.
  const scores = tensor(device, [0, 0, 9, 0, 0, 1, 2, 1, 0, 0, 5, 0, 0, 0, 6], [5, 3]);
  const [y] = noGrad(() => lstm.forward(x, undefined, { lengths: argmax(scores, 1) }));
  const [expected] = noGrad(() => lstm.forward(x, undefined, { lengths: [2, 2, 0, 1, 2] }));
  expect(await numbers([y])).toEqual(await numbers([expected]));
});

describe('sequenceMask', () => {
  test.each(['f32', 'f64'] as const)('%s', async (dtype) => {
    const mask = sequenceMask(ids([2, 0, 3]), 4, dtype);
    expect(mask.shape).toEqual([4, 3]);
    expect(mask.dtype).toBe(dtype);
    expect([...(await mask.data())]).toEqual([1, 0, 1, 1, 0, 1, 0, 0, 1, 0, 0, 0]);
    expect(sequenceMask(ids([]), 4, dtype).shape).toEqual([4, 0]);
    expect(sequenceMask(ids([0]), 0, dtype).shape).toEqual([0, 1]);
  });

  test('is made anew at every replay', async () => {
    const lengths = ids([1, 2]);
    const recorded = device.record(() => sequenceMask(lengths, 2), [lengths]);
    expect([...(await recorded.result.data())]).toEqual([1, 1, 0, 1]);
    recorded.replay([2, 0]);
    expect([...(await recorded.result.data())]).toEqual([1, 0, 1, 0]);
  });
});

test.each([false, true])(
  'a scan by hand takes a SequenceOrder, batchFirst %s',
  async (batchFirst) => {
    const normal = normalTensors(device);
    const lengths = [1, 4, 2];
    const order = new SequenceOrder(ids(lengths), 5, { batchFirst });
    const x = normal([...(batchFirst ? [3, 5] : [5, 3]), 2], true);
    await expectGradients((value) => order.pad(order.pack(value)), [x]);
    const weights = { weight_ih: normal([4, 2]), weight_hh: normal([4, 4]) };
    const h0 = normal([1, 3, 4]);
    const packed = order.pack(x);
    expect(packed.shape).toEqual([15, 2]);
    const before = reshape(order.sort(h0), [3, 4]);
    const { output, state } = scan(CELLS.rnn, packed, weights, [before], { ragged: order });
    const y = order.pad(output);
    const last = order.unsort(reshape(state[0], [1, 3, 4]));
    for (const [b, length] of lengths.entries()) {
      const of = (all: Tensor): Tensor => {
        const own = slice(all, batchFirst ? 0 : 1, { start: b, end: b + 1 });
        return reshape(slice(own, batchFirst ? 1 : 0, { end: length }), [length, 1, -1]);
      };
      const h = (all: Tensor): Tensor => reshape(slice(all, 1, { start: b, end: b + 1 }), [1, 4]);
      const alone = scan(CELLS.rnn, of(x), weights, [h(h0)]);
      const [own, expected] = [
        await numbers([of(y), h(last)]),
        await numbers([alone.output, ...alone.state]),
      ];
      own.forEach((values, i) => expectClose(values, expected[i], { atol: 1e-12, rtol: 1e-10 }));
    }
  },
);

test.each<[string, new (message: string) => LetheError, RegExp, () => unknown]>([
  [
    'too long',
    IndexError,
    /LSTM: lengths holds 7 at position 1; sequences have 0 to 6 steps/,
    () => run([1, 7]),
  ],
  ['negative', IndexError, /LSTM: lengths holds -1 at position 0/, () => run([-1, 2])],
  ['too few', ShapeError, /LSTM: lengths has shape \[1\]; \[2\] is needed/, () => run([1])],
  ['floats', DTypeError, /LSTM: lengths is f32; pass them as tensor/, () => run(floats)],
  [
    'elsewhere',
    DeviceError,
    /LSTM: x lives on CPU.*, lengths on CPU/,
    () => run(ids([1, 2], plain)),
  ],
  [
    'of one sequence',
    ArgumentError,
    /is one sequence; leave them out/,
    () => lstm.forward(single, undefined, { lengths: ids([1]) }),
  ],
  [
    'no steps',
    ArgumentError,
    /sequenceMask: time = -1; an integer/,
    () => sequenceMask(ids([1]), -1),
  ],
  [
    'a mask of ids',
    DTypeError,
    /sequenceMask: dtype is i32/,
    () => sequenceMask(ids([1]), 1, 'i32'),
  ],
  ['too long a mask', IndexError, /sequenceMask: lengths holds 2/, () => sequenceMask(ids([2]), 1)],
  [
    'a matrix',
    ShapeError,
    /SequenceOrder: lengths has shape \[1, 1\]; \[batch\]/,
    () => new SequenceOrder(zeros(device, [1, 1], { dtype: 'i32' }), 1),
  ],
  [
    'an option',
    ArgumentError,
    /SequenceOrder: /,
    () => new SequenceOrder(ids([1]), 1, { batchfirst: true } as never),
  ],
])('%s is refused, and no kernel runs', (_, error, message, call) => {
  const { dispatches } = device.backend;
  expect(thrown(error, call)).toMatch(message);
  expect(device.backend.dispatches).toBe(dispatches);
});

const lstm = new LSTM(device, INPUT, HIDDEN);
const floats = zeros(device, [2]);
const single = zeros(device, [TIME, INPUT]);
const input = normalTensors(device, 'f32')([TIME, 2, INPUT]);
function run(lengths: number[] | Tensor): unknown {
  const given = Array.isArray(lengths) ? ids(lengths) : lengths;
  return lstm.forward(input, undefined, { lengths: given });
}
